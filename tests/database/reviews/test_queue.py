from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from qm.reviews import queue, representations
from tenants.credentials import Actor
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
            review = queue.claim_next(session, actor, client=None, now=datetime.now(UTC))
        if review is None:
            return got
        got.append(review.review_id)


def test_without_reasons_the_oldest_comes_first(review_fixture):
    reviews = [review_fixture.drawn(hours_ago=hours) for hours in (1, 3, 2)]

    assert order(review_fixture) == [reviews[place].review_id for place in (1, 2, 0)]


def test_queue_orders_reviews_by_priority_of_reason(review_fixture):
    plain = review_fixture.drawn(hours_ago=5)
    unsure = review_fixture.drawn("northwind", "low_confidence")
    breach = review_fixture.drawn("northwind", "sla_breach", "low_confidence")
    charged = review_fixture.drawn("northwind", "new_agent", "charged")
    critical = review_fixture.drawn("northwind", "critical")

    expected = [critical, charged, breach, unsure, plain]
    assert order(review_fixture) == [review.review_id for review in expected]


def test_review_older_than_maximum_head_start_precedes_critical_review(review_fixture):
    old = review_fixture.drawn(hours_ago=74)
    critical = review_fixture.drawn("northwind", "critical", hours_ago=1)

    assert order(review_fixture) == [old.review_id, critical.review_id]


def test_unknown_reason_gives_no_head_start(review_fixture):
    odd = review_fixture.drawn("northwind", "moon_phase")
    plain = review_fixture.drawn(hours_ago=2)

    assert order(review_fixture) == [plain.review_id, odd.review_id]


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
        review = queue.claim_next(session, actor, client=None, now=datetime.now(UTC))
        saved = queue.save_draft(session, review, GOOD[1:2])

    assert [answer["question"] for answer in saved.draft] == ["how"]
