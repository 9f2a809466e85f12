"""SLA clocks of scored interactions: the same facts give the same verdict, whatever came first, and again.

Policies, calendars and time zones count as facts too, whenever they were entered.
"""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from qm.facts import rollups
from qm.facts.models import InteractionFacts
from scorecards.definitions.conversation import Conversation, StatusEvent, Turn
from scorecards.sla import clocks as sla
from scorecards.sla.policy import from_body
from tests.jobs.worker_processes import ScoringFixture, interaction, wait_until

START = datetime(2026, 11, 25, 10, tzinfo=UTC)
EVERYTHING = {
    "key": "all",
    "targets": {"first_response": "10m", "next_response": "20m", "resolution": "60m"},
    "pause_on": ["pending", "on_hold"],
}
WEEK = ("mon", "tue", "wed", "thu", "fri")
SYDNEY = {"key": "office", "time_zone": "Australia/Sydney", "hours": {day: ["09:00-17:00"] for day in WEEK}}
OFFICE = {"key": "desk", "calendar": "office", "targets": {"first_response": "2h"}}
# What differs with the moment of scoring, as long as a clock runs.
MOVING = ("open_seconds", "paused_seconds")


def moment(minutes):
    return START + timedelta(minutes=minutes)


def put(fixture, body, **query):
    answer = fixture.http.put("/v1/clients/northwind/sla-policy", json=body, query_string=query)
    assert answer.status_code in {200, 201}, answer.json


def silent(external_id, at, **others):
    lines = [{"at": at.isoformat(), "speaker": "customer", "text": "My parcel is late."}]
    return {**interaction(external_id, at=at, **others), "turns": lines}


def clocks_of(fixture, external_id):
    statement = (
        "select f.clocks from interaction_facts f join interactions i using (tenant_id, interaction_id)"
        " where i.external_id = :id"
    )
    return [
        {
            name: datetime.fromisoformat(value).astimezone(UTC) if name.endswith("_at") and value else value
            for name, value in clock.items()
            if name != "pauses" and not (name in MOVING and clock["stopped_at"] is None)
        }
        for clock in fixture.ask(statement, id=external_id)[0][0]
    ]


def settled(fixture, number):
    fixture.all_scored(number)
    client = fixture.provider.clients["northwind"]
    with fixture.provider.session() as session:
        assert rollups.rollup_differences(session, client.client_id) == []


def test_an_event_that_comes_late_counts_where_it_belongs(scoring_fixture, shared_worker):
    rule = {"key": "all", "targets": {"resolution": "60m"}, "pause_on": ["pending"]}
    put(scoring_fixture, {"rules": [rule]}, effective_from="2026-01-01T00:00:00Z")
    status = [
        {"at": moment(5).isoformat(), "to": "pending"},
        {"at": moment(360).isoformat(), "to": "resolved"},
    ]
    [known] = scoring_fixture.push([silent("T-1", START, status=status)])
    settled(scoring_fixture, 1)
    [clock] = clocks_of(scoring_fixture, "T-1")
    assert (clock["state"], clock["open_seconds"]) == ("met", 300)

    event = {"at": moment(10).isoformat(), "kind": "status", "value": "open"}
    assert scoring_fixture.http.post(f"/v1/interactions/{known}/events", json=event).status_code == 201
    settled(scoring_fixture, 1)
    [clock] = clocks_of(scoring_fixture, "T-1")
    assert (clock["state"], clock["open_seconds"], clock["due_at"]) == ("breached", 21_300, moment(65))
    [facts] = scoring_fixture.ask(
        "select resolution_met, resolution_breached, sla_version from interaction_facts"
    )
    assert tuple(facts) == (0, 1, 2)


def random_history(chance):
    """Turns and status changes of one interaction, with a moment of their own each."""
    minutes = sorted(chance.sample(range(1, 400), 9))
    spoken = [(at, chance.choice(["customer", "agent", "bot"])) for at in minutes[::3]]
    changes = [
        (at, chance.choice(["pending", "on_hold", "open", "reopened", "resolved", "closed"]))
        for at in (*minutes[1::3], *minutes[2::3])
    ]
    return spoken, changes


def replayed(policy, spoken, changes):
    """The clocks as reckoned from scratch."""
    turns = [Turn("customer", "words", START), *(Turn(who, "words", moment(at)) for at, who in spoken)]
    status = [StatusEvent(moment(at), to) for at, to in changes]
    talk = Conversation("chat", turns, START, status=status)
    return [
        (clock.target, clock.number, clock.state, clock.started_at, clock.stopped_at, clock.due_at)
        for clock in sla.clocks(from_body(policy), talk, datetime.now(UTC))
    ]


