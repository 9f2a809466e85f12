"""Lists in the order of change, their filters, and addresses by the sender's own id."""

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

PUSH = "/v1/clients/northwind/interactions"
LONG_AGO = "2026-01-01T00:00:00Z"


def interaction(external_id="T-1", **changes):
    return {
        "external_id": external_id,
        "channel": "chat",
        "started_at": "2026-11-02T09:00:00Z",
        "turns": [{"speaker": "customer", "text": "My parcel is late."}],
        **changes,
    }


@pytest.fixture
def api(provider):
    return provider.caller()


def push(api, *pushed):
    for body in pushed:
        assert api.post(PUSH, json=body).status_code in {200, 201}


def pages(api, path, **filters):
    """Return each page's items; a filter that is None is left out."""
    cursor = None
    while True:
        query = {name: value for name, value in {**filters, "cursor": cursor}.items() if value is not None}
        page = api.get(path, query_string=query).json
        yield page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def changed(api, since=LONG_AGO, **filters):
    found = pages(api, PUSH, updated_since=since, **filters)
    return [each for page in found for each in page]


def ids(items):
    return [each["external_id"] for each in items]


FILTERS = [
    ("customer", "c-1", {"customer": {"external_id": "c-1"}}),
    ("queue", "orders", {"queue": "orders"}),
    ("team", "Evening", {"agent": {"external_id": "a-1", "team": "Evening"}}),
    ("agent", "a-1", {"agent": {"external_id": "a-1"}}),
    ("tag", "vip", {"tags": ["late", "vip"]}),
    ("csat", 2, {"outcome": {"csat": 2}}),
    ("language", "pt-BR", {"language": "pt-BR"}),
    ("priority", "urgent", {"priority": "urgent"}),
    ("program", "billing", {"program": "billing"}),
    ("channel", "email", {"channel": "email"}),
]


@pytest.mark.parametrize(("name", "value", "has"), FILTERS, ids=[each[0] for each in FILTERS])
@pytest.mark.parametrize("since", [None, LONG_AGO], ids=["newest first", "by change"])
def test_a_filter_finds_what_has_it_and_nothing_else(api, name, value, has, since):
    push(api, interaction("other"), interaction("wanted", **has))
    found = [each for page in pages(api, PUSH, updated_since=since, **{name: value}) for each in page]

    assert ids(found) == ["wanted"]


def test_the_filter_by_satisfaction_takes_what_was_said_last(api):
    push(api, *(interaction(name, outcome={"csat": 2}) for name in ("later", "earlier", "at once", "pushed")))
    for name, at, value in [
        ("later", "2026-11-02T10:00:00Z", 5),
        ("earlier", "2026-11-02T08:58:00Z", 5),
        ("at once", "2026-11-02T09:00:00Z", 5),
    ]:
        event = {"at": at, "kind": "csat", "value": value}
        assert api.post(f"{PUSH}/by-external-id/{quote(name)}/events", json=event).status_code == 201

    assert sorted(ids(changed(api, csat=5))) == ["at once", "later"]
    assert sorted(ids(changed(api, csat=2))) == ["earlier", "pushed"]


def test_what_changes_moves_to_the_end_of_the_list(api):
    push(api, interaction("T-1"), interaction("T-2"))
    first = changed(api)
    push(api, interaction("T-1", priority="urgent"))
    since = first[-1]["changed_at"]

    assert ids(first) == ["T-1", "T-2"]
    assert ids(changed(api)) == ["T-2", "T-1"]
    assert ids(changed(api, since)) == ["T-2", "T-1"]


def test_a_later_fact_and_a_result_are_changes_and_a_claim_is_none(api, provider):
    push(api, interaction())
    [before] = changed(api)

    def after(statement):
        with provider.session() as session:
            session.execute(text(statement))
        return changed(api)[0]["changed_at"]

    claimed = after("update interactions set state = 'claimed', attempts = 1")
    given_back = after("update interactions set state = 'pending'")
    scored = after("update interactions set state = 'scored'")
    event = {"at": "2026-11-02T10:00:00Z", "kind": "csat", "value": 4}
    api.post(f"/v1/interactions/{before['id']}/events", json=event)

    assert before["changed_at"] == claimed == given_back < scored < changed(api)[0]["changed_at"]


def test_what_is_committed_late_is_not_lost(api, provider):
    push(api, interaction("T-1"), interaction("T-2"))
    with provider.session() as slow:
        slow.execute(text("update interactions set priority = 'urgent' where external_id = 'T-1'"))
        push(api, interaction("T-2", priority="high"), interaction("T-3"))
        meanwhile = changed(api)
    since = meanwhile[-1]["changed_at"] if meanwhile else LONG_AGO

    assert {"T-2", "T-3"}.isdisjoint(ids(meanwhile))
    assert set(ids(changed(api, since))) >= {"T-1", "T-2", "T-3"}


CHANGES = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(["low", "high", "urgent"])), min_size=1, max_size=6
)


