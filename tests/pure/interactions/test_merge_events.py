"""What is known of an interaction depends on its facts alone, never on the order in which they came."""

import random
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qm.interactions.events import merge_events
from scorecards.definitions.conversation import STATUSES

START = datetime(2026, 6, 1, 10, tzinfo=UTC)
moments = st.integers(0, 6).map(lambda hours: START + timedelta(hours=hours))
kinds_and_values = st.one_of(
    st.tuples(st.just("status"), st.sampled_from(STATUSES)),
    st.tuples(st.just("csat"), st.integers(1, 5)),
    st.tuples(st.sampled_from(["resolved", "reopened", "churned"]), st.booleans()),
    st.tuples(
        st.just("discretion_used"),
        st.sampled_from([{"key": "goodwill", "amount": 20, "currency": "USD"}, {"key": "a"}, {"key": "b"}]),
    ),
)
events = st.lists(st.tuples(moments, kinds_and_values), max_size=12, unique_by=repr)


def event(at, kind, value):
    return SimpleNamespace(at=at, kind=kind, value=value)


def row(updated_at=None, ended_at=None):
    return SimpleNamespace(source_updated_at=updated_at, ended_at=ended_at, started_at=START)


def hour(number):
    return START + timedelta(hours=number)


@given(events, st.none() | moments, st.integers())
def test_merged_facts_do_not_depend_on_order_of_events(given_events, updated_at, seed):
    outcome = {"csat": 3, "resolved": True}
    status = [{"at": START.isoformat(), "to": "open"}, {"at": START.isoformat(), "to": "pending"}]
    made = [event(at, *what) for at, what in given_events]
    shuffled = random.Random(seed).sample(made, len(made))

    merged = merge_events(row(updated_at), outcome, status, made)

    assert merge_events(row(updated_at), outcome, status, shuffled) == merged
    facts, changes = merged
    assert [each["at"] for each in changes] == sorted(each["at"] for each in changes)
    assert len({(each["at"], each["to"]) for each in changes}) == len(changes)
    csats = [(at, value) for at, (kind, value) in given_events if kind == "csat"]
    assert facts["csat"] == max([(updated_at or START, 3), *csats])[1]
    assert len(facts.get("discretion_used", ())) == sum(
        what[0] == "discretion_used" for _, what in given_events
    )


@pytest.mark.parametrize(
    ("interaction", "expected"),
    [
        # The event came at 3; what was pushed counts as of the push, the end, or the start.
        (row(), 2),
        (row(ended_at=hour(2)), 2),
        (row(ended_at=hour(4)), 5),
        (row(updated_at=hour(4), ended_at=hour(2)), 5),
        (row(updated_at=hour(2), ended_at=hour(4)), 2),
        # Of two of one moment the higher value counts.
        (row(updated_at=hour(3)), 5),
    ],
)
def test_the_latest_fact_counts_pushed_or_not(interaction, expected):
    facts, _ = merge_events(interaction, {"csat": 5, "nps": None}, [], [event(hour(3), "csat", 2)])
    assert facts["csat"] == expected


def test_a_fact_that_the_push_does_not_state_stays_that_of_the_event():
    facts, _ = merge_events(row(hour(9)), {"csat": None}, [], [event(hour(3), "csat", 2)])
    assert facts["csat"] == 2


def test_status_pushed_and_sent_as_event_counts_once():
    status = [{"at": hour(1), "to": "resolved"}]
    sent = [event(hour(1), "status", "resolved"), event(hour(1), "resolved", True)]
    assert merge_events(row(), {}, status, sent)[1] == status
    reopened = [event(hour(1), "status", "closed"), event(hour(1), "reopened", True)]
    assert [each["to"] for each in merge_events(row(), {}, status, reopened)[1]] == [
        "resolved",
        "reopened",
        "closed",
    ]
