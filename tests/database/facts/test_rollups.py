"""Daily rollups equal the sum of their facts after any stores, changes, deletions and concurrency."""

import random
import threading
import uuid
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select, text, update

from qm.facts import rollups
from qm.facts.models import COUNTED, DIMENSIONS, MEASURED, DailyRollup, InteractionFacts
from qm.interactions.models import Interaction
from scorecards.sla.policy import TARGETS
from tenants.clients import change_client, client_named
from tenants.isolation import Scope, acting_as
from tests.waiting import PATIENCE, wait_until

DAY = date(2026, 7, 1)
AT = datetime(2026, 7, 1, 9, tzinfo=UTC)


def interactions(session, client, number):
    """Store bare interactions and return their ids."""
    ids = [uuid.uuid4() for _ in range(number)]
    session.execute(
        insert(Interaction),
        [
            {
                "tenant_id": client.tenant_id,
                "client_id": client.client_id,
                "interaction_id": each,
                "external_id": str(each),
                "channel": "chat",
                "language": "en",
                "priority": "normal",
                "started_at": datetime(2026, 7, 1, tzinfo=UTC),
                "agent_details": {},
                "turns": [],
                "status": [],
                "outcome": {},
                "details": {},
                "digest": b"",
                "state": "scored",
            }
            for each in ids
        ],
    )
    return ids


def facts(client, interaction_id, **given):
    row = dict.fromkeys((column.name for column in InteractionFacts.__table__.columns), None)
    row |= {
        "tenant_id": client.tenant_id,
        "client_id": client.client_id,
        "interaction_id": interaction_id,
        "started_at": datetime(2026, 7, 1, 9, tzinfo=UTC),
        "day": DAY,
        "channel": "chat",
        "program": "",
        "queue": "",
        "priority": "normal",
        "agent": "a-1",
        "rate": 0.1,
        "drawable_since": AT,
        "threshold": 1.0,
        "settled": True,
        "peak_distress": 0.0,
        "clocks": [],
        **dict.fromkeys(COUNTED, 0),
        "scored": 1,
        "judged": 1,
    }
    return row | given


def random_facts(chance, client, interaction_id):
    """Facts such as no scorer would make up, but a table must bear."""
    row = facts(client, interaction_id)
    row |= {name: chance.choice([None, 0.0, round(chance.uniform(0, 100), 6), 1 / 3]) for name in MEASURED}
    row |= {name: chance.randint(0, 1) for name in COUNTED}
    row |= {
        "day": DAY + timedelta(days=chance.randint(0, 2)),
        "channel": chance.choice(["chat", "email"]),
        "program": chance.choice(["", None, "billing"]),
        "agent": chance.choice(["a-1", "a-2", None]),
        "rate": chance.choice([0, 0.1, 1]),
        "sla_rule": chance.choice(["", None, "chat", "rest"]),
        "sla_version": chance.choice([None, 1, 2]),
    }
    return row


def sums(session):
    names = (*DIMENSIONS[:6], "scored", "score_count", "score_sum")
    columns = [DailyRollup.__table__.columns[name] for name in names]
    return [tuple(row) for row in session.execute(select(*columns).order_by(*columns[:6]))]


@pytest.fixture
def client(provider):
    return provider.clients["northwind"]


def test_new_facts_are_added_up(provider, client):
    with provider.session() as session:
        one, two, three = interactions(session, client, 3)
        rollups.store_facts(
            session,
            [
                facts(client, one, score=70.5),
                facts(client, two, score=None),
                facts(client, three, agent=None),
            ],
        )
        assert sums(session) == [
            (DAY, "chat", "", "", "normal", "", 1, 0, 0.0),
            (DAY, "chat", "", "", "normal", "a-1", 2, 1, 70.5),
        ]