@given(changes=CHANGES, limit=st.integers(1, 3))
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whoever_pages_while_things_change_ends_with_the_last_of_everything(make_provider, changes, limit):
    api = make_provider("northwind").caller()
    push(api, *(interaction(f"T-{number}") for number in range(5)))
    known, cursor, left = {}, None, list(changes)
    while True:
        query = {"updated_since": LONG_AGO, "limit": limit, **({"cursor": cursor} if cursor else {})}
        page = api.get(PUSH, query_string=query).json
        known |= {each["external_id"]: each["priority"] for each in page["data"]}
        cursor = page["next_cursor"]
        if left:
            number, priority = left.pop()
            push(api, interaction(f"T-{number}", priority=priority))
        elif cursor is None:
            break

    now = {each["external_id"]: each["priority"] for each in api.get(PUSH).json["data"]}
    assert known | {each["external_id"]: each["priority"] for each in page["data"]} == now


@pytest.mark.parametrize(
    "external_id", ["T-1", "case/7", "/7", "//7", "7/", "ä & ö", "a/events", "50%", "bulk"]
)
def test_an_interaction_is_reached_by_the_id_of_its_sender(api, external_id):
    push(api, interaction(external_id), interaction("other"))
    where = f"{PUSH}/by-external-id/{quote(external_id, safe='')}"
    event = {"at": "2026-11-02T10:00:00Z", "kind": "csat", "value": 4}

    assert api.post(f"{where}/events", json=event).status_code == 201
    assert (api.get(where).json["external_id"], api.get(where).json["outcome"]) == (external_id, {"csat": 4})
    assert api.delete(where).status_code == 200
    assert [each.status_code for each in (api.get(where), api.delete(where))] == [404, 404]
    assert ids(changed(api)) == ["other"]


def test_an_id_that_begins_with_a_slash_is_not_taken_for_the_one_without(api):
    push(api, interaction("7"))

    assert api.delete(f"{PUSH}/by-external-id/%2F7", follow_redirects=True).status_code == 404
    assert ids(changed(api)) == ["7"]


def test_the_id_of_another_clients_interaction_is_not_found(api, provider):
    push(api, interaction())
    elsewhere = "/v1/clients/contoso/interactions/by-external-id/T-1"
    bound = provider.caller("interactions:read", "interactions:write", bound_to=("contoso",))

    assert api.get(elsewhere).status_code == 404
    assert bound.get(f"{PUSH}/by-external-id/T-1").status_code == 404
    assert bound.delete(elsewhere).status_code == 404
    assert api.get(f"{PUSH}/by-external-id/T-1").status_code == 200


def test_evaluations_of_a_client_are_listed_by_change(review_fixture):
    provider = review_fixture.provider
    api, listed = provider.caller(), "/v1/clients/northwind/evaluations"
    made = [review_fixture.judged(review_fixture.interaction()) for _ in range(3)]
    with provider.session() as session:
        statement = text("update evaluations set superseded_at = now() where evaluation_id = :id")
        session.execute(statement, {"id": made[0].evaluation_id})
    found = [each for page in pages(api, listed, updated_since=LONG_AGO, limit=2) for each in page]
    wanted = [str(made[place].evaluation_id) for place in (1, 2, 0)]

    def listing(**filters):
        return [each["id"] for page in pages(api, listed, **filters) for each in page]

    assert [each["id"] for each in found] == wanted == listing()
    assert listing(in_force="true") == wanted[:2]
    assert listing(in_force="false") == wanted[2:]
    assert (listing(kind="human"), listing(kind="automatic")) == ([], wanted)
    assert listing(updated_since=found[-1]["changed_at"]) == wanted[2:]


def test_evaluations_that_a_reviewer_is_blind_to_are_not_in_the_list(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    listed = "/v1/clients/northwind/evaluations"
    everything = review_fixture.provider.caller().get(listed).json["data"]

    assert str(review.interaction_id) in {each["interaction_id"] for each in everything}
    assert reviewer.get(listed).json["data"] == []


def test_a_time_goes_into_an_address_as_the_answer_gives_it(api):
    push(api, interaction())
    at = changed(api)[0]["changed_at"]
    assert at.endswith("+00:00")
    assert ids(api.get(f"{PUSH}?updated_since={at}").json["data"]) == ["T-1"]
    assert api.get(f"{PUSH}?updated_since=2026-01-01 00:00").status_code == 422
    assert api.post(PUSH, json=interaction(started_at="2026-11-02T09:00:00 00:00")).status_code == 422


@pytest.mark.parametrize("value", ["%ff", "a%C3", "%ed%a0%80", "%00"])
def test_a_parameter_that_is_no_text_is_refused_with_its_place(api, value):
    refused = api.get(f"{PUSH}?q={value}")
    assert refused.status_code == 422
    assert [(each["pointer"], each["code"]) for each in refused.json["errors"]] == [
        ("/query/q", "bad_characters")
    ]
