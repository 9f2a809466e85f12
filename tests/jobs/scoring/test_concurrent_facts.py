"""Pushes, events, corrections, erasures and reviews of the same interactions at once, beside real workers."""

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from qm.facts import rollups
from tests.jobs.worker_processes import BEGAN, LINES, SHARED_LINES, ScoringFixture, interaction, wait_until
from tests.sizes import short_and_whole

COLD = (LINES[0], ("agent", "It is what it is. Per our policy nothing can be done."), *LINES[2:])
PUSH = "/v1/clients/northwind/interactions"
REVIEWING = ("clients:read", "interactions:read", "reviews:read", "reviews:write")
ANSWERED = {200, 201, 204, 404, 409, 412}
CONNECTIONS = 12


@pytest.fixture
def deadlocks(services):
    """How many deadlocks the database broke since the test began."""
    url = (services.settings.owner_url or "").replace("+psycopg", "")

    def counted():
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("select pg_stat_force_next_flush()")
            question = "select deadlocks from pg_stat_database where datname = current_database()"
            (found,) = connection.execute(question).fetchone()
            return found

    before = counted()
    return lambda: counted() - before


class Crowd:
    """Callers that all work on the same few interactions, and what they were answered."""

    def __init__(self, fixture, names):
        self.fixture, self.names = fixture, names
        self.ids = {}
        self.answers = Counter()
        self.broken = []
        provider = fixture.provider
        people = [
            provider.add_user("qm_manager", email=f"m{number}@example.com") for number in range(CONNECTIONS)
        ]
        self.reviewers = [provider.caller(*REVIEWING, user=person) for person in people]

    def work(self, number, operations):
        """Do so many random operations with a connection of its own."""
        chance = random.Random(number)
        make = self.fixture.http.http.application.test_client
        api = type(self.fixture.http)(make(), self.fixture.http.key)
        reviewer = type(api)(make(), self.reviewers[number].key)
        deeds = (self.push, self.push_many, self.add, self.erase, self.review, self.read)
        for _ in range(operations):
            deed = chance.choices(deeds, weights=(4, 2, 4, 2, 2, 1))[0]
            caller = reviewer if deed == self.review else api
            deed(caller, chance)

    def told(self, what, answer):
        self.answers[what, answer.status_code] += 1
        if answer.status_code not in ANSWERED:
            self.broken.append((what, answer.status_code, answer.get_data(as_text=True)))
        return answer

    def content(self, chance):
        moment = BEGAN + timedelta(days=2, minutes=chance.randint(0, 600))
        return interaction(
            chance.choice(self.names),
            lines=chance.choice([LINES, COLD, SHARED_LINES]),
            at=BEGAN + timedelta(days=chance.randint(0, 1)),
            queue=chance.choice(["first", "second"]),
            outcome={"csat": chance.randint(1, 5)},
            **chance.choice([{}, {"updated_at": moment.isoformat()}]),
        )

    def push(self, api, chance):
        answer = self.told("push", api.post(PUSH, json=self.content(chance)))
        self.ids[answer.json["external_id"]] = answer.json["id"]

    def push_many(self, api, chance):
        items = [self.content(chance) for _ in range(chance.randint(2, 12))]
        for line in self.told("bulk", api.post(f"{PUSH}/bulk", json=items)).json["data"]:
            self.ids[line["external_id"]] = line["id"]

    def add(self, api, chance):
        at = (BEGAN + timedelta(days=2, hours=chance.randint(0, 5))).isoformat()
        sent = [
            {"at": at, "kind": "csat", "value": chance.randint(1, 5)},
            {"at": at, "kind": "resolved", "value": True},
            {"at": at, "kind": "discretion_used", "value": {"key": "goodwill"}},
        ]
        address = f"/v1/interactions/{self.any_id(chance)}/events"
        self.told("event", api.post(address, json={"events": chance.sample(sent, 2)}))

    def erase(self, api, chance):
        self.told("erase", api.delete(f"/v1/interactions/{self.any_id(chance)}"))

    def review(self, reviewer, chance):
        if chance.random() < 0.5:
            self.told("pick", reviewer.post(f"/v1/interactions/{self.any_id(chance)}/reviews", json={}))
        claimed = self.told("next", reviewer.post("/v1/reviews/next", json={}))
        if claimed.status_code != 200:
            return
        address = f"/v1/reviews/{claimed.json['id']}"
        match = {"If-Match": claimed.headers["ETag"]}
        end = chance.choice(["submit", "skip", "release"])
        if end == "submit":
            answers = [
                {"question": question["key"], "value": "yes", "evidence": [{"turn": 0}]}
                for section in claimed.json["scorecard"]["body"]["sections"]
                for question in section["questions"]
            ]
            self.told(end, reviewer.post(f"{address}/submit", json={"answers": answers}, headers=match))
        else:
            body = {"reason": "other"} if end == "skip" else {}
            self.told(end, reviewer.post(f"{address}/{end}", json=body))

    def read(self, api, chance):
        known = self.any_id(chance)
        for address in (
            f"/v1/interactions/{known}",
            f"/v1/interactions/{known}/evaluations",
            f"{PUSH}?channel=chat&limit=20",
            "/v1/reviews?limit=20",
            "/v1/clients/northwind/reports/overview?from=2026-07-01&to=2026-07-31",
        ):
            self.told("read", api.get(address))

    def any_id(self, chance):
        return self.ids[chance.choice(self.names)]


