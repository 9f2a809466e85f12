"""Pushes and events in any order, repeated and scored in between, end as a replay from scratch does."""

from datetime import UTC, datetime, timedelta
from itertools import count, permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qm.facts import rollups
from qm.facts.models import COUNTED, DIMENSIONS, MEASURED
from scorecards.authoring.bundle_import import load_bundle
from tests.jobs.worker_processes import LINES, SHARED_LINES, ScoringFixture, interaction
from workers.context import WorkerContext
from workers.scoring import claims
from workers.scoring.claims import ClaimTerms
from workers.scoring.job import score_claim

JUNE = datetime(2026, 6, 1, 10, tzinfo=UTC)
COLD = (LINES[0], ("agent", "Per our policy nothing can be done."))
numbers = count()
later = st.integers(2, 8).map(lambda days: (JUNE + timedelta(days=days)).isoformat())
contents = st.fixed_dictionaries(
    {
        "at": st.sampled_from([JUNE, JUNE + timedelta(days=1)]),
        "lines": st.sampled_from([LINES, COLD, SHARED_LINES]),
        "queue": st.sampled_from(["first", "second"]),
        "outcome": st.dictionaries(st.sampled_from(["csat", "nps"]), st.integers(1, 5)),
    }
)
versions = st.dictionaries(later, contents, min_size=1, max_size=4).map(
    lambda found: [{"updated_at": at, **content} for at, content in found.items()]
)
events = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"at": later, "kind": st.sampled_from(["csat", "nps"]), "value": st.integers(1, 5)}
        ),
        st.fixed_dictionaries(
            {"at": later, "kind": st.sampled_from(["resolved", "reopened"]), "value": st.booleans()}
        ),
        st.fixed_dictionaries(
            {"at": later, "kind": st.just("status"), "value": st.sampled_from(["open", "pending", "closed"])}
        ),
        st.fixed_dictionaries(
            {
                "at": later,
                "kind": st.just("discretion_used"),
                "value": st.sampled_from(
                    [{"key": "goodwill", "amount": 20, "currency": "USD"}, {"key": "x"}]
                ),
            }
        ),
    ),
    max_size=5,
)


class Desk:
    """A client whose interactions are scored when told."""

    def __init__(self, provider, services):
        self.fixture = ScoringFixture(provider, ())
        self.client = provider.clients["northwind"]
        with provider.session() as session:
            load_bundle(
                session,
                self.client,
                text="qm_bundle: 1\nscorecards: [{key: care, name: Care, template: empathy}]",
            )
        self.context = WorkerContext(services)

    def push(self, external_id, *contents):
        (last, *_) = reversed(
            self.fixture.push([interaction(external_id, **content) for content in contents])
        )
        return last

    def add(self, interaction_id, *sent):
        answer = self.fixture.http.post(f"/v1/interactions/{interaction_id}/events", json={"events": sent})
        assert answer.status_code == 201, answer.json

    def score(self):
        terms = ClaimTerms(50, 60, 2)
        while True:
            with self.fixture.provider.session() as session:
                held = claims.claim(session, self.client.tenant_id, self.context.round_robin, terms)
            if held is None:
                return
            assert score_claim(self.context, held) == len(held.rows)

    def known(self, interaction_id):
        """Everything that is known of an interaction but when and under which id it came."""
        names = ", ".join(f"interaction_facts.{name}" for name in (*DIMENSIONS, *COUNTED, *MEASURED))
        facts = self.fixture.ask(
            f"select {names} from interaction_facts join interactions i using (interaction_id)"
            " join interactions w on w.external_id = i.external_id and w.client_id = i.client_id"
            " where w.interaction_id = :id and (judged = 1 or i.part_agent = '') order by i.part_agent",
            id=interaction_id,
        )
        shown = self.fixture.http.get(f"/v1/interactions/{interaction_id}").json
        for name in ("id", "external_id", "received_at", "changed_at"):
            del shown[name]
        for part in shown["parts"]:
            del part["id"]
        return facts, shown

    def differences(self):
        with self.fixture.provider.session() as session:
            return rollups.rollup_differences(session, self.client.client_id)


@pytest.fixture
def desk(make_provider, services):
    return Desk(make_provider("northwind"), services)


def deliver(desk, external_id, deliveries, chance):
    """Send deliveries in this order; several pushes in a row may come in one call."""
    known, bundle = None, []
    for number, (kind, content) in enumerate(deliveries):
        if kind == "push":
            bundle.append(content)
            following = deliveries[number + 1][0] if number + 1 < len(deliveries) else None
            if following == "push" and chance.random() < 0.5:
                continue
            known, bundle = desk.push(external_id, *bundle), []
        else:
            desk.add(known, content)
        if chance.random() < 0.3:
            desk.score()
    return known


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(versions, events, st.randoms(use_true_random=False))
def test_same_facts_in_any_order_and_number_end_the_same(desk, pushed, sent, chance):
    deliveries = [("push", each) for each in pushed for _ in range(chance.randint(1, 2))]
    deliveries += [("event", each) for each in sent for _ in range(chance.randint(1, 2))]
    chance.shuffle(deliveries)
    first = next(place for place, (kind, _) in enumerate(deliveries) if kind == "push")
    deliveries.insert(0, deliveries.pop(first))

    shuffled = deliver(desk, f"A-{next(numbers)}", deliveries, chance)
    newest = max(pushed, key=lambda each: each["updated_at"])
    replayed = desk.push(f"B-{next(numbers)}", newest)
    if sent:
        desk.add(replayed, *sent)
    desk.score()

    assert desk.known(shuffled) == desk.known(replayed)
    assert desk.differences() == []


