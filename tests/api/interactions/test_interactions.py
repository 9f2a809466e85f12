"""Interactions over HTTP, as an integrator pushes them and a reviewer finds them."""

import json
import threading
import uuid

import pytest
from sqlalchemy import select, text

from qm.facts import rollups
from qm.interactions.models import Interaction
from qm.reviews.models import Review

PUSH = "/v1/clients/northwind/interactions"
WRITE = ("interactions:write", "interactions:read", "clients:read")


def interaction(external_id="T-1", **changes):
    return {
        "external_id": external_id,
        "channel": "chat",
        "started_at": "2026-11-02T09:00:00Z",
        "turns": [
            {"at": "2026-11-02T09:00:00Z", "speaker": "customer", "text": "My parcel is late."},
            {"at": "2026-11-02T09:01:00Z", "speaker": "agent", "text": "I will find it today."},
        ],
        **changes,
    }


def lines(*items):
    return b"\n".join(item if isinstance(item, bytes) else json.dumps(item).encode() for item in items)


@pytest.fixture
def api(provider):
    return provider.caller(*WRITE)


def push_bulk(api, body, kind="application/x-ndjson"):
    return api.post(f"{PUSH}/bulk", data=body, headers={"Content-Type": kind})


def test_a_new_interaction_is_created_and_then_updated_and_then_unchanged(api):
    answers = [
        api.post(PUSH, json=interaction()),
        api.post(PUSH, json=interaction(priority="urgent")),
        api.post(PUSH, json=interaction(priority="urgent")),
    ]

    assert [(each.status_code, each.json["status"]) for each in answers] == [
        (201, "created"),
        (200, "updated"),
        (200, "unchanged"),
    ]
    assert len({each.json["id"] for each in answers}) == 1


def test_pushed_interaction_is_returned_with_transcript(api):
    pushed = api.post(PUSH, json=interaction(tags=["vip"], custom={"order": "A-1"}, program="billing")).json

    shown = api.get(f"/v1/interactions/{pushed['id']}").json

    assert shown["turns"][1]["text"] == "I will find it today."
    assert (shown["program"], shown["tags"], shown["custom"]) == ("billing", ["vip"], {"order": "A-1"})
    assert shown["state"] in {"pending", "claimed", "scored"}


def test_personal_data_is_masked_before_it_is_stored(api, provider):
    words = "I am Olivia Flores, write to olivia@example.com, card 4111 1111 1111 1111"
    turns = [{"speaker": "customer", "text": words}]

    pushed = api.post(PUSH, json=interaction(turns=turns, redact=["Olivia Flores"])).json

    with provider.session() as session:
        row = session.execute(select(Interaction)).scalar_one()
    assert row.interaction_id == uuid.UUID(pushed["id"])
    assert row.turns[0]["text"] == "I am [NAME], write to [EMAIL], card [CARD]"
    assert "Olivia" not in str(vars(row))


def test_push_reports_all_validation_errors(api):
    turns = [{"speaker": "robot", "text": "hello"}]

    answer = api.post(
        PUSH, json=interaction(channel="pigeon", turns=turns, colour="red", started_at="yesterday")
    )

    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.json["errors"]} == {
        "/channel",
        "/turns/0/speaker",
        "/colour",
        "/started_at",
    }


def test_bulk_push_rejects_invalid_lines_and_stores_valid_lines(api):
    answer = push_bulk(
        api, lines(interaction("A"), b"{not json", interaction("B", channel="pigeon"), interaction("C"))
    )

    assert answer.status_code == 200
    assert [(line["line"], line["status"]) for line in answer.json["data"]] == [
        (1, "created"),
        (2, "rejected"),
        (3, "rejected"),
        (4, "created"),
    ]
    assert answer.json["data"][2]["errors"][0]["pointer"] == "/channel"
    assert (answer.json["created"], answer.json["rejected"]) == (2, 2)


def test_bulk_push_accepts_json_array(api):
    answer = push_bulk(api, json.dumps([interaction("A"), interaction("B")]).encode(), "application/json")

    assert answer.json["created"] == 2


