"""The list of interactions over all clients."""

from datetime import UTC, datetime, timedelta

import pytest

AT = datetime(2026, 7, 1, 9, tzinfo=UTC)


@pytest.fixture
def pushed(review_fixture):
    """Seven interactions, an hour apart, of two clients in turn; two began at the same moment."""
    for number in range(7):
        slug = ("northwind", "contoso")[number % 2]
        began = AT + timedelta(hours=min(number, 5))
        review_fixture.interaction(slug, external_id=f"T-{number}", started_at=began)
    return review_fixture


def every(caller, query=""):
    """Return the external ids of all pages of two."""
    found, cursor = [], ""
    while cursor is not None:
        answer = caller.get(f"/v1/interactions?limit=2{query}{cursor and f'&cursor={cursor}'}")
        assert answer.status_code == 200
        found += [each["external_id"] for each in answer.json["data"]]
        cursor = answer.json["next_cursor"]
    return found


def test_pages_follow_each_other_over_all_clients(pushed, provider):
    caller = provider.caller("interactions:read")

    newest = every(caller)
    assert newest[2:] == ["T-4", "T-3", "T-2", "T-1", "T-0"]
    assert sorted(newest[:2]) == ["T-5", "T-6"]
    first = caller.get("/v1/interactions?limit=1&from=2026-07-01T13:00:00Z&to=2026-07-01T13:00:01Z")
    assert [(row["external_id"], row["client"]) for row in first.json["data"]] == [("T-4", "northwind")]
    assert first.json["next_cursor"] is None
    pushed.interaction("contoso", external_id="T-new")
    assert every(caller, "&updated_since=2020-01-01T00:00:00Z")[-1] == "T-new"
    assert len(every(caller, "&updated_since=2020-01-01T00:00:00Z")) == 8


def test_it_holds_what_the_caller_sees_and_the_filters_of_one_client(pushed, provider, make_provider):
    bound = provider.caller("interactions:read", bound_to=("contoso",))
    everything = provider.caller("interactions:read")

    assert every(bound) == ["T-5", "T-3", "T-1"]
    assert every(everything, "&client=contoso") == ["T-5", "T-3", "T-1"]
    assert bound.get("/v1/interactions?client=northwind").status_code == 404
    assert every(everything, "&external_id=T-3") == ["T-3"]
    assert every(make_provider("fabrikam").caller("interactions:read")) == []
    assert everything.get("/v1/interactions?cursor=nonsense").json["errors"][0]["code"] == "bad_cursor"
    assert everything.get("/v1/interactions?channel=pigeon").status_code == 422
