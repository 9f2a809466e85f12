"""Definitions over HTTP: lifecycle, permissions, conditional requests and validation errors."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

NORTHWIND = "/v1/clients/northwind"
VOICE = {"tone": ["warm"], "banned": [{"clause": "BV-7", "phrase": "per our policy"}]}
SLA = {"rules": [{"key": "everything", "targets": {"first_response": "4h"}}]}
SAMPLING = {"base_rate": 0.05, "terms": [{"when": "critical", "rate": 0.5}]}
PLAYBOOK = {
    "name": "Late delivery",
    "trigger": {"intents": ["late_delivery"]},
    "steps": [{"key": "acknowledge", "phrases": ["sorry for the delay"]}],
}
SINGLES = [("brand-voice", VOICE), ("sla-policy", SLA), ("sampling-policy", SAMPLING)]
ALL = [*SINGLES, ("playbooks/late_delivery", PLAYBOOK)]


def card(key="own", **more):
    question = {"key": "read_back", "text": "Was the order read back?", "kind": "yes_no"}
    sections = [{"key": "process", "questions": [question]}]
    return {"key": key, "name": "Own", "sections": sections, **more}


def faults(answer):
    assert answer.status_code == 422, answer.text
    assert answer.mimetype == "application/problem+json"
    return {(fault["pointer"], fault["code"]) for fault in answer.json["errors"]}


@pytest.fixture
def manager(provider):
    return provider.caller("definitions:read", "definitions:write")


@pytest.fixture
def published(manager):
    manager.post(f"{NORTHWIND}/scorecards", json=card())
    answer = manager.post(f"{NORTHWIND}/scorecards/own/publish")
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize(("path", "body"), ALL)
def test_put_definition_is_published_and_returned_unchanged(manager, path, body):
    made = manager.put(f"{NORTHWIND}/{path}", json=body)
    read = manager.get(f"{NORTHWIND}/{path}")

    assert made.status_code == 201, made.text
    assert (read.status_code, read.json) == (200, made.json)
    assert read.json["state"] == "published"
    assert body.items() <= read.json["body"].items()


@pytest.mark.parametrize(("path", "body"), ALL)
def test_put_identical_definition_creates_no_new_version(manager, path, body):
    manager.put(f"{NORTHWIND}/{path}", json=body)
    again = manager.put(f"{NORTHWIND}/{path}", json=body)

    assert (again.status_code, again.json["version"]) == (200, 1)


@pytest.mark.parametrize(("path", "_"), ALL)
def test_get_undefined_definition_returns_404(manager, path, _):
    assert manager.get(f"{NORTHWIND}/{path}").status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "change"),
    [
        ("brand-voice", VOICE, {"formality": "formal"}),
        ("sla-policy", SLA, {"rules": [{**SLA["rules"][0], "goal": 0.8}]}),
        ("sampling-policy", SAMPLING, {"floor": 0.4}),
        ("playbooks/late_delivery", PLAYBOOK, {"ordered": True}),
    ],
)
def test_a_stale_entity_tag_stops_a_put(manager, path, body, change):
    seen = manager.put(f"{NORTHWIND}/{path}", json=body).headers["ETag"]
    first = manager.put(f"{NORTHWIND}/{path}", json={**body, **change}, headers={"If-Match": seen})
    second = manager.put(f"{NORTHWIND}/{path}", json=body, headers={"If-Match": seen})

    assert first.status_code == 200, first.text
    assert second.status_code == 412


def test_put_with_if_match_star_returns_412_for_missing_definition(manager):
    answer = manager.put(f"{NORTHWIND}/brand-voice", json=VOICE, headers={"If-Match": "*"})

    assert answer.status_code == 412


def test_get_with_matching_if_none_match_returns_304(manager):
    tag = manager.put(f"{NORTHWIND}/brand-voice", json=VOICE).headers["ETag"]

    answer = manager.get(f"{NORTHWIND}/brand-voice", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data) == (304, b"")


def test_an_earlier_version_can_be_read_by_its_number(manager):
    manager.put(f"{NORTHWIND}/brand-voice", json=VOICE)
    manager.put(f"{NORTHWIND}/brand-voice", json={"tone": ["plain"]})

    answer = manager.get(f"{NORTHWIND}/brand-voice?version=1")
    assert answer.json["body"] == VOICE
    assert answer.json["effective_to"] is not None


def test_put_accepts_future_effective_from(manager):
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    manager.put(f"{NORTHWIND}/brand-voice", json=VOICE)
    query = {"effective_from": later}
    answer = manager.put(f"{NORTHWIND}/brand-voice", json={"tone": ["plain"]}, query_string=query)

    assert answer.status_code == 200
    assert datetime.fromisoformat(answer.json["effective_from"]) == datetime.fromisoformat(later)


def test_put_rejects_effective_from_before_version_in_force(manager):
    manager.put(f"{NORTHWIND}/brand-voice", json=VOICE)
    manager.put(f"{NORTHWIND}/brand-voice", json={"tone": ["plain"]})
    query = {"effective_from": "2001-01-01T00:00:00Z"}
    answer = manager.put(f"{NORTHWIND}/brand-voice", json=VOICE, query_string=query)

    assert faults(answer) == {("/query/effective_from", "before_previous")}


@pytest.mark.parametrize(
    "moment",
    [
        "soon",
        "2026-01-01T00:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-13-01T00:00:00Z",
        "\x00",
        "1969-12-31T23:59:59Z",
    ],
)
def test_put_rejects_invalid_effective_from(manager, moment):
    answer = manager.put(f"{NORTHWIND}/brand-voice", json=VOICE, query_string={"effective_from": moment})

    assert {pointer for pointer, _ in faults(answer)} == {"/query/effective_from"}


def test_put_reports_all_schema_errors_with_pointers(manager):
    body = {
        "tone": "warm",
        "formality": "posh",
        "reading_level": 99,
        "banned": [{"phrase": ""}],
        "colour": "red",
    }
    found = faults(manager.put(f"{NORTHWIND}/brand-voice", json=body))

    assert found >= {
        ("/tone", "wrong_type"),
        ("/formality", "unknown_choice"),
        ("/reading_level", "out_of_range"),
        ("/banned/0/clause", "required"),
        ("/colour", "unknown_field"),
    }


def test_put_reports_all_semantic_errors_with_pointers(manager):
    body = {**PLAYBOOK, "trigger": {}, "steps": [], "discretion": [{"key": "goodwill", "limit": -1}]}
    found = faults(manager.put(f"{NORTHWIND}/playbooks/late_delivery", json=body))

    assert found == {
        ("/trigger", "empty_trigger"),
        ("/steps", "no_steps"),
        ("/discretion/0/limit", "negative"),
        ("/discretion/0/currency", "limit_without_currency"),
        ("/discretion/0/phrases", "no_phrases"),
    }


def test_put_rejects_body_key_that_differs_from_url_key(manager):
    answer = manager.put(f"{NORTHWIND}/playbooks/late_delivery", json={**PLAYBOOK, "key": "refund"})

    assert faults(answer) == {("/key", "other_key")}


@pytest.mark.parametrize("key", ["Late", "late-delivery", "%00", "a" * 65, "%F0%9F%A6%8A", "late%0A"])
def test_malformed_key_returns_422_on_put_and_404_elsewhere(manager, key):
    refused = faults(manager.put(f"{NORTHWIND}/playbooks/{key}", json=PLAYBOOK))
    assert {pointer for pointer, _ in refused} == {"/key"}
    assert manager.get(f"{NORTHWIND}/playbooks/{key}").status_code == 404
    assert manager.get(f"{NORTHWIND}/scorecards/{key}/versions").status_code == 404
    assert manager.post(f"{NORTHWIND}/scorecards/{key}/retire").status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "99999999999", "1.5", "9" * 5000, "x"])
def test_an_impossible_version_number_is_refused(manager, number):
    answer = manager.get(f"{NORTHWIND}/brand-voice?version={number}")

    assert {pointer for pointer, _ in faults(answer)} == {"/query/version"}


def test_put_playbook_from_template_uses_url_key(manager):
    answer = manager.put(f"{NORTHWIND}/playbooks/our_delays", json={"template": "late_delivery"})

    assert answer.status_code == 201, answer.text
    assert answer.json["body"]["key"] == "our_delays"
    assert answer.json["body"]["steps"]


def test_playbook_list_is_paginated_without_deleted_playbooks(manager):
    for key in ("a", "b", "c", "d"):
        manager.put(f"{NORTHWIND}/playbooks/{key}", json=PLAYBOOK)
    manager.delete(f"{NORTHWIND}/playbooks/b")
    first = manager.get(f"{NORTHWIND}/playbooks?limit=2")
    second = manager.get(first.headers["Link"].split(">")[0][1:])

    assert [each["key"] for each in first.json["data"]] == ["a", "c"]
    assert [each["key"] for each in second.json["data"]] == ["d"]
    assert second.json["next_cursor"] is None


def test_a_deleted_playbook_is_gone_but_can_be_made_again(manager):
    manager.put(f"{NORTHWIND}/playbooks/late_delivery", json=PLAYBOOK)
    gone = manager.delete(f"{NORTHWIND}/playbooks/late_delivery")

    assert (gone.status_code, gone.data) == (204, b"")
    assert manager.get(f"{NORTHWIND}/playbooks/late_delivery").status_code == 404
    assert manager.delete(f"{NORTHWIND}/playbooks/late_delivery").status_code == 404
    again = manager.put(f"{NORTHWIND}/playbooks/late_delivery", json=PLAYBOOK)
    assert (again.status_code, again.json["version"]) == (201, 2)


def test_a_stale_entity_tag_stops_a_delete(manager):
    manager.put(f"{NORTHWIND}/playbooks/late_delivery", json=PLAYBOOK)
    answer = manager.delete(f"{NORTHWIND}/playbooks/late_delivery", headers={"If-Match": '"other"'})

    assert answer.status_code == 412


def test_a_sampling_policy_warns_when_its_base_rate_is_too_low(manager):
    manager.put(f"{NORTHWIND}/sampling-policy", json=SAMPLING)
    low = manager.put(f"{NORTHWIND}/sampling-policy", json={**SAMPLING, "base_rate": 0.01})

    assert [warning["code"] for warning in low.json["warnings"]] == ["below_floor"]
    assert manager.get(f"{NORTHWIND}/sampling-policy?version=1").json["warnings"] == []


def test_scorecard_lifecycle_from_draft_to_retired(manager):
    made = manager.post(f"{NORTHWIND}/scorecards", json=card(pass_mark=400))
    assert (made.status_code, made.json["state"], made.json["version"]) == (201, "draft", 1)
    assert manager.get(made.headers["Location"]).json == made.json

    checked = manager.post(f"{NORTHWIND}/scorecards/own/validate").json
    assert (checked["valid"], [fault["pointer"] for fault in checked["errors"]]) == (False, ["/pass_mark"])
    refused = manager.post(f"{NORTHWIND}/scorecards/own/publish")
    assert faults(refused) == {("/pass_mark", "above_maximum")}

    saved = manager.put(f"{NORTHWIND}/scorecards/own", json=card(pass_mark=70))
    assert (saved.status_code, saved.json["version"]) == (200, 1)
    assert manager.post(f"{NORTHWIND}/scorecards/own/validate").json["valid"] is True
    first = manager.post(f"{NORTHWIND}/scorecards/own/publish", json={})
    assert (first.json["state"], first.json["effective_from"][:4]) == ("published", "1970")

    manager.put(f"{NORTHWIND}/scorecards/own", json=card(pass_mark=80))
    assert manager.get(f"{NORTHWIND}/scorecards/own").json["state"] == "draft"
    assert manager.get(f"{NORTHWIND}/scorecards/own?state=published").json["version"] == 1
    second = manager.post(f"{NORTHWIND}/scorecards/own/publish")
    assert second.json["version"] == 2

    retired = manager.post(f"{NORTHWIND}/scorecards/own/retire")
    assert (retired.status_code, retired.json["state"]) == (200, "retired")
    assert manager.get(f"{NORTHWIND}/scorecards/own?state=published").status_code == 404
    listed = manager.get(f"{NORTHWIND}/scorecards/own/versions").json["data"]
    assert [(each["version"], each["state"]) for each in listed] == [(2, "retired"), (1, "published")]


def test_publish_accepts_future_effective_from(manager, published):
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    manager.put(f"{NORTHWIND}/scorecards/own", json=card(pass_mark=80))
    answer = manager.post(f"{NORTHWIND}/scorecards/own/publish", json={"effective_from": later})

    assert datetime.fromisoformat(answer.json["effective_from"]) == datetime.fromisoformat(later)
    assert manager.get(f"{NORTHWIND}/scorecards/own?version=1").json["effective_to"] == later


def test_put_corrects_an_sla_policy_for_the_past(manager):
    for hours in (1, 2):
        body = {"rules": [{"key": "all", "targets": {"resolution": f"{hours}h"}}]}
        manager.put(f"{NORTHWIND}/sla-policy", json=body)
    body = {"rules": [{"key": "all", "targets": {"resolution": "3h"}}]}
    query = {"effective_from": "2026-11-02T00:00:00+11:00"}
    answer = manager.put(f"{NORTHWIND}/sla-policy", json=body, query_string=query)

    assert (answer.status_code, answer.json["version"]) == (200, 3)
    replaced = manager.get(f"{NORTHWIND}/sla-policy?version=2").json
    assert (replaced["state"], replaced["effective_to"]) == ("retired", replaced["effective_from"])
    assert manager.get(f"{NORTHWIND}/sla-policy").json["version"] == 3


def test_publish_rejects_effective_from_before_previous_version(manager, published):
    manager.put(f"{NORTHWIND}/scorecards/own", json=card(pass_mark=80))
    answer = manager.post(
        f"{NORTHWIND}/scorecards/own/publish", json={"effective_from": "1970-01-01T00:00:00Z"}
    )

    assert faults(answer) == {("/effective_from", "before_previous")}


@pytest.mark.parametrize("action", ["publish", "retire"])
def test_publish_or_retire_of_retired_scorecard_returns_409(manager, published, action):
    manager.post(f"{NORTHWIND}/scorecards/own/retire")

    answer = manager.post(f"{NORTHWIND}/scorecards/own/{action}")
    assert answer.status_code == 409
    assert answer.json["code"] in {"no_draft", "not_in_force"}


def test_a_scorecard_is_made_only_once(manager):
    manager.post(f"{NORTHWIND}/scorecards", json=card())
    answer = manager.post(f"{NORTHWIND}/scorecards", json=card())

    assert (answer.status_code, answer.json["code"]) == (409, "key_taken")


def test_a_put_makes_a_scorecard_too(manager):
    answer = manager.put(f"{NORTHWIND}/scorecards/service", json={"template": "empathy"})

    assert (answer.status_code, answer.json["key"]) == (201, "service")
    assert answer.json["body"]["key"] == "service"
    assert manager.put(f"{NORTHWIND}/scorecards/service", json={"template": "empathy"}).status_code == 200


def test_second_draft_edit_with_stale_etag_returns_412(manager):
    seen = manager.post(f"{NORTHWIND}/scorecards", json=card()).headers["ETag"]
    first = manager.put(f"{NORTHWIND}/scorecards/own", json=card(pass_mark=70), headers={"If-Match": seen})
    second = manager.put(f"{NORTHWIND}/scorecards/own", json=card(pass_mark=80), headers={"If-Match": seen})

    assert (first.status_code, second.status_code) == (200, 412)
    assert first.headers["ETag"] != seen


def test_scorecards_are_listed_with_their_newest_version(manager, published):
    manager.post(f"{NORTHWIND}/scorecards", json=card("another"))
    manager.put(f"{NORTHWIND}/scorecards/own", json=card(pass_mark=80))

    def listed(query=""):
        data = manager.get(f"{NORTHWIND}/scorecards{query}").json["data"]
        return [(each["key"], each["version"], each["state"]) for each in data]

    assert listed() == [("another", 1, "draft"), ("own", 2, "draft")]
    assert listed("?state=published") == [("own", 1, "published")]
    assert listed("?limit=1") == [("another", 1, "draft")]


def test_a_post_repeated_with_its_idempotency_key_is_done_once(manager):
    headers = {"Idempotency-Key": "one"}
    first = manager.post(f"{NORTHWIND}/scorecards", json=card(), headers=headers)
    second = manager.post(f"{NORTHWIND}/scorecards", json=card(), headers=headers)

    assert (second.status_code, second.json) == (201, first.json)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize(("path", "body"), ALL)
def test_read_scope_cannot_write_definitions(provider, path, body):
    reader = provider.caller("definitions:read")

    assert reader.put(f"{NORTHWIND}/{path}", json=body).status_code == 403


def test_client_bound_credential_gets_404_for_other_client(provider):
    bound = provider.caller("definitions:read", "definitions:write", bound_to=("northwind",))

    assert bound.put(f"{NORTHWIND}/brand-voice", json=VOICE).status_code == 201
    assert bound.put("/v1/clients/contoso/brand-voice", json=VOICE).status_code == 404
    assert bound.get("/v1/clients/contoso/brand-voice").status_code == 404


def test_definitions_of_other_provider_return_404(make_provider, provider, manager):
    manager.put(f"{NORTHWIND}/brand-voice", json=VOICE)
    stranger = make_provider("northwind")
    caller = stranger.caller("definitions:read", "definitions:write")

    assert caller.get(f"{NORTHWIND}/brand-voice").status_code == 404
    assert caller.get(f"/v1/clients/{provider.clients['northwind'].client_id}/brand-voice").status_code == 404


def test_a_client_is_found_by_its_id_too(provider, manager):
    manager.put(f"{NORTHWIND}/brand-voice", json=VOICE)

    answer = manager.get(f"/v1/clients/{provider.clients['northwind'].client_id}/brand-voice")
    assert answer.status_code == 200


def test_a_body_of_another_media_type_is_not_read(manager):
    answer = manager.put(f"{NORTHWIND}/brand-voice", data="tone: [warm]", content_type="text/plain")

    assert answer.status_code == 415


@pytest.mark.parametrize("body", [b"[]", b'"warm"', b"null"])
def test_put_rejects_json_that_is_no_object(manager, body):
    answer = manager.put(f"{NORTHWIND}/brand-voice", data=body, content_type="application/json")

    assert faults(answer)


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"tone": ["\\ud800"]}', b"[" * 5000])
def test_put_rejects_a_body_that_is_no_json(manager, body):
    answer = manager.put(f"{NORTHWIND}/brand-voice", data=body, content_type="application/json")

    assert (answer.status_code, len(answer.json["errors"])) == (400, 1)


@pytest.mark.parametrize("value", [10**400, -(10**30), 1e308, "NaN", True, None])
def test_put_rejects_invalid_base_rate(manager, value):
    answer = manager.put(f"{NORTHWIND}/sampling-policy", json={"base_rate": value})

    assert {pointer for pointer, _ in faults(answer)} == {"/base_rate"}


def test_concurrent_puts_get_distinct_version_numbers(provider):
    callers = [provider.caller("definitions:write") for _ in range(4)]
    start = threading.Barrier(4)

    def put(number):
        start.wait()
        client = provider.http.application.test_client()
        headers = {"Authorization": f"Bearer {callers[number].key}"}
        return client.put(f"{NORTHWIND}/brand-voice", json={"tone": [f"tone {number}"]}, headers=headers)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(put, range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert sorted(answer.json["version"] for answer in answers) == [1, 2, 3, 4]


def test_differences_of_scorecard_versions_by_name(manager, published):
    question = {"key": "read_back", "text": "Was it read back?", "kind": "yes_no"}
    changed = card(sections=[{"key": "process", "questions": [question]}])
    address = f"{NORTHWIND}/scorecards/own/differences"
    same = manager.get(address).json
    manager.put(f"{NORTHWIND}/scorecards/own", json=changed)

    found = manager.get(address).json
    back = manager.get(f"{address}?version=1&against=2").json

    path = ["sections", "process", "questions", "read_back", "text"]
    before, after = "Was the order read back?", "Was it read back?"
    assert same == {"version": 1, "against": 1, "differences": []}
    assert (found["version"], found["against"]) == (2, 1)
    assert found["differences"] == [{"path": path, "kind": "changed", "before": before, "after": after}]
    assert back["differences"] == [{"path": path, "kind": "changed", "before": after, "after": before}]
    assert manager.get(f"{address}?against=9").status_code == 404
