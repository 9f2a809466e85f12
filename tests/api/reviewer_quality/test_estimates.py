"""Quality checks are in no figure of a client, whenever they come."""

from itertools import permutations

import pytest

from tests.api.quality_api import OTHER, QualityDesk

REPORTS = ("overview", "agreement")


def figures(desk):
    """Return every figure of the reports, and how far the queue is worked off."""
    found = {}
    for name in REPORTS:
        answer = desk.manager.get(f"/v1/clients/northwind/reports/{name}")
        assert answer.status_code == 200, answer.json
        found[name] = {key: value for key, value in answer.json.items() if "at" not in key}
    return found


@pytest.mark.parametrize("order", list(permutations(("golden", "re_review")))[:2])
def test_answers_to_checks_change_no_estimate_and_no_agreement(review_fixture, order):
    desk = QualityDesk(review_fixture)
    desk.golden(2)  # one of them may be looked at again
    desk.reviewed(desk.ben, 2)
    for _ in range(2):
        desk.reviews.drawn(hours_ago=3)
    before = figures(desk)
    for kind in order:
        desk.rates(golden=kind == "golden", again=kind == "re_review")
        claimed = desk.next(desk.ada).json
        assert desk.reviews_of(claimed)["quality_check"] == kind
        assert desk.submit(desk.ada, claimed, OTHER).status_code == 200
        assert figures(desk) == before
        desk.rates()
        plain = desk.next(desk.ada).json
        assert desk.reviews_of(plain)["quality_check"] is None
        desk.ada.post(f"/v1/reviews/{plain['id']}/release")
        before = figures(desk)
    evaluations = desk.manager.get("/v1/clients/northwind/evaluations").json["data"]
    assert not [
        each for each in evaluations if (each["reviewer"] or {}).get("id") == str(desk.ada.user.user_id)
    ]