def test_bulk_push_applies_duplicate_external_ids_in_order(api):
    answer = push_bulk(
        api, lines(interaction("A"), interaction("A", priority="low"), interaction("A", priority="low"))
    )

    assert [line["status"] for line in answer.json["data"]] == ["created", "updated", "unchanged"]
    shown = api.get(f"/v1/interactions/{answer.json['data'][0]['id']}").json
    assert shown["priority"] == "low"


def test_too_many_lines_are_refused_as_a_whole(api):
    answer = push_bulk(api, b"\n".join([b"{}"] * 5001))

    assert answer.status_code == 422
    assert api.get(PUSH).json["data"] == []


def test_bulk_push_of_other_media_type_returns_415(api):
    answer = push_bulk(api, b"a,b", "text/csv")

    assert answer.status_code == 415


def test_push_with_same_idempotency_key_is_replayed(api):
    first = api.post(PUSH, json=interaction(), headers={"Idempotency-Key": "k1"})
    second = api.post(PUSH, json=interaction(), headers={"Idempotency-Key": "k1"})

    assert (second.status_code, second.json) == (201, first.json)
    assert second.headers["Idempotent-Replayed"] == "true"


def test_two_bulk_pushes_of_the_same_ids_at_once_store_each_once(api, provider):
    body = lines(*(interaction(f"X-{number}") for number in range(200)))
    turned = lines(*(interaction(f"X-{number}", priority="high") for number in reversed(range(200))))
    answers = []
    threads = [
        threading.Thread(target=lambda body=body: answers.append(push_bulk(api, body)))
        for body in (body, turned) * 3
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.status_code for answer in answers] == [200] * 6
    with provider.session() as session:
        assert session.execute(
            text("select count(*), count(distinct external_id) from interactions")
        ).one() == (200, 200)


def test_events_update_outcome_and_return_interaction_to_pending(api, provider):
    pushed = api.post(PUSH, json=interaction(status=[{"at": "2026-11-02T09:00:00Z", "to": "open"}])).json
    events = [
        {"at": "2026-11-03T10:00:00Z", "kind": "csat", "value": 2},
        {"at": "2026-11-03T11:00:00Z", "kind": "resolved", "value": True},
    ]

    answer = api.post(f"/v1/interactions/{pushed['id']}/events", json={"events": events})

    shown = api.get(f"/v1/interactions/{pushed['id']}").json
    assert answer.status_code == 201
    assert len(answer.json["data"]) == 2
    assert shown["outcome"] == {"csat": 2, "resolved": True}
    assert [change["to"] for change in shown["status"]] == ["open", "resolved"]
    with provider.session() as session:
        assert session.execute(select(Interaction.revision, Interaction.state)).one() == (2, "pending")


def test_duplicate_event_is_ignored(api):
    pushed = api.post(PUSH, json=interaction()).json
    fact = {"at": "2026-11-03T10:00:00Z", "kind": "csat", "value": 2}
    path = f"/v1/interactions/{pushed['id']}/events"

    counts = [len(api.post(path, json=fact).json["data"]) for _ in range(2)]

    assert counts == [1, 0]


def test_event_outcome_takes_precedence_over_later_push(api):
    pushed = api.post(PUSH, json=interaction()).json
    api.post(
        f"/v1/interactions/{pushed['id']}/events",
        json={"at": "2026-11-03T10:00:00Z", "kind": "csat", "value": 5},
    )

    api.post(PUSH, json=interaction(outcome={"csat": 1, "nps": 3}))

    assert api.get(f"/v1/interactions/{pushed['id']}").json["outcome"] == {"csat": 5, "nps": 3}


def test_interaction_list_is_paged_newest_first_and_stable_under_inserts(api):
    push_bulk(
        api,
        lines(
            *(
                interaction(
                    f"P-{n}", started_at=f"2026-11-01T0{n}:00:00Z", turns=[{"speaker": "agent", "text": "x"}]
                )
                for n in range(5)
            )
        ),
    )

    first = api.get(f"{PUSH}?limit=2")
    push_bulk(api, lines(interaction("new")))
    second = api.get(f"{PUSH}?limit=2&cursor={first.json['next_cursor']}")

    assert [each["external_id"] for each in first.json["data"]] == ["P-4", "P-3"]
    assert [each["external_id"] for each in second.json["data"]] == ["P-2", "P-1"]
    assert 'rel="next"' in first.headers["Link"]


