"""What is pushed again is seen to be unchanged before anything is masked."""

import json

import pytest

from qm.interactions import intake
from qm.interactions.masked_digests import MaskedDigests
from tests.jobs.worker_processes import interaction

PUSH = "/v1/clients/northwind/interactions"


@pytest.fixture
def caller(provider):
    return provider.caller()


@pytest.fixture
def masked(monkeypatch):
    """The external ids of what was masked; a count of calls, everything else is as it is."""
    seen = []
    real = intake.redact_interaction
    monkeypatch.setattr(
        intake, "redact_interaction", lambda given: seen.append(given["external_id"]) or real(given)
    )
    return seen


def push(caller, *items):
    body = "\n".join(map(json.dumps, items))
    answer = caller.post(f"{PUSH}/bulk", data=body, content_type="application/x-ndjson").json
    return [line["status"] for line in answer["data"]]


def test_what_is_pushed_again_is_unchanged_and_not_masked_again(caller, masked):
    one, other = interaction("T-1"), interaction("T-2")
    assert push(caller, one, other) == ["created", "created"]
    assert push(caller, one, other) == ["unchanged", "unchanged"]
    assert caller.post(PUSH, json=one).json["status"] == "unchanged"
    assert masked == ["T-1", "T-2"]


def test_what_changed_is_masked_and_stored(caller, masked):
    one = interaction("T-1")
    changed = {**one, "intent": "refund"}
    assert push(caller, one) == ["created"]
    assert push(caller, changed) == ["updated"]
    assert push(caller, one) == ["updated"]
    assert push(caller, one) == ["unchanged"]
    assert masked == ["T-1", "T-1", "T-1"]


def test_of_several_with_one_id_in_a_push_the_last_is_stored(caller):
    one = interaction("T-1")
    changed = {**one, "intent": "refund"}
    push(caller, one)
    push(caller, changed)
    assert push(caller, one, changed, one) == ["updated", "updated", "updated"]
    found = caller.get(f"{PUSH}?external_id=T-1").json["data"][0]
    assert found["intent"] is None


def test_what_another_client_or_provider_pushed_is_not_taken_for_ones_own(caller, make_provider):
    one = interaction("T-1")
    push(caller, one)
    again = caller.post("/v1/clients/contoso/interactions", json=one)
    assert again.json["status"] == "created"
    assert push(make_provider("northwind").caller(), one) == ["created"]


def test_what_was_erased_is_stored_anew(caller):
    one = interaction("T-1")
    push(caller, one)
    identity = caller.get(f"{PUSH}?external_id=T-1").json["data"][0]["id"]
    assert caller.delete(f"/v1/interactions/{identity}").status_code == 200
    assert push(caller, one) == ["created"]


def test_memory_is_bounded_and_the_longest_unused_are_dropped():
    kept = MaskedDigests(max_kept=2)
    keys = [kept.key_of(bytes([number])) for number in range(3)]
    kept.keep(keys[0], b"0")
    kept.keep(keys[1], b"1")
    kept.get(keys[0])
    kept.keep(keys[2], b"2")
    assert [kept.get(key) for key in keys] == [b"0", None, b"2"]


def test_the_same_text_has_another_key_in_another_process():
    assert MaskedDigests().key_of(b"x") != MaskedDigests().key_of(b"x")
