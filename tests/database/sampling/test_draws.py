"""Draws under quotas in the database: what is stored, in whatever order, and what becomes of reviews."""

import threading
import uuid
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select, update

from qm.facts import rollups
from qm.facts.models import COUNTED, NOT_YET, InteractionFacts
from qm.interactions.models import Interaction
from qm.privacy.erasure import erase_interaction
from qm.reviews.models import Review
from qm.sampling import closing
from qm.sampling.drawn_reviews import store_draws
from qm.sampling.draws import lock_groups
from qm.sampling.models import SamplingWindow
from scorecards.authoring.bundle_import import load_bundle
from scorecards.authoring.models import Definition
from scorecards.sampling.policy import from_body
from scorecards.sampling.quotas import thresholds

MONDAY = date(2026, 6, 1)
AFTER = datetime(2026, 6, 20, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Unit:
    """An interaction with its draw number and its rate."""

    interaction_id: uuid.UUID
    draw: float
    rate: float
    agent: str = "anna"
    day: date = MONDAY


def units(seed, number, agents=("anna", "ben", ""), rates=(0.1, 0.3, 0.6)):
    chance = Random(seed)
    return [
        Unit(
            uuid.UUID(int=chance.getrandbits(128)),
            chance.random(),
            chance.choice(rates),
            chance.choice(agents),
            MONDAY + timedelta(days=chance.randrange(7)),
        )
        for _ in range(number)
    ]


class Queue:
    """A client whose sampling policy has these quotas."""

    def __init__(self, provider, quotas):
        self.provider, self.client = provider, provider.clients["northwind"]
        self.body = {"base_rate": 0.1, "quotas": quotas}
        with provider.session() as session:
            text = f"qm_bundle: 1\nsampling_policy: {self.body}".replace("'", "")
            load_bundle(session, self.client, text=text)
            statement = select(Definition.definition_id).where(Definition.kind == "sampling_policy")
            self.policy_id = session.scalars(statement).one()

    def store(self, batch, *, now=datetime(2026, 6, 8, tzinfo=UTC), external=str):
        rows = [self._row(each, now) for each in batch]
        with self.provider.session() as session:
            known = set(session.scalars(select(Interaction.interaction_id)))
            for each in batch:
                if each.interaction_id not in known:
                    session.add(self._interaction(each, external))
            session.flush()
            draws = lock_groups(session, self.client.client_id, rows)
            store_draws(session, self.client.client_id, draws, rows, [["base_rate"]] * len(rows), now=now)

    def _interaction(self, unit, external):
        at = datetime(unit.day.year, unit.day.month, unit.day.day, 9, tzinfo=UTC)
        return Interaction(
            tenant_id=self.client.tenant_id,
            client_id=self.client.client_id,
            interaction_id=unit.interaction_id,
            external_id=external(unit.interaction_id),
            channel="chat",
            language="en",
            priority="normal",
            agent_details={},
            started_at=at,
            received_at=at,
            turns=[],
            status=[],
            outcome={},
            details={},
            digest=b"",
            state="scored",
        )

    def _row(self, unit, now):
        row = dict.fromkeys(column.name for column in InteractionFacts.__table__.columns)
        row |= {"channel": "chat", "priority": "normal", "peak_distress": 0, "clocks": []}
        row |= {"program": "", "queue": "", **dict.fromkeys(COUNTED, 0), "scored": 1, "judged": 1}
        row |= {"sla_rule": "", "sla_version": 0}
        row |= {"tenant_id": self.client.tenant_id, "client_id": self.client.client_id}
        row |= {"started_at": datetime(unit.day.year, unit.day.month, unit.day.day, 9, tzinfo=UTC)}
        row |= {name: getattr(unit, name) for name in ("interaction_id", "draw", "rate", "agent", "day")}
        return row | {"policy_id": self.policy_id, "drawable_since": now}

    def close(self, now=AFTER):
        with self.provider.session() as session:
            due = closing.periods_to_close(session, self.client.client_id, now)
        for period in due:
            with self.provider.session() as session:
                closing.close_windows(session, self.client.client_id, period, now=now)
        return len(due)

    def draws(self):
        """Return threshold, probability and decision of every interaction."""
        columns = InteractionFacts.threshold, InteractionFacts.inclusion_probability, InteractionFacts.sampled
        with self.provider.session() as session:
            found = session.execute(select(InteractionFacts.interaction_id, *columns))
            return {row[0]: tuple(row[1:]) for row in found}

    def drawn(self):
        return {each for each, (_, _, sampled) in self.draws().items() if sampled}

    def reviews(self):
        with self.provider.session() as session:
            found = session.scalars(select(Review).where(Review.state != "outdated")).all()
            return {each.interaction_id: each for each in found}

    def check(self):
        """Compare facts, reviews and rollups with each other."""
        with self.provider.session() as session:
            assert rollups.rollup_differences(session, self.client.client_id) == []
            facts = {each.interaction_id: each for each in session.scalars(select(InteractionFacts))}
            reviews = {each.interaction_id: each for each in session.scalars(select(Review))}
        for each in facts.values():
            assert each.inclusion_probability == min(1.0, each.rate * each.threshold)
            assert each.sampled == int(each.draw < each.inclusion_probability)
            review = reviews.get(each.interaction_id)
            if each.sampled:
                assert review.state != "cancelled"
            if review is not None and each.inclusion_probability:
                assert review.inclusion_probability == each.inclusion_probability
                assert each.sampled or review.state != "queued" or review.reviewer_id


@pytest.fixture
def make_queue(make_provider):
    def make(quotas):
        return Queue(make_provider("northwind"), quotas)

    return make


QUOTAS = [
    {"agent_week": {"max": 4}},
    {"agent_week": {"min": 14}},
    {"agent_week": {"min": 8, "max": 9}},
    {"fixed": {"size": 15}},
    {"fixed": {"size": 3, "per": "day"}},
    {"fixed": {"size": 20, "per": "month"}},
]


@pytest.mark.parametrize("quotas", QUOTAS, ids=str)
def test_the_order_in_which_interactions_come_changes_no_final_draw(make_queue, quotas):
    given, results = units(3, 80), []
    for seed in range(3):
        some, chance = make_queue(quotas), Random(seed)
        order = chance.sample(given, len(given))
        while order:
            batch, order = order[: (size := chance.randint(1, 40))], order[size:]
            some.store(batch)
            some.check()
            # What is judged again in between changes nothing.
            some.store(chance.sample(batch, min(3, len(batch))))
        some.close(datetime(2026, 7, 20, tzinfo=UTC))
        some.check()
        results.append(some.draws())

    assert results[0] == results[1] == results[2]
    assert results[0] == expected(quotas, given)


def expected(quotas, given):
    quota, groups = from_body({"base_rate": 0.1, "quotas": quotas}).quota, {}
    for each in given:
        groups.setdefault(quota.window(each.agent, each.day), []).append(each)
    found = {}
    for window, members in groups.items():
        limits = thresholds([each.draw / each.rate for each in members], *quota.bounds, highest=20.0)
        for each in members:
            threshold = limits.of(each.draw / each.rate) if window else 1.0
            p = min(1.0, each.rate * threshold)
            found[each.interaction_id] = (threshold, p, int(each.draw < p))
    return found


def test_a_maximum_holds_while_the_week_is_open_and_pushed_out_reviews_are_cancelled(make_queue):
    some = make_queue({"agent_week": {"max": 3}})
    given = units(5, 60, agents=("anna",), rates=(0.5,))
    for place in range(0, 60, 10):
        some.store(given[place : place + 10])
        assert len(some.drawn()) == min(3, sum(each.draw < each.rate for each in given[: place + 10]))
        some.check()

    states = Counter(each.state for each in some.reviews().values())
    assert states["queued"] == 3
    assert states["cancelled"] == sum(each.draw < each.rate for each in given) - 3


def test_what_was_begun_stays_in_the_record_but_is_not_in_the_sample(make_queue):
    some = make_queue({"agent_week": {"max": 1}})
    first = Unit(uuid.uuid4(), 0.3, 0.5)
    some.store([first])
    with some.provider.session() as session:
        session.execute(update(Review).values(state="submitted"))
    some.store([Unit(uuid.uuid4(), 0.1, 0.5)])

    review = some.reviews()[first.interaction_id]
    assert (review.state, review.draw >= review.inclusion_probability) == ("submitted", True)
    some.check()


def test_a_cancelled_review_waits_again_when_another_is_erased(make_queue):
    some = make_queue({"agent_week": {"max": 1}})
    out, inside = Unit(uuid.uuid4(), 0.3, 0.5), Unit(uuid.uuid4(), 0.1, 0.5)
    some.store([out, inside])
    assert some.reviews()[out.interaction_id].state == "cancelled"
    with some.provider.session() as session:
        erase_interaction(session, inside.interaction_id)
    some.store([Unit(uuid.uuid4(), 0.9, 0.5)])

    assert some.reviews()[out.interaction_id].state == "queued"
    some.check()


def test_a_window_closes_once_and_only_when_it_is_over_and_quiet(make_queue):
    some = make_queue({"agent_week": {"min": 5}})
    some.store(units(7, 20, agents=("anna",)))
    with some.provider.session() as session:
        session.execute(update(Interaction).values(received_at=datetime(2026, 6, 9, 11, 30, tzinfo=UTC)))

    assert some.close(datetime(2026, 6, 8, 23, tzinfo=UTC)) == 0, "the day after"
    assert some.close(datetime(2026, 6, 9, 12, tzinfo=UTC)) == 0, "something came half an hour ago"
    with some.provider.session() as session:
        session.execute(update(Interaction).values(state="pending"))
    assert some.close(datetime(2026, 6, 9, 13, tzinfo=UTC)) == 0, "something waits to be scored"
    with some.provider.session() as session:
        session.execute(update(Interaction).values(state="scored"))
    assert some.close(datetime(2026, 6, 9, 13, tzinfo=UTC)) == 1
    before = some.draws()
    assert some.close(datetime(2026, 6, 9, 14, tzinfo=UTC)) == 0
    assert some.draws() == before
    assert len(some.drawn()) >= 5


def test_nothing_of_a_fixed_number_is_drawn_or_in_an_estimate_before_its_window_closes(make_queue):
    some = make_queue({"fixed": {"size": 6}})
    some.store(units(8, 50))
    assert some.drawn() == set()
    assert some.reviews() == {}
    with some.provider.session() as session:
        assert set(session.scalars(select(InteractionFacts.drawable_since))) == {NOT_YET}

    some.close()
    reviews = some.reviews()
    assert len(some.drawn()) == len(reviews) == 6
    assert {tuple(each.reasons) for each in reviews.values()} == {("fixed_number",)}
    with some.provider.session() as session:
        assert set(session.scalars(select(InteractionFacts.drawable_since))) == {AFTER}


@pytest.mark.parametrize("quotas", QUOTAS, ids=str)
def test_after_closing_late_interactions_and_facts_change_nothing_of_others(make_queue, quotas):
    some, given = make_queue(quotas), units(9, 60)
    some.store(given)
    some.close(datetime(2026, 7, 20, tzinfo=UTC))
    before = some.draws()
    raised = [replace(each, rate=1.0) for each in given[:5]]
    late = [replace(each, interaction_id=uuid.uuid4()) for each in units(10, 20)]
    some.store([*raised, *late], now=AFTER)

    after = some.draws()
    some.check()
    assert {each: after[each] for each in before if each not in {r.interaction_id for r in raised}} == {
        each.interaction_id: before[each.interaction_id] for each in given[5:]
    }
    assert all(after[each.interaction_id][0] == before[each.interaction_id][0] for each in raised)
    with some.provider.session() as session:
        windows = session.scalars(select(SamplingWindow)).all()
    others = {(each.agent, each.first_day): each.other_threshold for each in windows}
    quota = from_body(some.body).quota
    for each in late:
        window = quota.window(each.agent, each.day)
        expected_threshold = others.get((window.agent, window.first)) if window else 1.0
        if expected_threshold is not None:
            assert after[each.interaction_id][0] == expected_threshold


def test_an_interaction_that_moves_to_another_agent_is_capped_there_and_no_more_here(make_queue):
    some = make_queue({"agent_week": {"max": 1}})
    low, high = Unit(uuid.uuid4(), 0.1, 0.5), Unit(uuid.uuid4(), 0.2, 0.5)
    of_ben = Unit(uuid.uuid4(), 0.3, 0.5, "ben")
    some.store([low, high, of_ben])
    assert some.drawn() == {low.interaction_id, of_ben.interaction_id}
    some.store([replace(low, agent="ben")])

    assert some.drawn() == {low.interaction_id, high.interaction_id}
    some.check()


def test_the_review_of_a_raised_probability_arrives_in_the_queue_when_it_rises(make_queue):
    some = make_queue({"agent_week": {"min": 30}})
    given = units(12, 40, agents=("anna",))
    some.store(given)
    early = some.drawn()
    some.close()

    reviews = some.reviews()
    assert {each.arrived_at.date() for each in reviews.values()} == {AFTER.date()}
    assert {reviews[each].created_at.date() for each in early} == {date(2026, 6, 8)}


def test_workers_and_reviewers_at_once_end_without_deadlock_and_with_consistent_draws(make_queue):
    some = make_queue({"agent_week": {"max": 3}})
    given, errors = units(13, 240, agents=("anna", "ben"), rates=(0.6,)), []

    def work(part):
        try:
            for place in range(0, len(part), 8):
                some.store(part[place : place + 8])
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            errors.append(error)

    threads = [threading.Thread(target=work, args=(given[start::4],)) for start in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert errors == []
    some.check()
    some.close()
    some.check()
    assert some.draws() == expected({"agent_week": {"max": 3}}, given)