@pytest.fixture
def crowd(make_provider, worker_processes):
    crowd = Crowd(ScoringFixture(make_provider("northwind")), [f"T-{number}" for number in range(24)])
    worker_processes.clock()
    for _ in range(2):
        worker_processes.worker(QM_SLICE=10, QM_POOL_SIZE=2)
    known = crowd.fixture.push([interaction(name) for name in crowd.names])
    crowd.ids = dict(zip(crowd.names, known, strict=True))
    return crowd


def overview(fixture):
    answer = fixture.http.get("/v1/clients/northwind/reports/overview?from=2026-07-01&to=2026-07-31")
    assert answer.status_code == 200
    return answer.json


@pytest.mark.parametrize("operations", short_and_whole(600, 10_000))
def test_everything_at_once_ends_without_deadlock_and_equal_to_a_rebuild(crowd, deadlocks, operations):
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        shares = [operations // CONNECTIONS] * CONNECTIONS
        list(pool.map(crowd.work, range(CONNECTIONS), shares))
    fixture = crowd.fixture
    wait_until(lambda: fixture.count("pending") + fixture.count("claimed") == 0)

    assert crowd.broken == []
    assert deadlocks() == 0
    assert fixture.count("dead") == 0
    assert {what for (what, status), _ in crowd.answers.items() if status in {200, 201}} >= {
        *("push", "bulk", "event", "read", "erase", "pick", "next", "submit", "skip", "release"),
    }
    [(interactions, facts)] = fixture.ask(
        "select (select count(*) from interactions), (select count(*) from interaction_facts)"
    )
    assert interactions == facts > 0
    before = overview(fixture)
    assert fixture.ask("select count(*) from audit_entries where action = 'rollups.rebuilt'") == [(0,)]
    with fixture.provider.session() as session:
        client = fixture.provider.clients["northwind"]
        assert rollups.rollup_differences(session, client.client_id) == []
        assert rollups.rebuild_rollups(session, client.client_id) == 0
    assert overview(fixture) == before


def test_nothing_is_left_of_what_is_erased_while_it_is_scored(scoring_fixture, worker_processes, deadlocks):
    worker_processes.worker(QM_SLICE=5)
    make = scoring_fixture.http.http.application.test_client
    event = {"at": (BEGAN + timedelta(days=1)).isoformat(), "kind": "csat", "value": 3}

    def caller():
        return type(scoring_fixture.http)(make(), scoring_fixture.http.key)

    def come_and_go(number):
        chance = random.Random(number)
        api, beside = caller(), caller()
        with ThreadPoolExecutor(1) as second:
            for place in range(25):
                known = api.post(PUSH, json=interaction(f"G-{number}-{place}")).json["id"]
                # A worker is at it now, or was, or will be.
                time.sleep(chance.uniform(0, 0.2))
                added = second.submit(beside.post, f"/v1/interactions/{known}/events", json=event)
                yield api.delete(f"/v1/interactions/{known}").status_code
                assert added.result().status_code in {201, 404}

    with ThreadPoolExecutor(4) as pool:
        statuses = pool.map(lambda number: set(come_and_go(number)), range(4))
        assert set.union(*statuses) == {200}
    left = " union all ".join(
        f"select '{table}', count(*) from {table}"
        for table in ("interactions", "interaction_events", "interaction_facts", "evaluations", "reviews")
    )
    assert {number for _, number in scoring_fixture.ask(left)} == {0}
    assert scoring_fixture.wrongs() == []
    assert deadlocks() == 0


@pytest.mark.parametrize(
    ("kind", "value"), [("csat", 3), ("discretion_used", {"key": "g", "amount": 20, "currency": "USD"})]
)
def test_the_same_event_from_ten_connections_is_kept_once(scoring_fixture, kind, value):
    [known] = scoring_fixture.push([interaction("T-1")])
    http = scoring_fixture.http
    together = threading.Barrier(10)

    def send(number):
        api = type(http)(http.http.application.test_client(), http.key)
        at = (BEGAN + timedelta(days=1)).isoformat()
        sent = {**value, "amount": 20.0} if number % 2 and isinstance(value, dict) else value
        together.wait()
        answer = api.post(f"/v1/interactions/{known}/events", json={"at": at, "kind": kind, "value": sent})
        return answer.status_code, len(answer.json["data"])

    with ThreadPoolExecutor(10) as pool:
        answers = Counter(pool.map(send, range(10)))
    assert answers == {(201, 1): 1, (201, 0): 9}
    assert scoring_fixture.ask("select count(*) from interaction_events") == [(1,)]
