"""Capacity: nobody gets more sampled reviews in a week of a client than its sampling policy says."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from qm.reviews.capacity import week_start
from qm.reviews.models import Review
from scorecards.authoring import versions
from scorecards.authoring.models import SINGLE
from tests.api.review_api import GOOD, ReviewFixture

NOTHING = "QM-Nothing-Offered"


@pytest.fixture
def review_fixture(provider):
    made = ReviewFixture(provider)
    made.publish("northwind")
    made.publish("contoso")
    limit(made, 2)
    return made


def limit(made, reviews, slug="northwind"):
    with made.provider.session() as session:
        body = {"base_rate": 0.2, "capacity": {"reviews_per_reviewer_week": reviews}}
        client = made.provider.clients[slug]
        versions.put_in_force(session, client, kind="sampling_policy", key=SINGLE, body=body)


def work(caller, **body):
    claimed = caller.post("/v1/reviews/next", json=body)
    if claimed.status_code == 200:
        done = caller.post(f"/v1/reviews/{claimed.json['id']}/submit", json={"answers": GOOD})
        assert done.status_code == 200, done.json
    return claimed


def test_nobody_gets_more_than_the_capacity_and_is_told_why(review_fixture):
    for _ in range(4):
        review_fixture.drawn()
    one, other = review_fixture.reviewer(), review_fixture.reviewer()

    assert [work(one).status_code for _ in range(3)] == [200, 200, 204]
    assert work(one).headers[NOTHING] == "capacity"
    assert work(other).status_code == 200, "capacity is each person's own"


def test_an_empty_queue_says_so(review_fixture):
    assert work(review_fixture.reviewer()).headers[NOTHING] == "empty"


def test_at_capacity_with_nothing_waiting_the_queue_is_empty(review_fixture):
    for _ in range(2):
        review_fixture.drawn()
    one = review_fixture.reviewer()
    assert [work(one).headers.get(NOTHING) for _ in range(3)] == [None, None, "empty"]


def test_other_clients_and_other_weeks_do_not_count(review_fixture):
    for _ in range(3):
        review_fixture.drawn()
    review_fixture.drawn("contoso")
    one = review_fixture.reviewer()
    assert [work(one, client="northwind").status_code for _ in range(3)] == [200, 200, 204]
    assert work(one, client="contoso").status_code == 200
    before = week_start(datetime.now(UTC)) - timedelta(seconds=1)
    with review_fixture.provider.session() as session:
        session.execute(update(Review).where(Review.state == "submitted").values(claimed_at=before))
    assert work(one).status_code == 200


def test_what_is_assigned_or_picked_by_hand_is_offered_all_the_same(review_fixture):
    limit(review_fixture, 1)
    one = review_fixture.reviewer()
    review_fixture.drawn()
    assert work(one).status_code == 200
    kept, picked = review_fixture.drawn(), review_fixture.interaction()
    review_fixture.drawn()
    manager = review_fixture.reviewer("qm_manager")
    given = manager.post(f"/v1/reviews/{kept.review_id}/reassign", json={"user": str(one.user.user_id)})
    assert given.status_code == 200
    assert manager.post(f"/v1/interactions/{picked.interaction_id}/reviews", json={}).status_code == 201

    assert [work(one).status_code for _ in range(3)] == [200, 200, 204]


def test_what_was_picked_by_hand_uses_no_capacity(review_fixture):
    limit(review_fixture, 1)
    one = review_fixture.reviewer()
    picked = review_fixture.interaction()
    assert one.post(f"/v1/interactions/{picked.interaction_id}/reviews", json={}).status_code == 201
    review_fixture.drawn()
    assert [work(one).status_code for _ in range(2)] == [200, 200]