def test_clocks_equal_a_replay_from_scratch_however_the_facts_come_in(scoring_fixture, shared_worker):
    policy = {"rules": [EVERYTHING]}
    put(scoring_fixture, policy, effective_from="2026-01-01T00:00:00Z")
    chance, histories = random.Random(7), {}
    for number in range(25):
        spoken, changes = histories[f"T-{number}"] = random_history(chance)
        pushed = [each for each in changes if chance.random() < 0.5]
        later = [each for each in changes if each not in pushed]
        later += [each for each in changes if chance.random() < 0.3]
        chance.shuffle(later)
        turns = [(0, "customer"), *spoken]
        item = interaction(f"T-{number}", at=START) | {
            "turns": [{"at": moment(at).isoformat(), "speaker": who, "text": "words"} for at, who in turns],
            "status": [{"at": moment(at).isoformat(), "to": to} for at, to in sorted(pushed)],
        }
        early = item | {"turns": item["turns"][:1], "status": item["status"][:1], "priority": "low"}
        [known] = scoring_fixture.push([early])
        sent = [("push", item), *(("event", each) for each in later)]
        for kind, what in [*sent[1 : 1 + len(later) // 2], sent[0], *sent[1 + len(later) // 2 :]]:
            if kind == "push":
                scoring_fixture.push([what])
                continue
            event = {"at": moment(what[0]).isoformat(), "kind": "status", "value": what[1]}
            answer = scoring_fixture.http.post(f"/v1/interactions/{known}/events", json=event)
            assert answer.status_code in {200, 201}
    settled(scoring_fixture, 25)

    for external_id, (spoken, changes) in histories.items():
        names = ("target", "number", "state", "started_at", "stopped_at", "due_at")
        stored = [tuple(clock[name] for name in names) for clock in clocks_of(scoring_fixture, external_id)]
        assert stored == replayed(policy, spoken, changes), external_id


FRIDAY = datetime.fromisoformat("2026-11-27T10:00:00+11:00")


def test_open_clocks_are_looked_at_again_when_a_closed_day_is_entered_for_the_past(
    scoring_fixture, shared_worker
):
    put(scoring_fixture, {"calendars": [SYDNEY], "rules": [OFFICE]}, effective_from="2026-01-01T00:00:00Z")
    scoring_fixture.push([silent("T-1", FRIDAY)])
    settled(scoring_fixture, 1)
    assert clocks_of(scoring_fixture, "T-1")[0]["due_at"] == FRIDAY + timedelta(hours=2)

    closed = {"calendars": [SYDNEY | {"closed": ["2026-11-27"]}], "rules": [OFFICE]}
    put(scoring_fixture, closed, effective_from="2026-11-02T00:00:00+11:00")
    settled(scoring_fixture, 1)
    [clock] = clocks_of(scoring_fixture, "T-1")
    assert clock["due_at"] == datetime.fromisoformat("2026-11-30T11:00:00+11:00")
    assert scoring_fixture.ask("select sla_version from interaction_facts") == [(3,)]


@pytest.mark.parametrize("since", ["2026-11-02T00:00:00+11:00", "2026-10-01T00:00:00+11:00"])
@pytest.mark.parametrize("first", [{}, {"effective_from": "2026-11-02T00:00:00+11:00"}])
def test_closed_day_entered_from_now_on_or_too_late_is_corrected_for_the_past(
    scoring_fixture, shared_worker, first, since
):
    policy = {"calendars": [SYDNEY], "rules": [OFFICE]}
    put(scoring_fixture, policy, effective_from="2026-01-01T00:00:00Z")
    answered = silent("answered", FRIDAY)
    late = {"at": (FRIDAY + timedelta(hours=3)).isoformat(), "speaker": "agent", "text": "Here it is."}
    scoring_fixture.push([silent("open", FRIDAY), answered | {"turns": [*answered["turns"], late]}])
    settled(scoring_fixture, 2)
    wrong = {"calendars": [SYDNEY | {"closed": ["2026-11-26"]}], "rules": [OFFICE]}
    put(scoring_fixture, wrong, **first)
    settled(scoring_fixture, 2)
    assert clocks_of(scoring_fixture, "answered")[0]["state"] == "breached"

    closed = {"calendars": [SYDNEY | {"closed": ["2026-11-27"]}], "rules": [OFFICE]}
    put(scoring_fixture, closed, effective_from=since)
    settled(scoring_fixture, 2)
    due = datetime.fromisoformat("2026-11-30T11:00:00+11:00")
    assert [clocks_of(scoring_fixture, name)[0]["due_at"] for name in ("open", "answered")] == [due, due]
    assert clocks_of(scoring_fixture, "answered")[0]["state"] == "met"
    assert scoring_fixture.ask("select distinct sla_version from interaction_facts") == [(4,)]


def test_policy_published_while_a_batch_is_judged_counts_for_it(
    scoring_fixture, shared_worker, hold_definitions_lock
):
    put(scoring_fixture, {"rules": [EVERYTHING]}, effective_from="2026-01-01T00:00:00Z")
    longer = {"rules": [EVERYTHING | {"targets": {"first_response": "30000h"}}]}
    query = {"effective_from": "2026-02-01T00:00:00Z"}
    publishing = threading.Thread(target=put, args=(scoring_fixture, longer), kwargs=query)
    with hold_definitions_lock():
        scoring_fixture.push([silent(f"T-{number}", START) for number in range(20)])
        wait_until(lambda: scoring_fixture.count("claimed") == 20)
        publishing.start()
    publishing.join()
    settled(scoring_fixture, 20)
    states = (
        "select distinct c ->> 'state', sla_version from interaction_facts, jsonb_array_elements(clocks) c"
    )
    assert scoring_fixture.ask(states) == [("running", 3)]


def test_policies_and_time_zones_changed_beside_pushes_and_events_end_in_the_verdict_of_the_last(
    scoring_fixture, shared_worker
):
    def publish():
        for day in range(1, 13):
            zone = {"settings": {"time_zone": ("America/New_York", "Pacific/Kiritimati")[day % 2]}}
            assert scoring_fixture.http.patch("/v1/clients/northwind", json=zone).status_code == 200
            body = {"rules": [EVERYTHING | {"targets": {"first_response": f"{day}h", "resolution": "1h"}}]}
            put(scoring_fixture, body, effective_from=f"2026-02-{day:02}T00:00:00Z")

    def push(thread):
        caller = scoring_fixture.provider.caller()
        for number in range(15):
            item = silent(f"T-{thread}-{number}", START - timedelta(hours=number))
            known = caller.post("/v1/clients/northwind/interactions", json=item)
            assert known.status_code == 201, known.json
            event = {"at": moment(30).isoformat(), "kind": "status", "value": "pending"}
            added = caller.post(f"/v1/interactions/{known.json['id']}/events", json=event)
            assert added.status_code == 201, added.json

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(publish), *(pool.submit(push, number) for number in range(3))]:
            each.result()
    settled(scoring_fixture, 45)
    goals = "select distinct c -> 'goal_seconds' from interaction_facts, jsonb_array_elements(clocks) c"
    assert sorted(row[0] for row in scoring_fixture.ask(goals)) == [3600, 12 * 3600]
    assert scoring_fixture.ask("select distinct sla_version from interaction_facts") == [(13,)]
    days = scoring_fixture.ask("select started_at, day from interaction_facts")
    assert all(day == at.astimezone(ZoneInfo("America/New_York")).date() for at, day in days)


def test_backdated_policy_changes_stopped_clocks_too(scoring_fixture, shared_worker):
    put(scoring_fixture, {"calendars": [SYDNEY], "rules": [OFFICE]}, effective_from="2026-01-01T00:00:00Z")
    answered = silent("T-1", FRIDAY)
    late = {"at": (FRIDAY + timedelta(hours=3)).isoformat(), "speaker": "agent", "text": "Here it is."}
    scoring_fixture.push([answered | {"turns": [*answered["turns"], late]}])
    settled(scoring_fixture, 1)
    assert clocks_of(scoring_fixture, "T-1")[0]["state"] == "breached"

    longer = {"calendars": [SYDNEY], "rules": [OFFICE | {"targets": {"first_response": "4h"}}]}
    put(scoring_fixture, longer, effective_from="2026-11-02T00:00:00Z")
    settled(scoring_fixture, 1)
    assert clocks_of(scoring_fixture, "T-1")[0]["state"] == "met"
    assert scoring_fixture.ask("select first_response_met from interaction_facts") == [(1,)]


def test_calendar_published_now_moves_clocks_that_run_but_none_that_stopped(scoring_fixture, shared_worker):
    opened = SYDNEY | {"hours": {day: ["00:00-24:00"] for day in (*WEEK, "sat", "sun")}}
    slow = OFFICE | {"targets": {"first_response": "1000h"}}
    put(scoring_fixture, {"calendars": [opened], "rules": [slow]}, effective_from="2026-01-01T00:00:00Z")
    now = datetime.now(UTC)
    answered = silent("stopped", now - timedelta(hours=5))
    reply = {"at": (now - timedelta(hours=4)).isoformat(), "speaker": "agent", "text": "Here it is."}
    scoring_fixture.push(
        [silent("runs", now - timedelta(hours=5)), answered | {"turns": [*answered["turns"], reply]}]
    )
    settled(scoring_fixture, 2)
    before = {name: clocks_of(scoring_fixture, name)[0] for name in ("runs", "stopped")}
    revisions = {name: scoring_fixture.row(name).revision for name in before}

    # Half the hours, from now on, in a policy that promises something else as well.
    half = {"calendars": [opened | {"hours": {day: ["00:00-12:00"] for day in (*WEEK, "sat", "sun")}}]}
    put(scoring_fixture, {**half, "rules": [OFFICE]})
    settled(scoring_fixture, 2)
    runs = clocks_of(scoring_fixture, "runs")[0]
    assert runs["goal_seconds"] == before["runs"]["goal_seconds"] == 3_600_000
    assert runs["due_at"] > before["runs"]["due_at"] + timedelta(days=30)
    assert clocks_of(scoring_fixture, "stopped")[0] == before["stopped"]
    assert scoring_fixture.row("stopped").revision == revisions["stopped"]


@pytest.mark.parametrize("status", ["pending", "open"])
def test_paused_clocks_and_those_closed_unanswered_are_counted(scoring_fixture, shared_worker, status):
    rule = {"key": "mail", "targets": {"first_response": "9000h"}, "pause_on": ["pending"]}
    put(scoring_fixture, {"rules": [rule]}, effective_from="2026-01-01T00:00:00Z")
    changes = [{"at": moment(1).isoformat(), "to": status}]
    closed = [*changes, {"at": moment(2).isoformat(), "to": "closed"}]
    scoring_fixture.push([silent(f"open-{number}", START, status=changes) for number in range(3)])
    scoring_fixture.push([silent(f"closed-{number}", START, status=closed) for number in range(10)])
    settled(scoring_fixture, 13)
    found = scoring_fixture.http.get(
        "/v1/clients/northwind/reports/sla?from=2026-11-25&to=2026-11-25&group_by=day"
    ).json
    [promise] = found["promises"]
    counts = [promise[name] for name in ("met", "breached", "running", "paused", "closed_unanswered")]
    assert counts == ([0, 0, 0, 3, 10] if status == "pending" else [0, 0, 3, 0, 10])
    assert (promise["rule"], promise["compliance"], promise["missed"]) == ("mail", None, None)


def test_time_zone_set_later_gives_the_same_days_as_one_set_first(make_scoring_fixture, shared_worker):
    days = {}
    for slug, first in (("early", True), ("late", False)):
        fixture = make_scoring_fixture(slug)
        setting = {"settings": {"time_zone": "Australia/Sydney"}}
        if first:
            assert fixture.http.patch(f"/v1/clients/{slug}", json=setting).status_code == 200
        items = [interaction(f"T-{hour}", at=START + timedelta(hours=hour)) for hour in range(0, 96, 5)]
        fixture.push(items, slug=slug)
        if not first:
            assert fixture.http.patch(f"/v1/clients/{slug}", json=setting).status_code == 200
        fixture.all_scored(len(items), slug)
        assert fixture.wrongs() == []
        with fixture.provider.session() as session:
            rows = session.execute(select(InteractionFacts.started_at, InteractionFacts.day))
            days[slug] = sorted(tuple(row) for row in rows)
    assert days["early"] == days["late"]
    assert len({day for _, day in days["early"]}) == 5


def test_first_sampling_policy_draws_what_came_before_it(make_provider, shared_worker):
    fixture = ScoringFixture(make_provider("northwind"), ())
    fixture.push([interaction(f"T-{number}") for number in range(40)])
    fixture.all_scored(40)
    assert fixture.ask("select count(*) from interaction_facts where draw is not null") == [(0,)]
    put_policy = fixture.http.put("/v1/clients/northwind/sampling-policy", json={"base_rate": 0.5})
    assert put_policy.status_code == 201
    wait_until(
        lambda: fixture.ask("select count(*) from interaction_facts where draw is not null") == [(40,)]
    )
    fixture.all_scored(40)
    [(drawn,)] = fixture.ask("select count(*) from reviews")
    assert 5 < drawn < 35
    revisions = fixture.ask("select sum(revision) from interactions")
    assert (
        fixture.http.put("/v1/clients/northwind/sampling-policy", json={"base_rate": 0.9}).status_code == 200
    )
    assert fixture.ask("select sum(revision) from interactions") == revisions
