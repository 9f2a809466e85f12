"""What was submitted by mistake is taken back, and what was submitted stays in the record."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from qm.reviews.reopening import WINDOW
from tests.api.review_api import GOOD, fresh, run_together

OTHER = [{**GOOD[0], "value": "no"}, {**GOOD[2], "value": "yes"}]


def submitted(review_fixture, reviewer, **drawn):
    review = review_fixture.drawn(**drawn)
    reviewer.post("/v1/reviews/next")
    answer = reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD})
    assert answer.status_code == 200, answer.text
    return review


def reopen(caller, review):
    return caller.post(f"/v1/reviews/{review.review_id}/reopen")


def age(review_fixture, review, by):
    with review_fixture.provider.session() as session:
        statement = text("update reviews set finished_at = finished_at - :by where review_id = :id")
        session.execute(statement, {"by": by, "id": review.review_id})


def evaluations(review_fixture, review):
    with review_fixture.provider.session() as session:
        found = session.execute(
            text(
                "select evaluation_id, superseded_at is not null as superseded from evaluations"
                " where kind = 'human' and interaction_id = :id order by created_at"
            ),
            {"id": review.interaction_id},
        )
        return [tuple(row) for row in found]


def test_a_reviewer_takes_back_what_they_submitted_and_answers_anew(review_fixture):
    reviewer = review_fixture.reviewer()
    review = submitted(review_fixture, reviewer)
    where = f"/v1/reviews/{review.review_id}"
    reopened = reopen(reviewer, review)
    held = reviewer.post("/v1/reviews/next").json
    hidden = reviewer.get(where).json
    again = reviewer.post(f"{where}/submit", json={"answers": OTHER}).json

    assert (reopened.status_code, reopened.json["state"], reopened.json["finished_at"]) == (
        200,
        "claimed",
        None,
    )
    assert held["id"] == str(review.review_id)
    assert [each["value"] for each in held["answers"]] == [each["value"] for each in GOOD]
    assert (hidden["automatic"], hidden["evaluation"]) == (None, None)
    assert [superseded for _, superseded in evaluations(review_fixture, review)] == [True, False]
    assert again["evaluation_id"] == str(evaluations(review_fixture, review)[1][0])
    assert review_fixture.stored(review.review_id).reopened


def test_the_window_ends_for_reviewers_and_never_for_managers(review_fixture):
    reviewer, manager = review_fixture.reviewer(), review_fixture.reviewer("qm_manager")
    review = submitted(review_fixture, reviewer)
    age(review_fixture, review, WINDOW + timedelta(seconds=1))
    late = reopen(reviewer, review)
    reopened = reopen(manager, review)

    assert (late.status_code, late.json["code"]) == (409, "too_late")
    assert (reopened.json["state"], reopened.json["reviewer"]["id"]) == ("queued", str(reviewer.user.user_id))
    assert reviewer.post("/v1/reviews/next").json["id"] == str(review.review_id)


def test_within_the_window_it_is_taken_back(review_fixture):
    reviewer = review_fixture.reviewer()
    review = submitted(review_fixture, reviewer)
    age(review_fixture, review, WINDOW - timedelta(minutes=1))

    assert reopen(reviewer, review).status_code == 200


def test_others_do_not_take_it_back(review_fixture):
    reviewer, other = review_fixture.reviewer(), review_fixture.reviewer()
    review = submitted(review_fixture, reviewer)

    assert reopen(other, review).status_code == 404
    assert reopen(review_fixture.provider.caller("reviews:read"), review).status_code == 403
    assert review_fixture.stored(review.review_id).state == "submitted"


@pytest.mark.parametrize("state", ["queued", "claimed", "skipped", "outdated", "cancelled"])
def test_only_what_is_submitted_is_taken_back(review_fixture, state):
    manager = review_fixture.reviewer("qm_manager")
    review = review_fixture.drawn()
    with review_fixture.provider.session() as session:
        session.execute(text("update reviews set state = :state"), {"state": state})

    assert reopen(manager, review).json["code"] == "not_submitted"


def test_what_its_reviewer_may_not_review_any_more_goes_to_anybody_blind(review_fixture):
    provider = review_fixture.provider
    admin = provider.caller(user=provider.add_user("admin", email="admin@example.com"))
    reviewer, other = review_fixture.reviewer(), review_fixture.reviewer()
    review = submitted(review_fixture, reviewer)
    admin.patch(f"/v1/users/{reviewer.user.user_id}", json={"disabled": True})
    reopened = reopen(admin, review).json

    assert (reopened["state"], reopened["reviewer"]) == ("queued", None)
    assert other.post("/v1/reviews/next").json["id"] == str(review.review_id)
    assert not review_fixture.stored(review.review_id).reopened


def test_a_sampled_review_goes_back_with_the_hand_picked_one_that_answered_it(review_fixture):
    reviewer, manager = review_fixture.reviewer(), review_fixture.reviewer("qm_manager")
    sampled = review_fixture.drawn()
    picked = manager.post(f"/v1/interactions/{sampled.interaction_id}/reviews", json={}).json["id"]
    assert reviewer.post("/v1/reviews/next").json["id"] == picked
    reviewer.post(f"/v1/reviews/{picked}/submit", json={"answers": GOOD})
    reviewer.post("/v1/reviews/next")
    assert review_fixture.stored(sampled.review_id).hand_picked_answer
    refused = reopen(reviewer, sampled)
    reviewer.post(f"/v1/reviews/{picked}/reopen")
    waiting = review_fixture.stored(sampled.review_id)
    reviewer.post(f"/v1/reviews/{picked}/submit", json={"answers": OTHER})
    reviewer.post("/v1/reviews/next")
    served = review_fixture.stored(sampled.review_id)

    assert refused.json["code"] == "answered_elsewhere"
    assert (waiting.state, waiting.evaluation_id, waiting.reviewer_id) == ("queued", None, None)
    assert (served.state, served.evaluation_id) == ("submitted", evaluations(review_fixture, sampled)[1][0])


def test_two_who_reopen_at_once_reopen_once(review_fixture):
    reviewer, manager = review_fixture.reviewer(), review_fixture.reviewer("qm_manager")
    review = submitted(review_fixture, reviewer)
    answers = []
    callers = [fresh(review_fixture, each) for each in (reviewer, manager)]
    run_together(*(lambda each=each: answers.append(reopen(each, review).status_code) for each in callers))

    assert sorted(answers) == [200, 409]


def test_the_record_tells_of_it(review_fixture):
    reviewer = review_fixture.reviewer()
    review = submitted(review_fixture, reviewer)
    reopen(reviewer, review)
    with review_fixture.provider.session() as session:
        actions = session.scalars(text("select action from audit_entries order by number")).all()

    assert actions[-2:] == ["review.submitted", "review.reopened"]


def test_estimates_take_what_is_in_force_and_comparisons_what_was_answered_blind(review_fixture):
    reviewer = review_fixture.reviewer()
    reader = review_fixture.provider.caller("reports:read", "interactions:read")
    kept, changed = submitted(review_fixture, reviewer), submitted(review_fixture, reviewer)
    reopen(reviewer, changed)
    open_ = reader.get("/v1/clients/northwind/evaluations?kind=human&in_force=true").json["data"]
    reviewer.post("/v1/reviews/next")
    reviewer.post(f"/v1/reviews/{changed.review_id}/submit", json={"answers": OTHER})
    closed = reader.get("/v1/clients/northwind/evaluations?kind=human&in_force=true").json["data"]
    compared = reader.get("/v1/clients/northwind/reports/agreement").json

    assert [each["interaction_id"] for each in open_] == [str(kept.interaction_id)]
    assert len(closed) == 2
    assert {each["n"] for each in compared["questions"] if each["n"]} <= {1}
