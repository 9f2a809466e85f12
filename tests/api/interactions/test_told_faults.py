"""What is sent decides how many faults there are, never how large the answer is."""

import json

import pytest

from qm.interactions import bulk
from tenants.http import idempotency
from tenants.http.faults import MAX_TOLD, Fault, told
from tests.jobs.worker_processes import interaction

BULK = "/v1/clients/northwind/interactions/bulk"


@pytest.fixture
def caller(provider):
    return provider.caller()


def strange(number, names=450):
    return {**interaction(f"T-{number}"), **{f"unknown_{name}": name for name in range(names)}}


def push(caller, items, **options):
    body = "\n".join(json.dumps(item) for item in items)
    return caller.post(BULK, data=body, content_type="application/x-ndjson", **options)


def test_an_answer_tells_the_first_faults_and_how_many_more(caller):
    answer = caller.post("/v1/clients/northwind/interactions", json=strange(1))

    assert answer.status_code == 422
    assert answer.json["detail"] == "450 faults in the input."
    assert len(answer.json["errors"]) == MAX_TOLD + 1
    assert answer.json["errors"][-1] == {"pointer": "", "code": "more", "detail": "And 350 more."}


def test_a_line_tells_its_first_faults_and_how_many_more(caller):
    [line] = push(caller, [strange(1)]).json["data"]

    assert len(line["errors"]) == bulk.MAX_TOLD_A_LINE + 1
    assert line["errors"][-1]["detail"] == "And 440 more."


def test_many_bad_lines_make_no_large_answer_and_harm_no_good_one(caller):
    answer = push(caller, [*(strange(number, 40) for number in range(1000)), interaction("T-good")])

    assert len(answer.data) < 1_000_000
    assert (answer.json["rejected"], answer.json["created"]) == (1000, 1)
    assert all(line["errors"] for line in answer.json["data"][:-1])
    assert sum(len(line["errors"]) for line in answer.json["data"]) < bulk.MAX_TOLD_IN_ALL + 2 * 1000


@pytest.mark.parametrize("name", ["x" * 1_000_000, "é" * 500_000, "~/" * 300_000])
def test_long_names_are_not_repeated_in_full(caller, name):
    single = caller.post("/v1/clients/northwind/interactions", json={**interaction("T-1"), name: 1})
    many = push(caller, [{**interaction("T-1"), name: 1}, {**interaction("T-1"), "external_id": name}])
    query = caller.get("/v1/clients/northwind/interactions", query_string={name[:4000]: "1"})

    assert (single.status_code, many.status_code, query.status_code) == (422, 200, 422)
    assert max(len(single.data), len(many.data), len(query.data)) < 5_000


def test_deviations_of_imported_documents_are_bounded_too(caller):
    dialogs = [{"type": "text", "start": "never", "parties": [9], "body": "x", "x" * 90: 1}] * 2_000
    vcon = {
        "vcon": "0.0.2",
        "uuid": "u",
        "created_at": "2026-01-01T00:00:00Z",
        "parties": [],
        "dialog": dialogs,
    }
    answer = caller.post(
        "/v1/clients/northwind/interactions/import?format=vcon",
        data="\n".join([json.dumps(vcon)] * 20),
        content_type="application/x-ndjson",
    )

    assert answer.status_code == 200
    assert len(answer.data) < 100_000


def test_an_answer_too_large_to_keep_is_not_kept_and_its_request_not_done_twice(caller, monkeypatch):
    monkeypatch.setattr(idempotency, "MAX_STORED_BYTES", 100)
    headers = {"Idempotency-Key": "k-1"}
    first = push(caller, [interaction("T-1")], headers=headers)
    second = push(caller, [interaction("T-1")], headers=headers)

    assert first.status_code == 200
    assert (second.status_code, second.json["code"]) == (409, "answer_not_kept")


@pytest.mark.parametrize("count", [0, 1, MAX_TOLD, MAX_TOLD + 1])
def test_told_counts_what_it_leaves_out(count):
    listed = told([Fault(f"/{number}", "x", "y") for number in range(count)])

    assert len(listed) == min(count, MAX_TOLD + 1)
    assert [fault.detail for fault in listed if fault.code == "more"] == ["And 1 more."] * (count > MAX_TOLD)