PROMISES = {
    "rules": [
        {"key": "urgent", "match": {"priorities": ["urgent"]}, "targets": {"resolution": "9h"}},
        {"key": "usual", "targets": {"resolution": "10h"}, "pause_on": ["pending"]},
    ]
}
WAITED = [
    {"at": "2026-06-01T11:00:00Z", "to": "pending"},
    {"at": "2026-06-01T15:00:00Z", "to": "open"},
    {"at": "2026-06-01T20:30:00Z", "to": "resolved"},
]


def promised(desk, body=PROMISES):
    address = "/v1/clients/northwind/sla-policy"
    answer = desk.fixture.http.put(
        address, json=body, query_string={"effective_from": "2026-05-01T00:00:00Z"}
    )
    assert answer.status_code in {200, 201}, answer.json


def resolution(desk, interaction_id):
    desk.score()
    [(clocks,)] = desk.fixture.ask(
        "select clocks from interaction_facts where interaction_id = :id", id=interaction_id
    )
    [clock] = (each for each in clocks if each["target"] == "resolution")
    return clock["rule"], clock["state"], clock["open_seconds"] / 3600, clock["paused_seconds"] / 3600


def version(hour, priority, **content):
    moment = {} if hour is None else {"updated_at": f"2026-06-01T{hour:02}:00:00Z"}
    return {"at": JUNE, "status": WAITED, "priority": priority, **moment, **content}


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("scored_between", [True, False])
def test_a_pause_under_an_earlier_priority_is_kept_whichever_push_came_first(desk, order, scored_between):
    promised(desk)
    pushed = [version(10, "normal"), version(13, "urgent"), version(21, "urgent", queue="second")]
    for place in order:
        known = desk.push("T-1", pushed[place], pushed[place])
        if scored_between:
            desk.score()
    # Urgent in the end; still, from 11 to 13 it stood still under the usual promise.
    assert resolution(desk, known) == ("urgent", "met", 8.5, 2.0)
    assert desk.fixture.row("T-1").queue == "second"
    assert desk.differences() == []


priorities = st.lists(
    st.tuples(st.integers(10, 21), st.sampled_from(["normal", "urgent"])),
    min_size=1,
    max_size=5,
    unique_by=lambda each: each[0],
)


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(priorities, st.randoms(use_true_random=False))
def test_priorities_in_any_order_and_number_end_as_when_told_in_turn(desk, told, chance):
    promised(desk)
    shuffled = [("push", version(*each)) for each in told for _ in range(chance.randint(1, 2))]
    chance.shuffle(shuffled)
    one = deliver(desk, f"P-{next(numbers)}", shuffled, chance)
    other = desk.push(f"Q-{next(numbers)}", *(version(*each) for each in sorted(told)))

    assert resolution(desk, one) == resolution(desk, other)
    assert desk.known(one) == desk.known(other)
    assert desk.differences() == []


def test_a_priority_that_is_stated_again_cuts_no_pause(desk):
    promised(desk)
    one = desk.push("T-1", *(version(hour, "normal") for hour in (13, 10)))
    other = desk.push("T-2", *(version(hour, "normal") for hour in (10, 12, 13)))
    assert resolution(desk, one) == resolution(desk, other)
    pauses = [desk.known(each)[1]["clocks"][0]["pauses"] for each in (one, other)]
    assert pauses[0] == pauses[1] == [{"start": "2026-06-01T11:00:00Z", "end": "2026-06-01T15:00:00Z"}]


def test_an_undated_priority_counts_from_the_start_or_replaces_the_newest(desk):
    promised(desk)
    known = desk.push("T-1", version(None, "normal"), version(13, "urgent"))
    assert resolution(desk, known) == ("urgent", "met", 8.5, 2.0)
    desk.push("T-1", version(None, "low", queue="second"))
    assert resolution(desk, known) == ("usual", "met", 6.5, 4.0)
    assert desk.fixture.row("T-1").priorities == {"": "normal", "2026-06-01T13:00:00.000000Z": "low"}
    other = desk.push("T-2", version(None, "normal"), version(None, "urgent"))
    assert resolution(desk, other) == ("urgent", "breached", 10.5, 0.0)