def test_changed_facts_move_between_daily_rollups(provider, client):
    later = DAY + timedelta(days=1)
    with provider.session() as session:
        (one,) = interactions(session, client, 1)
        rollups.store_facts(session, [facts(client, one, score=70.5)])
    with provider.session() as session:
        rollups.store_facts(session, [facts(client, one, score=20, day=later)])
        assert [row[0:1] + row[6:] for row in sums(session)] == [(DAY, 0, 0, 0.0), (later, 1, 1, 20.0)]


def test_store_facts_keeps_last_of_duplicate_rows(provider, client):
    with provider.session() as session:
        (one,) = interactions(session, client, 1)
        rollups.store_facts(session, [facts(client, one, score=1), facts(client, one, score=2)])
        assert [row[6:] for row in sums(session)] == [(1, 1, 2.0)]


def test_facts_stored_again_leave_the_rollup_row_as_it_is(provider, client):
    with provider.session() as session:
        (one,) = interactions(session, client, 1)
        rollups.store_facts(session, [facts(client, one, score=1 / 3)])
        before = session.execute(text("select ctid from daily_rollups")).all()
        rollups.store_facts(session, [facts(client, one, score=1 / 3)])
        assert session.execute(text("select ctid from daily_rollups")).all() == before


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_store_facts_rejects_nan_and_infinity(provider, client, number):
    with provider.session() as session:
        (one,) = interactions(session, client, 1)
        with pytest.raises(ValueError, match="finite"):
            rollups.store_facts(session, [facts(client, one, score=number)])


def test_store_facts_and_forget_accept_empty_list(provider):
    with provider.session() as session:
        rollups.store_facts(session, [])
        assert rollups.delete_facts(session, []) == 0


@pytest.mark.parametrize("seed", range(4))
def test_rollups_equal_facts_after_random_operations(provider, client, seed):
    chance = random.Random(seed)
    with provider.session() as session:
        ids = interactions(session, client, 40)
    for _ in range(12):
        with provider.session() as session:
            some = chance.sample(ids, chance.randint(1, 25))
            if chance.random() < 0.3:
                rollups.delete_facts(session, some)
            else:
                rollups.store_facts(session, [random_facts(chance, client, each) for each in some])
            assert rollups.rollup_differences(session, client.client_id) == []
    with provider.session() as session:
        rollups.delete_facts(session, ids)
        assert rollups.rollup_differences(session, client.client_id) == []
        assert {row[6:] for row in sums(session)} == {(0, 0, 0.0)}
        rollups.rebuild_rollups(session, client.client_id)
        assert sums(session) == []


def test_differences_reports_and_rebuild_repairs_drifted_rollup(provider, client):
    with provider.session() as session:
        ids = interactions(session, client, 3)
        rollups.store_facts(session, [facts(client, each, score=50) for each in ids])
        session.execute(update(DailyRollup).values(score_sum=140, passed=2))
        (found,) = rollups.rollup_differences(session, client.client_id)
        assert (found.day, found.agent, found.amounts) == (DAY, "a-1", {"score_sum": 10.0, "passed": -2.0})
        assert rollups.rebuild_rollups(session, client.client_id) == 1
        assert rollups.rollup_differences(session, client.client_id) == []
        assert rollups.rebuild_rollups(session, client.client_id) == 0


def test_a_rebuild_of_one_client_leaves_the_other_alone(provider, client):
    with provider.session() as session:
        rollups.store_facts(session, [facts(client, each) for each in interactions(session, client, 2)])
        session.execute(update(DailyRollup).values(scored=9))
        assert rollups.rebuild_rollups(session, provider.clients["contoso"].client_id) == 0
        assert [row[6] for row in sums(session)] == [9]


def test_forget_deletes_no_facts_of_other_provider(make_provider):
    mine, other = make_provider("northwind"), make_provider("northwind")
    with mine.session() as session:
        ids = interactions(session, mine.clients["northwind"], 1)
        rollups.store_facts(session, [facts(mine.clients["northwind"], ids[0])])
    with other.session() as session:
        assert rollups.delete_facts(session, ids) == 0


