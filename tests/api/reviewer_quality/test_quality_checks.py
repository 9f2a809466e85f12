"""Golden items and second looks: like any other review to whoever answers them, and in no estimate."""

import pytest

from qm.interactions.models import Interaction
from tests.api.quality_api import OTHER
from tests.api.review_api import GOOD, TURNS

# What differs between any two reviews.
OF_ITS_OWN = {"id", "interaction", "created_at", "claimed_at", "due_at"}


def shape(body):
    """Return what of an answer must not tell a check from a drawn review."""
    return {name: value for name, value in body.items() if name not in OF_ITS_OWN}


def offered(desk, caller, number=2):
    """Draw reviews and claim them one after another; return those that were drawn, and the checks."""
    for _ in range(number):
        desk.reviews.drawn(hours_ago=2)
    found = {"drawn": [], "check": []}
    for _ in range(2 * number):
        claimed = desk.next(caller)
        if claimed.status_code == 204:
            break
        kind = "check" if desk.reviews_of(claimed.json)["quality_check"] else "drawn"
        found[kind].append(claimed.json)
        yield kind, claimed.json
        desk.submit(caller, claimed.json)


@pytest.mark.parametrize("kind", ["golden", "re_review"])
def test_a_check_looks_like_a_drawn_review_until_it_is_answered(desk, kind):
    desk.golden(1)
    desk.rates(golden=kind == "golden", again=kind == "re_review")
    seen = {}
    for is_check, claimed in offered(desk, desk.ada):
        listed = desk.ada.get("/v1/reviews").json["data"]
        evaluations = desk.ada.get(f"/v1/interactions/{claimed['interaction']['id']}/evaluations")
        seen.setdefault(is_check, []).append(
            {
                "detail": shape(claimed) | {"reviewer": bool(claimed["reviewer"])},
                "again": shape(desk.ada.get(f"/v1/reviews/{claimed['id']}").json) == shape(claimed),
                "listed": shape(next(each for each in listed if each["id"] == claimed["id"])),
                "draft": sorted(
                    desk.ada.put(f"/v1/reviews/{claimed['id']}/draft", json={"answers": GOOD}).json
                ),
                "evaluations": evaluations.json["data"],
                "id": claimed["id"][14],
                "older": claimed["created_at"] < claimed["claimed_at"],
            }
        )
    assert set(seen) == {"check", "drawn"}
    one_check, one_drawn = seen["check"][0], seen["drawn"][0]
    for name in one_check:
        assert one_check[name] == one_drawn[name], name


def test_the_review_behind_a_check_stays_next_in_the_queue(desk):
    desk.golden(1)
    desk.rates(golden=1)
    for place in range(3):
        desk.reviews.drawn(hours_ago=10 - place)
    for _ in range(3):
        first = desk.manager.get("/v1/reviews", query_string={"state": "queued"}).json["data"][0]
        claimed = desk.next(desk.ada).json
        if desk.reviews_of(claimed)["quality_check"]:
            desk.rates()
            assert desk.next(desk.ben).json["id"] == first["id"], "whoever is free gets the smallest u/p"
            return
        assert claimed["id"] == first["id"]
        desk.submit(desk.ada, claimed)
    raise AssertionError("no check was offered")


def test_one_check_at_most_for_a_drawn_review_and_never_twice_the_same(desk):
    desk.golden(2)
    desk.rates(golden=1)
    interactions = [claimed["interaction"]["id"] for _, claimed in offered(desk, desk.ada, 4)]
    assert len(set(interactions)) == len(interactions)


def test_a_check_that_was_given_back_waits_like_a_drawn_one_and_checks_the_next_person(desk):
    desk.golden(1)
    desk.rates(golden=1)
    for kind, claimed in offered(desk, desk.ada):
        released = desk.ada.post(f"/v1/reviews/{claimed['id']}/release")
        assert (released.status_code, released.json["state"], released.json["targeted"]) == (
            200,
            "queued",
            False,
        )
        if kind == "check":
            assert desk.ada.get(f"/v1/reviews/{claimed['id']}").status_code == 200
            break
        desk.submit(desk.ada, desk.next(desk.ada).json)
    taken = desk.next(desk.ben).json
    assert taken["id"] == claimed["id"]
    desk.submit(desk.ben, taken, OTHER)
    assert desk.quality(desk.manager, desk.ben.user)["golden"]["n"] == 1
    assert desk.quality(desk.manager, desk.ada.user)["golden"]["n"] == 0


def test_no_check_where_the_client_wants_none_and_none_for_managers(desk):
    desk.golden(1)
    assert {kind for kind, _ in offered(desk, desk.ada)} == {"drawn"}
    desk.rates(golden=1)
    assert {kind for kind, _ in offered(desk, desk.manager)} == {"drawn"}


def test_words_that_changed_since_are_offered_to_nobody(desk, review_fixture):
    (item,) = desk.golden(1)
    desk.rates(golden=1)
    provider = review_fixture.provider
    with provider.session() as session:
        found = session.get_one(
            Interaction,
            {
                "tenant_id": provider.tenant.tenant_id,
                "client_id": provider.clients["northwind"].client_id,
                "interaction_id": item["interaction"],
            },
        )
        found.turns = [*TURNS, {"speaker": "customer", "text": "Hello?"}]
    assert {kind for kind, _ in offered(desk, desk.ada)} == {"drawn"}
    assert desk.manager.get("/v1/clients/northwind/golden-items").json["data"][0]["changed"] is True


def test_nobody_takes_back_what_they_answered_to_a_check(desk):
    desk.golden(2)
    desk.rates(golden=1)
    for _ in range(3):
        desk.reviews.drawn()
    claimed = desk.check(desk.ada)
    refused = desk.ada.post(f"/v1/reviews/{claimed['id']}/reopen")
    assert (refused.status_code, refused.json["code"]) == (409, "answers_final")
    shown = desk.ada.get(f"/v1/reviews/{claimed['id']}").json
    assert (shown["state"], shown["evaluation"], shown["automatic"]) == ("submitted", None, None)
    assert (shown["quality_check"], shown["targeted"]) == (None, False)