def test_an_overtaken_priority_is_answered_as_an_update_only_where_there_was_another(desk):
    def pushed(hour, priority):
        address = "/v1/clients/northwind/interactions"
        answer = desk.fixture.http.post(address, json=interaction("T-1", **version(hour, priority)))
        return answer.json["status"], desk.fixture.row("T-1").state

    promised(desk)
    assert pushed(20, "normal") == ("created", "pending")
    desk.score()
    assert pushed(12, "normal") == ("unchanged", "scored")
    assert pushed(15, "urgent") == ("updated", "pending")
    desk.score()
    assert pushed(15, "urgent") == ("unchanged", "scored")
    # Known already and of one kind: but now it parts two times of another.
    assert pushed(17, "normal") == ("updated", "pending")
    row = desk.fixture.row("T-1")
    assert (row.priority, len(row.priorities), row.status) == ("normal", 4, WAITED)


def test_an_earlier_snapshot_changes_nothing(desk):
    full = {"outcome": {"csat": 4}, "status": [{"at": "2026-06-01T10:30:00Z", "to": "resolved"}]}
    known = desk.push("T-1", {"at": JUNE, "updated_at": "2026-06-01T12:00:00Z", **full})
    desk.score()
    before = desk.known(known)

    address = "/v1/clients/northwind/interactions"
    early = interaction("T-1", at=JUNE, lines=LINES[:1], updated_at="2026-06-01T11:00:00Z")
    answer = desk.fixture.http.post(address, json=early)

    assert (answer.status_code, answer.json) == (
        200,
        {"id": known, "external_id": "T-1", "status": "unchanged"},
    )
    assert desk.known(known) == before
    assert before[1]["state"] == "scored"
    assert before[1]["updated_at"] == "2026-06-01T12:00:00+00:00"


def test_pushes_without_a_moment_and_of_the_same_moment_replace_each_other(desk):
    dated = {"at": JUNE, "updated_at": "2026-06-01T12:00:00Z"}
    desk.push("T-1", dated, {"at": JUNE, "queue": "undated"})
    assert desk.fixture.row("T-1").queue == "undated"
    # The newest moment stays known: an older version must not come back.
    desk.push("T-1", {**dated, "updated_at": "2026-06-01T11:00:00Z", "queue": "older"})
    assert desk.fixture.row("T-1").queue == "undated"
    desk.push("T-1", {**dated, "queue": "same"})
    assert desk.fixture.row("T-1").queue == "same"


def test_several_versions_in_one_call_end_with_the_newest(desk):
    answers = desk.fixture.http.post(
        "/v1/clients/northwind/interactions/bulk",
        json=[
            interaction("T-1", at=JUNE, queue=queue, updated_at=f"2026-06-01T{hour}:00:00Z")
            for queue, hour in (("b", 12), ("a", 11), ("c", 13), ("b", 12))
        ],
    ).json
    assert [line["status"] for line in answers["data"]] == ["created", "unchanged", "updated", "unchanged"]
    assert desk.fixture.row("T-1").queue == "c"


def test_an_event_before_the_start_is_refused_by_name(desk):
    known = desk.push("T-1", {"at": JUNE})
    address = f"/v1/interactions/{known}/events"
    old = {"at": "2020-01-01T00:00:00Z", "kind": "status", "value": "resolved"}
    good = {"at": "2026-06-02T00:00:00Z", "kind": "csat", "value": 4}

    many = desk.fixture.http.post(address, json={"events": [old, good, {**old, "value": "closed"}]})
    alone = desk.fixture.http.post(address, json=old)
    late = {"at": "2133-01-01T00:00:00Z", "kind": "csat", "value": 3}
    every = desk.fixture.http.post(
        address,
        json={"events": [{**old, "value": "lost"}, late, "none", {"at": "soon"}, None, {**old, "by": "me"}]},
    )
    both = desk.fixture.http.post(address, json={**old, "by": "me", "kind": "nps", "value": 11})

    def told(answer):
        return answer.status_code, [(fault["pointer"], fault["code"]) for fault in answer.json["errors"]]

    assert told(many) == (422, [("/events/0/at", "before_start"), ("/events/2/at", "before_start")])
    assert told(alone) == (422, [("/at", "before_start")])
    status, faults = told(every)
    assert (status, sorted(set(faults))) == (
        422,
        [
            ("/events/0/at", "before_start"),
            ("/events/0/value", "not_allowed"),
            ("/events/1/at", "in_future"),
            ("/events/2", "wrong_type"),
            ("/events/3/at", "not_a_time"),
            ("/events/3/kind", "required"),
            ("/events/3/value", "required"),
            ("/events/4", "null"),
            ("/events/5/at", "before_start"),
            ("/events/5/by", "unknown_field"),
        ],
    )
    assert sorted(told(both)[1]) == [
        ("/at", "before_start"),
        ("/by", "unknown_field"),
        ("/value", "out_of_range"),
    ]
    assert desk.fixture.ask("select count(*) from interaction_events") == [(0,)]
