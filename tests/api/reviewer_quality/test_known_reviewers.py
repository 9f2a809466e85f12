"""Reviewers of known accuracy, pace and patience work a queue with checks: the figures find them again."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import numpy as np
import pytest
from sqlalchemy import select

from qm.reviewer_quality import golden_items
from qm.reviewer_quality.quality_report import quality_report
from qm.reviews import claiming, queue, submission
from qm.reviews.models import Evaluation, Review
from qm.reviews.quality_check_models import QualityCheck
from tenants.credentials import Actor, authenticate
from tests.api.review_api import PLACE

MONTHS, DRAWN, KNOWN = 2, 24, 60
SKIPS, GIVES_BACK = 0.08, 0.12
PACE = (60, 90, 120, 240)
"""Seconds between saved answers; a pause of hours counts five minutes."""


@dataclass
class Scripted:
    """Somebody who answers each question right with a probability, which may change from month to month."""

    accuracy: tuple[float, ...]
    actor: Actor
    rng: Random
    seconds: list[float] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    def answers(self, month):
        """The truth is no and yes; two questions are answered by everybody."""
        hears, checks = (self.rng.random() < self.accuracy[month] for _ in range(2))
        found = [{"question": "hears", "value": "no" if hears else "yes", "evidence": PLACE}]
        if not hears:
            found.append({"question": "how", "value": "well", "evidence": PLACE})
        return [*found, {"question": "checks", "value": "yes" if checks else "no", "evidence": [{"turn": 0}]}]


class Floor:
    """A client's queue, worked through the functions that pages and API call, with a clock of its own."""

    def __init__(self, reviews):
        self.reviews, self.provider = reviews, reviews.provider
        self.client = self.provider.clients["northwind"]
        self.now = reviews.now
        self.months = []
        self.manager = self.actor("qm_manager")

    def actor(self, role):
        user = self.reviews.person(role)
        key = self.provider.key("reviews:read", "reviews:write", "interactions:read", user=user)
        with self.provider.session() as session:
            return authenticate(session, key.key)

    def rates(self, golden, again):
        with self.provider.session() as session:
            client = session.merge(self.client)
            client.settings = {**client.settings, "golden_rate": golden, "re_review_rate": again}

    def take(self, person):
        with self.provider.session() as session:
            claimed = claiming.claim_next(session, person.actor, client=None, now=self.now)
            return None if claimed is None else claimed.review_id

    def answer(self, person, review_id, month):
        """Save once and submit, at the person's pace; return the seconds of it."""
        given, spent = person.answers(month), 0.0
        for submits in (False, True):
            pace = person.rng.choice(PACE)
            away = person.rng.random() < 0.05
            self.now += timedelta(seconds=7200 if away else pace)
            spent += 300 if away else pace
            with self.provider.session() as session:
                review = queue.get_claimed_review(session, person.actor, review_id)
                if submits:
                    submission.submit(session, review, answers=given, now=self.now)
                else:
                    queue.save_draft(session, review, given[:1], now=self.now)
        person.seconds.append(spent)
        person.done["submitted"] += 1

    def work(self, person, month, *, patient=False):
        """Take the next review, and do with it what the person does."""
        review_id = self.take(person)
        if review_id is None:
            return False
        luck = 1.0 if patient else person.rng.random()
        with self.provider.session() as session:
            if luck < SKIPS:
                queue.skip(session, person.actor, review_id, reason="Not a conversation.", now=self.now)
                person.done["skipped"] += 1
                return True
            if luck < SKIPS + GIVES_BACK:
                queue.release(session, person.actor, review_id)
                person.done["given back"] += 1
                return True
        self.answer(person, review_id, month)
        return True

    def set_golden(self, number):
        with self.provider.session() as session:
            reviewed = select(Evaluation.evaluation_id).where(Evaluation.kind == "human").limit(number)
            for evaluation_id in session.scalars(reviewed).all():
                golden_items.set_item(
                    session,
                    self.manager,
                    self.client,
                    evaluation_id=evaluation_id,
                    note=None,
                    now=self.now,
                )

    def report(self):
        with self.provider.session() as session:
            days = {"first": self.reviews.now.date(), "last": self.now.date()}
            found = quality_report(session, self.manager, **days, client=None, now=self.now)
            return {each["user"]["id"]: each for each in found["reviewers"]}

    def expected_of_second_looks(self, people):
        """Return what each should agree with colleagues, by who met whom."""
        right = {each.actor.user_id: each.accuracy for each in people}
        with self.provider.session() as session:
            met = session.execute(
                select(
                    QualityCheck.user_id,
                    Evaluation.reviewer_id,
                    QualityCheck.answered_at,
                    Evaluation.created_at,
                )
                .join(Evaluation, Evaluation.evaluation_id == QualityCheck.evaluation_id)
                .join(Review, Review.review_id == QualityCheck.review_id)
                .where(QualityCheck.kind == "re_review", Review.state == "submitted")
            ).all()
        found = {}
        for one, other, later, before in met:
            a, b = right[one][self.month_of(later)], right[other][self.month_of(before)]
            for person in (one, other):
                found.setdefault(person, []).append(a * b + (1 - a) * (1 - b))
        return {person: float(np.mean(each)) for person, each in found.items()}

    def begin_month(self):
        self.now = (self.now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=9)
        self.months.append(self.now)

    def month_of(self, moment):
        return max(0, sum(moment >= each for each in self.months) - 1)