def run_concurrently(*works):
    """Run works at the same time; return what they raised."""
    raised = []

    def guarded(work):
        try:
            work()
        except Exception as error:  # noqa: BLE001 - shown by the test
            raised.append(error)

    threads = [threading.Thread(target=guarded, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return raised


def test_concurrent_workers_on_same_days_keep_rollups_equal_without_deadlock(provider, client, services):
    with provider.session() as session:
        ids = interactions(session, client, 400)
    scope = Scope(client.tenant_id, (client.client_id,))

    def work(seed):
        chance = random.Random(seed)
        for _ in range(15):
            some = chance.sample(ids, 100)
            with acting_as(services.engine, scope) as session:
                if chance.random() < 0.2:
                    rollups.delete_facts(session, some)
                else:
                    rollups.store_facts(session, [random_facts(chance, client, each) for each in some])

    assert run_concurrently(lambda: work(1), lambda: work(2), lambda: work(3)) == []
    with provider.session() as session:
        assert rollups.rollup_differences(session, client.client_id) == []


def test_concurrent_first_store_of_facts_counts_once(provider, client, services):
    with provider.session() as session:
        (one,) = interactions(session, client, 1)
    scope = Scope(client.tenant_id, (client.client_id,))
    begun = threading.Event()

    def somebody_waits():
        with services.engine.connect() as connection:
            return connection.scalar(text("select count(*) from pg_locks where not granted"))

    def first():
        with acting_as(services.engine, scope) as session:
            rollups.store_facts(session, [facts(client, one, score=10)])
            begun.set()
            wait_until(somebody_waits)

    def second():
        begun.wait(PATIENCE)
        with acting_as(services.engine, scope) as session:
            rollups.store_facts(session, [facts(client, one, score=30)])

    assert run_concurrently(first, second) == []
    with provider.session() as session:
        assert [row[6:] for row in sums(session)] == [(1, 1, 30.0)]
        assert rollups.rollup_differences(session, client.client_id) == []


def test_rebuild_keeps_facts_stored_concurrently(provider, client, services):
    with provider.session() as session:
        ids = interactions(session, client, 100)
    scope = Scope(client.tenant_id, (client.client_id,))

    def store(seed):
        chance = random.Random(seed)
        for _ in range(15):
            with acting_as(services.engine, scope) as session:
                rollups.store_facts(session, [random_facts(chance, client, each) for each in ids])

    def mend():
        for _ in range(15):
            with acting_as(services.engine, scope) as session:
                rollups.rebuild_rollups(session, client.client_id)

    assert run_concurrently(lambda: store(1), mend, mend) == []
    with provider.session() as session:
        assert rollups.rollup_differences(session, client.client_id) == []


def test_rollup_has_met_and_breached_columns_of_every_sla_target():
    names = {column.name for column in DailyRollup.__table__.columns}
    assert {f"{clock}_{state}" for clock in TARGETS for state in ("met", "breached")} <= names


@pytest.mark.parametrize(
    "zone", ["Australia/Sydney", "America/New_York", "Africa/Cairo", "Pacific/Apia", "UTC"]
)
def test_facts_move_to_the_days_of_another_time_zone_with_their_sums(provider, client, zone):
    chance = random.Random(zone)
    moments = [
        datetime(2026, 4, 20, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 30 * 1440)) for _ in range(60)
    ]
    with provider.session() as session:
        rows = [
            random_facts(chance, client, each) | {"started_at": at, "day": at.date()}
            for each, at in zip(interactions(session, client, 60), moments, strict=True)
        ]
        rollups.store_facts(session, rows)
    with provider.session() as session:
        change_client(session, client_named(session, client.slug), settings={"time_zone": zone})
        assert rollups.rollup_differences(session, client.client_id) == []
        found = session.execute(select(InteractionFacts.started_at, InteractionFacts.day))
        assert all(day == at.astimezone(ZoneInfo(zone)).date() for at, day in found)
