"""The workload, due dates, and what nobody may review."""

from datetime import timedelta

from sqlalchemy import select

from qm.reviews.models import Review
from qm.reviews.unassignable import name_unassignable
from qm.reviews.worked_queues import load_worked_queue, passed_over
from scorecards.authoring import versions
from tenants.models import User
from tests.api.review_api import TURNS


def limit(fixture, user, **values):
    with fixture.provider.session() as session:
        kept = session.get_one(User, (user.tenant_id, user.user_id))
        for name, value in values.items():
            setattr(kept, name, value)


def name(fixture):
    with fixture.provider.session() as session:
        return name_unassignable(session)


def test_what_nobody_may_review_is_named_passed_over_and_named_no_more(review_fixture):
    reviewer, manager = review_fixture.reviewer(), review_fixture.reviewer("qm_manager")
    limit(review_fixture, reviewer.user, languages=["en"], skills=["tier1"], agent="a-7")
    french = review_fixture.drawn(language="fr", hours_ago=9)
    billing = review_fixture.drawn(program="billing", hours_ago=8)
    own = review_fixture.drawn(program="tier1", hours_ago=7)
    free = review_fixture.drawn(agent="a-9", hours_ago=1, turns=[TURNS[0], {**TURNS[1], "agent": "a-9"}])

    assert name(review_fixture) == 3
    assert name(review_fixture) == 0
    found = manager.get("/v1/workload").json
    assert {(each["reason"], each["reviews"]) for each in found["unassignable"]} == {
        ("language", 1),
        ("skill", 1),
        ("own", 1),
    }
    assert found["waiting"] == 1
    with review_fixture.provider.session() as session:
        over = set(session.scalars(select(Review.review_id).where(passed_over)))
        queue = load_worked_queue(session, free.client_id)
    assert over == {french.review_id, billing.review_id, own.review_id}
    assert queue.thresholds == (free.draw / free.inclusion_probability,)
    limit(review_fixture, reviewer.user, languages=[], skills=[], agent=None)
    assert name(review_fixture) == 3
    assert reviewer.post("/v1/reviews/next").json["id"] == str(french.review_id)


def test_while_what_nobody_may_review_is_named_the_rest_is_given_out(review_fixture):
    reviewer = review_fixture.reviewer()
    limit(review_fixture, reviewer.user, languages=["en"])
    review_fixture.drawn(language="fr")
    english = review_fixture.drawn(language="en")

    with review_fixture.provider.session() as session:
        assert name_unassignable(session) == 1
        assert reviewer.post("/v1/reviews/next").json["id"] == str(english.review_id)


def test_without_anybody_who_reviews_what_waits_is_a_backlog(review_fixture):
    review_fixture.drawn(language="fr")

    assert name(review_fixture) == 0


def test_the_workload_counts_what_is_held_assigned_done_and_overdue(review_fixture):
    manager, one, two = (review_fixture.reviewer(role) for role in ("qm_manager", "reviewer", "reviewer"))
    limit(review_fixture, one.user, weekly_capacity=12)
    first, second = review_fixture.drawn(hours_ago=3), review_fixture.drawn(hours_ago=2)
    assert one.post("/v1/reviews/next").json["id"] == str(first.review_id)
    yesterday = (review_fixture.now - timedelta(days=1)).isoformat()
    given = manager.post(
        f"/v1/reviews/{second.review_id}/reassign", json={"user": str(two.user.user_id), "due_at": yesterday}
    )

    assert given.status_code == 200
    assert given.json["due_at"] is not None
    people = {each["user"]["id"]: each for each in manager.get("/v1/workload").json["people"]}
    mine, theirs = people[str(one.user.user_id)], people[str(two.user.user_id)]
    assert (mine["capacity"], mine["held"], mine["assigned"], mine["overdue"]) == (12, 1, 0, 0)
    assert (theirs["capacity"], theirs["held"], theirs["assigned"], theirs["overdue"]) == (None, 0, 1, 1)
    assert one.get("/v1/workload").status_code == 403


def test_the_sampling_policy_says_when_reviews_are_due(review_fixture):
    client = review_fixture.provider.clients["northwind"]
    with review_fixture.provider.session() as session:
        policy, _ = versions.put_in_force(
            session,
            client,
            kind="sampling_policy",
            key="default",
            body={"base_rate": 0.1, "due_within_days": 3},
        )
        policy_id = policy.definition_id
    drawn = review_fixture.drawn()
    with review_fixture.provider.session() as session:
        review = session.get_one(Review, (drawn.tenant_id, drawn.review_id))
        review.policy_id = policy_id
        review.arrived_at = review_fixture.now - timedelta(days=4)

    manager = review_fixture.reviewer("qm_manager")
    [shown] = manager.get("/v1/reviews").json["data"]
    assert shown["due_at"].startswith((review_fixture.now - timedelta(days=1)).date().isoformat())
    assert manager.get("/v1/workload").json["overdue"] == 1