@pytest.fixture
def floor(review_fixture):
    return Floor(review_fixture)


def test_reviewers_of_known_accuracy_pace_and_patience_are_found_again(floor):
    rng = Random(20261130)
    sure = Scripted((1.0,) * MONTHS, floor.actor("reviewer"), rng)
    people = [
        Scripted(accuracy, floor.actor("reviewer"), rng)
        for accuracy in ((0.95, 0.95), (0.8, 0.8), (0.6, 0.95))
    ]
    for _ in range(KNOWN):
        floor.reviews.drawn()
    while floor.work(sure, 0, patient=True):
        pass
    floor.set_golden(KNOWN)
    floor.rates(golden=0.5, again=0.5)
    for month in range(MONTHS):
        floor.begin_month()
        for place in range(DRAWN * len(people)):
            floor.reviews.drawn(hours_ago=1 + place / 100)
        waiting = list(people)
        while waiting:
            waiting = [each for each in waiting if floor.work(each, month)]

    report = floor.report()
    expected = floor.expected_of_second_looks([sure, *people])
    held = []
    for person in people:
        found = report[person.actor.user_id]
        truth = float(np.mean(person.accuracy))
        held.append(near(found["golden"]["agreement"], 100 * truth))
        held.append(near(found["re_reviews"]["agreement"], 100 * expected[person.actor.user_id]))
        held += [near(found["skip_rate"], 100 * SKIPS), near(found["replacement_rate"], 100 * GIVES_BACK)]
        counts = (found["submitted"], found["skipped"], found["given_back"])
        assert counts == tuple(person.done[name] for name in ("submitted", "skipped", "given back"))
        low, median, high = np.percentile(person.seconds, [25, 50, 75])
        assert found["active_seconds"] == {
            "low": pytest.approx(low),
            "median": pytest.approx(median),
            "high": pytest.approx(high),
            "n": len(person.seconds),
        }
    good, fair, learner = (report[each.actor.user_id] for each in people)
    assert good["golden"]["agreement"]["estimate"] > fair["golden"]["agreement"]["estimate"]
    first, last = learner["months"][0], learner["months"][-1]
    held += [near(first["golden"], 60), near(last["golden"], 95)]
    assert last["golden"]["estimate"] > first["golden"]["estimate"] + 15, "who gets better is seen to"
    # Each interval holds the truth in 95 of 100; so that chance fails nothing, all but three have to.
    assert sum(held) >= len(held) - 3, held


def near(figure, truth):
    """Whether an interval holds the truth; none is far from it, or says nothing."""
    width = figure["high"] - figure["low"]
    assert 0 < width < 45
    assert figure["low"] - width < truth < figure["high"] + width
    return figure["low"] <= truth <= figure["high"]
