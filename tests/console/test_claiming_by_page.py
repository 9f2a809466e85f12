"""Reviews that are taken by page: the same order as over the API, and never one for two people."""

import re
from functools import partial
from threading import Barrier

import pytest

from qm.reviews.models import Review
from tests.api.review_api import ReviewFixture, fresh, run_together

WAITING = 12


@pytest.fixture
def desk(provider):
    made = ReviewFixture(provider)
    made.publish("northwind")
    return made


def drawn_with(desk, provider, draws):
    """Let reviews wait with these random draws, in this order; return their ids."""
    reviews = [desk.drawn() for _ in draws]
    with provider.session() as session:
        for review, draw in zip(reviews, draws, strict=True):
            session.get_one(Review, (review.tenant_id, review.review_id)).draw = draw
    return [str(review.review_id) for review in reviews]


def taken_by_page(visitor):
    return re.search(r"/reviews/([0-9a-f-]{36})", visitor.post("/reviews/next").headers["Location"])[1]


def test_pages_and_api_take_the_smallest_draw_that_waits_whoever_asks(desk, provider, visitor):
    draws = [(5 * place % WAITING + 1) / 100 for place in range(WAITING)]
    by_id = dict(zip(drawn_with(desk, provider, draws), draws, strict=True))

    taken = [
        taken_by_page(visitor(user=desk.person()))
        if place % 2
        else desk.reviewer().post("/v1/reviews/next").json["id"]
        for place in range(WAITING)
    ]

    assert [by_id[each] for each in taken] == sorted(draws)


def test_people_at_pages_and_programs_at_once_never_get_the_same_review(desk, provider, visitor):
    drawn_with(desk, provider, [0.1] * WAITING)
    pages = [visitor(user=desk.person()) for _ in range(WAITING // 2)]
    callers = [desk.reviewer() for _ in range(WAITING // 2)]
    barrier, got = Barrier(WAITING), []

    def by_page(person):
        barrier.wait()
        got.append(taken_by_page(person))

    def by_api(caller):
        barrier.wait()
        got.append(fresh(desk, caller).post("/v1/reviews/next").json["id"])

    run_together(*(partial(by_page, each) for each in pages), *(partial(by_api, each) for each in callers))

    assert len(set(got)) == WAITING
