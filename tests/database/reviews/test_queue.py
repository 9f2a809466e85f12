from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from qm.reviews import claiming, queue, representations
from qm.reviews.models import Review
from tenants.credentials import Actor
from tenants.models import utc_now
from tests.api.review_api import GOOD, ReviewFixture


@pytest.fixture
def review_fixture(provider):
    return ReviewFixture(provider)


def actor_of(review_fixture, user):
    with review_fixture.provider.session() as session:
        scope = session.info["scope"]
    return Actor(
        user.user_id, user.user_id, user.role, user.name, frozenset({"reviews:write"}), scope, bound=False
    )


def order(review_fixture):
    """Return the reviews in the order in which new reviewers get them."""
    got = []
    while True:
        actor = actor_of(review_fixture, review_fixture.person())
        with review_fixture.provider.session() as session:
            review = claiming.claim_next(session, actor, client=None, now=datetime.now(UTC))
        if review is None:
            return got
        got.append(review.review_id)


def test_queue_is_ordered_by_draw_over_inclusion_probability_alone(review_fixture):
    ranked = [(0.05, 0.5), (0.02, 0.1), (0.24, 0.9), (0.01, 0.2)]
    reviews = [
        review_fixture.drawn("northwind", "critical" if p == 0.9 else "base_rate", hours_ago=age)
        for age, (_, p) in enumerate(ranked)
    ]
    with review_fixture.provider.session() as session:
        for review, (draw, p) in zip(reviews, ranked, strict=True):
            stored = session.get(Review, (review.tenant_id, review.review_id))
            stored.draw, stored.inclusion_probability = draw, p

    by_rank = sorted(zip(reviews, ranked, strict=True), key=lambda each: each[1][0] / each[1][1])
    assert order(review_fixture) == [review.review_id for review, _ in by_rank]


def test_hand_picked_reviews_come_before_sampled_ones(review_fixture):
    sampled = review_fixture.drawn(hours_ago=80)
    picked = review_fixture.interaction()
    with review_fixture.provider.session() as session:
        actor = actor_of(review_fixture, review_fixture.person("qm_manager"))
        made = queue.create_hand_picked_review(session, actor, picked.interaction_id, note=None, user_id=None)

    assert order(review_fixture) == [made.review_id, sampled.review_id]


def test_interaction_has_at_most_one_sampled_review(review_fixture):
    review = review_fixture.drawn()

    with (
        pytest.raises(IntegrityError, match="uq_reviews_one_drawn"),
        review_fixture.provider.session() as session,
    ):
        session.add(
            type(review)(
                tenant_id=review.tenant_id,
                client_id=review.client_id,
                interaction_id=review.interaction_id,
                reasons=[],
                inclusion_probability=0.5,
                draw=0.1,
                started_at=review.started_at,
            )
        )


def test_workbench_hides_agent_from_stakeholder(review_fixture):
    review = review_fixture.drawn()
    actor = actor_of(review_fixture, review_fixture.person())

    def shown(role):
        with review_fixture.provider.session() as session:
            return representations.review_detail(session, replace(actor, role=role), review)

    open_to, closed_to = shown("reviewer"), shown("client_stakeholder")

    assert open_to["interaction"]["agent"] == {"external_id": "a-7", "name": "Ada"}
    assert [turn["agent"] for turn in open_to["turns"]] == [None, "a-7"]
    assert closed_to["interaction"]["agent"] is None
    assert [turn["agent"] for turn in closed_to["turns"]] == [None, None]


def test_draft_accepts_answers_to_questions_not_shown_yet(review_fixture):
    review_fixture.drawn()
    actor = actor_of(review_fixture, review_fixture.person())

    with review_fixture.provider.session() as session:
        review = claiming.claim_next(session, actor, client=None, now=datetime.now(UTC))
        saved = queue.save_draft(session, review, GOOD[1:2], now=utc_now())

    assert [answer["question"] for answer in saved.draft] == ["how"]