def test_interaction_list_applies_filters(api):
    push_bulk(
        api,
        lines(
            interaction("A", channel="email", program="billing"),
            interaction("B", agent={"external_id": "a-7"}),
        ),
    )

    def found(query):
        return [each["external_id"] for each in api.get(f"{PUSH}?{query}").json["data"]]

    assert found("channel=email") == ["A"]
    assert found("program=billing&channel=chat") == []
    assert found("agent=a-7") == ["B"]
    assert found("from=2026-11-02T09:00:00Z&to=2026-11-02T09:00:01Z&state=pending") == ["B", "A"]
    assert found("q=parcel+late") == ["B", "A"]
    assert found("q=unicorn") == []
    assert found("score_lt=50") == []


def test_interaction_list_reports_all_invalid_query_parameters(api):
    answer = api.get(f"{PUSH}?channel=pigeon&limit=0&from=soon&colour=red")

    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.json["errors"]} == {
        "/query/channel",
        "/query/limit",
        "/query/from",
        "/query/colour",
    }


def test_erase_deletes_interaction_and_records_audit_entry(api, provider):
    pushed = api.post(PUSH, json=interaction()).json

    answer = api.delete(f"/v1/interactions/{pushed['id']}")

    assert answer.status_code == 200
    assert api.get(f"/v1/interactions/{pushed['id']}").status_code == 404
    with provider.session() as session:
        assert rollups.rollup_differences(session, provider.clients["northwind"].client_id) == []
        assert session.scalars(select(Review)).all() == []
        actions = session.execute(
            text("select action from audit_entries order by number desc limit 1")
        ).scalar()
    assert actions == "interaction.erased"


def test_a_client_bound_integrator_does_not_see_the_other_client(provider):
    theirs = provider.caller(*WRITE)
    pushed = theirs.post(PUSH, json=interaction()).json
    bound = provider.caller(*WRITE, bound_to=("contoso",))

    answers = [
        bound.get(PUSH),
        bound.post(PUSH, json=interaction()),
        bound.get(f"/v1/interactions/{pushed['id']}"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_vcon_is_imported_with_its_deviations(api):
    document = {
        "uuid": "01890000-0000-7000-8000-000000000001",
        "created_at": "2026-11-02T09:00:00",
        "parties": [{"name": "Ana", "role": "agent"}, {"name": "Cy Customer", "role": "customer"}],
        "dialog": [{"type": "text", "start": "2026-11-02T09:00:00Z", "parties": 1, "body": "Where is it?"}],
    }

    answer = api.post(f"{PUSH}/import?format=vcon", json=document)

    assert answer.status_code == 200
    assert [(file["status"], file["external_id"]) for file in answer.json["data"]] == [
        ("created", "01890000-0000-7000-8000-000000000001")
    ]
    assert answer.json["data"][0]["deviations"]


def test_versions_of_versions_are_one_interaction_whenever_they_come(api):
    keys = [f"01890000-0000-7000-8000-00000000000{each}" for each in "1234"]
    stored = []
    for number, key in enumerate(keys):
        document = {
            "uuid": key,
            "created_at": "2026-11-02T09:00:00Z",
            "updated_at": f"2026-11-02T1{number}:00:00Z",
            "parties": [{"name": "Ana", "role": "agent"}, {"name": "Cy Customer", "role": "customer"}],
            "dialog": [
                {
                    "type": "text",
                    "start": "2026-11-02T09:00:00Z",
                    "parties": 1,
                    "body": f"Where is it? {number}",
                }
            ],
            **({"amended": {"uuid": keys[number - 1]}} if number else {}),
        }
        stored += api.post(f"{PUSH}/import?format=vcon", json=document).json["data"]

    assert [(each["status"], each["external_id"]) for each in stored] == [
        ("created", keys[0]),
        *[("updated", keys[0])] * 3,
    ]
    assert {each["id"] for each in stored} == {stored[0]["id"]}


def test_import_rejects_unknown_format(api):
    answer = api.post(f"{PUSH}/import?format=fax", json={})

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/query/format"
