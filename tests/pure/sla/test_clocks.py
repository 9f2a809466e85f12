"""SLA policies and clocks: what starts, stops and pauses a clock, and when its target is breached."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.definitions.conversation import (
    PRIORITIES,
    STATUSES,
    Conversation,
    StatedPriority,
    StatusEvent,
    Turn,
)
from scorecards.sla.calendar_history import PolicyChange, calendar_in_time
from scorecards.sla.clocks import clocks, compliance, tally
from scorecards.sla.pauses import SIMULTANEOUS
from scorecards.sla.policy import from_body, parse_duration
from tenants.http.faults import Invalid

OFFICE = {
    "key": "office",
    "time_zone": "Europe/Berlin",
    "hours": {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
}
LUNCH = OFFICE | {"key": "lunch", "hours": {"mon": ["09:00-12:30", "13:30-17:00"]}}
SUNDAY = OFFICE | {"key": "sunday", "hours": {"sun": ["00:00-24:00"]}}
BERLIN = ZoneInfo("Europe/Berlin")
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def policy(*, calendar="office", pause_on=("pending",), targets=None, calendars=(OFFICE, LUNCH, SUNDAY)):
    rule = {
        "key": "everything",
        "calendar": calendar,
        "pause_on": list(pause_on),
        "targets": targets or {"first_response": "1h", "next_response": "2h", "resolution": "8h"},
    }
    return from_body({"calendars": list(calendars), "rules": [rule]})


def at(day: int, hour: int = 0, minute: int = 0, month: int = 3) -> datetime:
    """A moment in Berlin; 6 March 2026 is a Friday."""
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def said(speaker: str, moment: datetime | None, agent: str | None = None) -> Turn:
    return Turn(speaker, "words", moment, agent)


def talk(*turns: Turn, status=(), started=None, ended=None, **more) -> Conversation:
    events = [StatusEvent(moment, to) for moment, to in status]
    first = next((turn.at for turn in turns if turn.at is not None), at(6, 9))
    return Conversation("email", turns, started or first, ended, status=events, **more)


def only(found, target, number=1):
    chosen = [clock for clock in found if (clock.target, clock.number) == (target, number)]
    assert len(chosen) == 1, found
    return chosen[0]


def targets_of(found):
    return [(clock.target, clock.number) for clock in found]


# The list of real bugs


def test_a_clock_that_starts_outside_hours_counts_from_the_opening():
    clock = only(
        clocks(policy(), talk(said("customer", at(7, 22)), said("agent", at(9, 9, 30))), LATER),
        "first_response",
    )
    assert (clock.started_at, clock.due_at, clock.open_seconds) == (at(7, 22), at(9, 10), 1800)
    assert clock.state == "met"


def test_a_pause_over_a_weekend_takes_only_the_open_hours_it_covers():
    status = [(at(6, 16, 30), "pending"), (at(9, 9, 15), "open")]
    clock = only(
        clocks(policy(), talk(said("customer", at(6, 16)), status=status), at(9, 9, 20)), "first_response"
    )
    assert (clock.open_seconds, clock.paused_seconds) == (35 * 60, 45 * 60)
    assert (clock.due_at, clock.state) == (at(9, 9, 45), "running")


def test_clock_does_not_count_closed_lunch_break():
    conversation = talk(said("customer", at(9, 12)), said("agent", at(9, 13, 45)))
    clock = only(clocks(policy(calendar="lunch"), conversation, LATER), "first_response")
    assert (clock.open_seconds, clock.due_at, clock.state) == (45 * 60, at(9, 14), "met")


def test_a_policy_changed_while_paused_keeps_the_pause():
    conversation = talk(said("customer", at(6, 10)), status=[(at(6, 10, 30), "pending")])
    strict = [PolicyChange(at(6, 12), policy(pause_on=(), targets={"first_response": "2h"}))]
    paused = only(clocks(policy(), conversation, at(6, 15), strict), "first_response")
    assert (paused.state, paused.open_seconds, paused.paused_seconds) == ("paused", 1800, 4.5 * 3600)
    resumed = talk(*conversation.turns, status=[(at(6, 10, 30), "pending"), (at(6, 16), "open")])
    clock = only(clocks(policy(), resumed, at(6, 16, 15), strict), "first_response")
    assert (clock.state, clock.open_seconds, clock.due_at) == ("running", 2700, at(6, 16, 30))


def test_policy_without_pause_on_status_does_not_pause_the_clock():
    conversation = talk(said("customer", at(6, 10)), status=[(at(6, 10, 30), "pending")])
    clock = only(clocks(policy(pause_on=()), conversation, at(6, 10, 45)), "first_response")
    assert (clock.state, clock.open_seconds) == ("running", 45 * 60)


URGENT = {"key": "urgent", "match": {"priorities": ["urgent"]}, "targets": {"first_response": "3h"}}
USUAL = {"key": "usual", "targets": {"first_response": "4h"}, "pause_on": ["pending"]}
BY_PRIORITY = from_body({"rules": [URGENT, USUAL]})


def stated(*priorities):
    return {
        "priority": priorities[-1][1],
        "priorities": [StatedPriority(moment, name) for moment, name in priorities],
    }


def test_the_priority_as_last_stated_decides_for_the_whole_interaction():
    conversation = talk(said("customer", at(6, 10)), status=[(at(6, 11), "pending"), (at(6, 15), "open")])
    before = only(clocks(BY_PRIORITY, conversation, at(6, 15)), "first_response")
    assert (before.rule, before.open_seconds, before.paused_seconds) == ("usual", 3600, 4 * 3600)
    alone = replace(conversation, **stated((at(6, 12), "urgent")))
    always = only(clocks(BY_PRIORITY, alone, at(6, 15)), "first_response")
    assert (always.rule, always.open_seconds, always.due_at) == ("urgent", 5 * 3600, at(6, 13))


@pytest.mark.parametrize(
    ("priorities", "open_hours", "paused_hours"),
    [
        # Usual until 15:00: the pause from 11:00 stays.
        ([(at(6, 10), "normal"), (at(6, 15), "urgent")], 1, 4),
        # Urgent from 13:00 on: the rest of it is none.
        ([(at(6, 10), "normal"), (at(6, 13), "urgent")], 3, 2),
        # Urgent at first: the pause begins with the usual priority.
        ([(at(6, 10), "urgent"), (at(6, 12), "normal")], 2, 3),
        ([(at(6, 10), "normal"), (at(6, 12), "urgent"), (at(6, 14), "low")], 3, 2),
        ([(at(6, 10), "normal"), (at(6, 12), "low")], 1, 4),
        # Stated after the pause.
        ([(at(6, 10), "normal"), (at(6, 16), "urgent")], 1, 4),
    ],
)
def test_pauses_are_by_the_priority_of_their_time(priorities, open_hours, paused_hours):
    status = [(at(6, 11), "pending"), (at(6, 15), "open")]
    conversation = talk(said("customer", at(6, 10)), status=status, **stated(*priorities))
    clock = only(clocks(BY_PRIORITY, conversation, at(6, 15)), "first_response")
    assert (clock.open_seconds, clock.paused_seconds) == (open_hours * 3600, paused_hours * 3600)
    assert clock.rule == ("urgent" if priorities[-1][1] == "urgent" else "usual")


def test_a_clock_runs_again_from_the_moment_its_priority_stops_to_pause():
    conversation = talk(
        said("customer", at(6, 10)),
        status=[(at(6, 11), "pending")],
        **stated((at(6, 10), "normal"), (at(6, 12), "urgent")),
    )
    clock = only(clocks(BY_PRIORITY, conversation, at(6, 13)), "first_response")
    assert (clock.state, clock.due_at) == ("running", at(6, 14))
    back = replace(
        conversation, **stated((at(6, 10), "normal"), (at(6, 12), "urgent"), (at(6, 13), "normal"))
    )
    clock = only(clocks(BY_PRIORITY, back, at(6, 15)), "first_response")
    assert (clock.state, clock.open_seconds, clock.paused_seconds) == ("paused", 7200, 3 * 3600)


def test_a_priority_without_a_rule_paused_nothing_but_what_was_resolved():
    only_urgent = from_body({"rules": [{**URGENT, "pause_on": ["pending"]}]})
    status = [(at(6, 11), "pending"), (at(6, 12), "resolved"), (at(6, 13), "reopened")]
    conversation = talk(
        said("customer", at(6, 10)), status=status, **stated((at(6, 10), "low"), (at(6, 14), "urgent"))
    )
    clock = only(clocks(only_urgent, conversation, at(6, 15)), "first_response")
    assert (clock.open_seconds, clock.paused_seconds) == (4 * 3600, 3600)


def test_reassignment_neither_restarts_nor_stops_a_clock():
    turns = [
        said("customer", at(6, 10)),
        said("system", at(6, 10, 20)),
        said("agent", at(6, 10, 40), "second"),
    ]
    found = clocks(policy(), talk(*turns, agent="second"), LATER)
    clock = only(found, "first_response")
    assert (clock.started_at, clock.stopped_at, clock.open_seconds) == (at(6, 10), at(6, 10, 40), 2400)


def test_an_agent_who_takes_over_does_not_start_a_next_response_clock():
    turns = [said("customer", at(6, 10)), said("agent", at(6, 11), "one"), said("agent", at(6, 12), "two")]
    assert targets_of(clocks(policy(), talk(*turns), LATER)) == [("first_response", 1), ("resolution", 1)]


def test_reopened_interaction_resumes_resolution_clock():
    status = [(at(6, 12), "resolved"), (at(6, 12, 5), "closed"), (at(9, 10), "reopened")]
    conversation = talk(said("customer", at(6, 10)), said("agent", at(6, 11)), status=status[:2])
    stopped = only(clocks(policy(), conversation, at(7, 9)), "resolution")
    assert (stopped.state, stopped.stopped_at, stopped.open_seconds) == ("met", at(6, 12), 7200)
    again = talk(*conversation.turns, status=status)
    running = only(clocks(policy(), again, at(9, 11)), "resolution")
    assert (running.state, running.open_seconds, running.due_at) == ("running", 3 * 3600, at(9, 16))
    ended = talk(*conversation.turns, status=[*status, (at(9, 16, 30), "resolved")])
    assert only(clocks(policy(), ended, LATER), "resolution").state == "breached"


HOLIDAY = OFFICE | {"closed": ["2026-03-09"]}


def test_holiday_added_later_moves_running_clocks_but_not_stopped_ones():
    with_holiday = [PolicyChange(at(6, 16, 40), policy(calendars=[HOLIDAY]))]
    waiting = talk(said("customer", at(6, 16, 30)))
    assert only(clocks(policy(), waiting, at(6, 16, 45)), "first_response").due_at == at(9, 9, 30)
    moved = only(clocks(policy(), waiting, at(6, 16, 45), with_holiday), "first_response")
    assert (moved.due_at, moved.state) == (at(10, 9, 30), "running")
    answered = talk(*waiting.turns, said("agent", at(9, 9, 45)))
    too_late = [PolicyChange(at(9, 12), policy(calendars=[HOLIDAY]))]
    assert only(clocks(policy(), answered, LATER, too_late), "first_response").state == "breached"
    in_time = only(clocks(policy(), answered, LATER, with_holiday), "first_response")
    assert (in_time.state, in_time.open_seconds, in_time.due_at) == ("met", 1800, at(10, 9, 30))


def test_holiday_in_the_policy_in_force_at_the_start_counts_from_the_start():
    answered = talk(said("customer", at(6, 16, 30)), said("agent", at(9, 9, 45)))
    assert only(clocks(policy(calendars=[HOLIDAY]), answered, LATER), "first_response").state == "met"


def test_each_moment_is_counted_by_the_calendar_then_in_force():
    longer = OFFICE | {"hours": {"fri": ["09:00-20:00"]}}
    changes = [
        PolicyChange(at(6, 17, 30), policy(calendars=[longer])),
        PolicyChange(at(6, 18), policy(calendars=[OFFICE])),
        PolicyChange(at(6, 18, 30), policy(calendar="always", calendars=())),
    ]
    clock = only(
        clocks(policy(), talk(said("customer", at(6, 16, 50))), at(6, 18), changes), "first_response"
    )
    # 10 minutes to 17:00, 30 from 17:30 to 18:00, and 20 on Monday: a version without the calendar keeps it.
    assert (clock.open_seconds, clock.due_at) == (2400, at(9, 9, 20))


def test_time_used_up_when_a_calendar_changes_is_due_then():
    shorter = [PolicyChange(at(6, 11), policy(calendars=[OFFICE | {"hours": {"tue": ["09:00-10:00"]}}]))]
    clock = only(clocks(policy(), talk(said("customer", at(6, 10))), LATER, shorter), "first_response")
    assert (clock.due_at, clock.open_breached(at(6, 11, 1))) == (at(6, 11), True)


def test_first_response_due_time_skips_the_weekend():
    clock = only(clocks(policy(), talk(said("customer", at(6, 16, 30))), at(6, 16, 40)), "first_response")
    assert clock.due_at == at(9, 9, 30)


def test_clock_counts_no_time_in_dst_missing_hour():
    conversation = talk(said("customer", at(29, 1, 30)))
    clock = only(clocks(policy(calendar="sunday"), conversation, at(29, 3, 15)), "first_response")
    assert (clock.open_seconds, clock.due_at) == (45 * 60, at(29, 3, 30))


def test_clock_counts_dst_repeated_hour_twice():
    conversation = talk(said("customer", at(25, 1, 30, month=10)))
    second_half_past_two = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    found = clocks(
        policy(calendar="sunday", targets={"first_response": "2h"}), conversation, second_half_past_two
    )
    assert (found[0].open_seconds, found[0].due_at) == (7200, second_half_past_two)


# What starts and stops a clock


def test_bot_and_system_turns_do_not_stop_first_response_clock():
    turns = [said("customer", at(6, 10)), said("bot", at(6, 10, 1)), said("system", at(6, 10, 2))]
    assert only(clocks(policy(), talk(*turns), at(6, 10, 30)), "first_response").state == "running"


def test_consecutive_customer_turns_share_one_next_response_clock():
    turns = [
        said("customer", at(6, 10)),
        said("agent", at(6, 10, 30)),
        said("customer", at(6, 11)),
        said("bot", at(6, 11, 5)),
        said("customer", at(6, 11, 10)),
        said("agent", at(6, 12)),
        said("customer", at(6, 13)),
    ]
    found = clocks(policy(), talk(*turns), at(6, 14))
    first, second = only(found, "next_response", 1), only(found, "next_response", 2)
    assert (first.started_at, first.stopped_at, first.state) == (at(6, 11), at(6, 12), "met")
    assert (second.started_at, second.stopped_at, second.state) == (at(6, 13), None, "running")


def test_an_agent_who_speaks_first_owes_no_first_response():
    turns = [said("agent", at(6, 10)), said("customer", at(6, 11)), said("agent", at(6, 12))]
    assert targets_of(clocks(policy(), talk(*turns), LATER)) == [("next_response", 1), ("resolution", 1)]


def test_customer_turn_after_resolution_starts_no_clock():
    turns = [said("customer", at(6, 10)), said("agent", at(6, 10, 30)), said("customer", at(6, 11))]
    found = clocks(policy(), talk(*turns, status=[(at(6, 10, 40), "resolved")]), LATER)
    assert targets_of(found) == [("first_response", 1), ("resolution", 1)]
    polite = clocks(
        policy(), talk(*turns, said("agent", at(6, 12)), status=[(at(6, 10, 40), "resolved")]), LATER
    )
    assert targets_of(polite) == [("first_response", 1), ("resolution", 1)]


def test_a_turn_that_reopens_the_interaction_starts_its_clock_at_the_reopening():
    turns = [said("customer", at(6, 10)), said("agent", at(6, 10, 30)), said("customer", at(6, 11))]
    status = [(at(6, 10, 40), "resolved"), (at(6, 11, 1), "reopened")]
    clock = only(clocks(policy(), talk(*turns, status=status), at(6, 12)), "next_response")
    assert (clock.started_at, clock.state) == (at(6, 11, 1), "running")


def test_customer_who_is_not_answered_before_the_end_is_counted_unless_it_was_too_late():
    unanswered = talk(said("customer", at(6, 10)), status=[(at(6, 10, 30), "closed")])
    clock = only(clocks(policy(), unanswered, LATER), "first_response")
    assert (clock.state, clock.stopped_at, clock.open_seconds) == ("closed_unanswered", at(6, 10, 30), 1800)
    assert tally([clock], LATER)["first_response"] == (0, 0)
    late = talk(said("customer", at(6, 10)), status=[(at(6, 12), "resolved"), (at(6, 13), "closed")])
    clock = only(clocks(policy(), late, LATER), "first_response")
    assert (clock.state, clock.stopped_at) == ("breached", at(6, 12))
    answered = talk(*unanswered.turns, said("agent", at(6, 10, 20)), status=[(at(6, 10, 30), "closed")])
    assert only(clocks(policy(), answered, LATER), "first_response").state == "met"


def test_a_later_turn_that_nobody_answers_before_the_end_is_counted_too():
    turns = [said("customer", at(6, 10)), said("agent", at(6, 10, 10)), said("customer", at(6, 10, 20))]
    found = clocks(policy(), talk(*turns, status=[(at(6, 10, 30), "closed")]), LATER)
    assert only(found, "next_response").state == "closed_unanswered"
    assert only(found, "resolution").state == "met"


def test_agent_answer_just_after_resolution_meets_first_response():
    conversation = talk(
        said("customer", at(6, 10)), said("agent", at(6, 10, 31)), status=[(at(6, 10, 30), "resolved")]
    )
    clock = only(clocks(policy(), conversation, LATER), "first_response")
    assert (clock.state, clock.open_seconds) == ("met", 1800)


def test_without_status_events_the_end_is_the_resolution():
    turns = [said("customer", at(6, 10)), said("agent", at(6, 10, 30)), said("customer", at(6, 11))]
    found = clocks(policy(), talk(*turns, ended=at(6, 11, 1)), LATER)
    assert [clock.state for clock in found] == ["met", "closed_unanswered", "met"]
    assert only(found, "resolution").stopped_at == at(6, 11, 1)


def test_with_status_events_they_alone_decide_the_resolution():
    conversation = talk(said("customer", at(6, 10)), status=[(at(6, 10), "open")], ended=at(6, 11))
    assert only(clocks(policy(), conversation, at(6, 12)), "resolution").state == "running"


def test_clocks_without_turn_timestamps_are_absent():
    turns = [said("customer", None), said("agent", None), said("customer", at(6, 11)), said("agent", None)]
    assert targets_of(clocks(policy(), talk(*turns), LATER)) == [("resolution", 1)]


def test_next_response_clock_exists_without_first_response_timestamps():
    turns = [said("customer", None), said("agent", at(6, 10)), said("customer", at(6, 11))]
    found = clocks(policy(), talk(*turns), at(6, 11, 30))
    assert targets_of(found) == [("next_response", 1), ("resolution", 1)]


def test_turns_out_of_order_never_give_negative_time():
    turns = [said("customer", at(6, 11)), said("agent", at(6, 10))]
    assert only(clocks(policy(), talk(*turns), LATER), "first_response").open_seconds == 0


def test_a_conversation_without_turns_has_a_resolution_clock_only():
    assert targets_of(clocks(policy(), talk(started=at(6, 10)), at(6, 11))) == [("resolution", 1)]


# States


def test_paused_clock_with_time_left_has_no_due_time_and_no_breach():
    conversation = talk(said("customer", at(6, 10)), status=[(at(6, 10, 30), "pending")])
    clock = only(clocks(policy(), conversation, at(6, 10, 40)), "first_response")
    assert (clock.state, clock.due_at, clock.open_breached(LATER)) == ("paused", None, False)


def test_clock_is_paused_at_the_instant_of_the_pause():
    conversation = talk(said("customer", at(6, 10)), status=[(at(6, 10, 30), "pending")])
    assert only(clocks(policy(), conversation, at(6, 10, 30)), "first_response").state == "paused"


def test_pause_after_breach_keeps_the_breach():
    conversation = talk(said("customer", at(6, 10)), status=[(at(6, 12), "pending")])
    clock = only(clocks(policy(), conversation, at(6, 13)), "first_response")
    assert (clock.state, clock.due_at, clock.open_breached(at(6, 13))) == ("paused", at(6, 11), True)


def test_an_answer_during_a_pause_is_met_with_the_time_that_was_left():
    conversation = talk(
        said("customer", at(6, 10)), said("agent", at(6, 15)), status=[(at(6, 10, 30), "pending")]
    )
    clock = only(clocks(policy(), conversation, LATER), "first_response")
    assert (clock.state, clock.open_seconds, clock.due_at) == ("met", 1800, at(6, 15, 30))


def test_an_answer_at_the_due_moment_is_met():
    conversation = talk(said("customer", at(6, 10)), said("agent", at(6, 11)))
    assert only(clocks(policy(), conversation, LATER), "first_response").state == "met"


def test_a_clock_running_past_due_counts_as_breached():
    found = clocks(policy(), talk(said("customer", at(6, 10))), at(6, 12))
    assert tally(found, at(6, 12)) == {
        "first_response": (0, 1),
        "next_response": (0, 0),
        "resolution": (0, 0),
    }
    assert tally(found, at(6, 11))["first_response"] == (0, 0)


def test_late_arriving_pause_reevaluates_a_stopped_clock():
    turns = [said("customer", at(6, 10)), said("agent", at(6, 12))]
    judged = clocks(policy(), talk(*turns, status=[(at(6, 10), "open")]), at(6, 13))
    assert only(judged, "first_response").state == "breached"
    corrected = talk(
        *turns, status=[(at(6, 10), "open"), (at(6, 10, 30), "pending"), (at(6, 11, 45), "open")]
    )
    assert only(clocks(policy(), corrected, LATER), "first_response").state == "met"


def test_status_events_count_in_the_order_of_their_time():
    always = policy(calendar="always", targets={"resolution": "60m"})
    status = [(at(6, 10, 5), "pending"), (at(6, 16), "resolved"), (at(6, 10, 10), "open")]
    clock = only(clocks(always, talk(started=at(6, 10), status=status), LATER), "resolution")
    assert (clock.state, clock.open_seconds, clock.due_at) == ("breached", 21_300, at(6, 11, 5))


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_statuses_at_one_moment_the_one_furthest_along_holds(order):
    status = [(at(6, 10), "pending"), (at(6, 10), "open")][::order]
    clock = only(
        clocks(policy(), talk(said("customer", at(6, 10)), status=status), at(6, 10, 30)), "first_response"
    )
    assert (clock.state, clock.pauses) == ("running", ())
    ended = talk(
        started=at(6, 9),
        status=[(at(6, 10), "closed"), (at(6, 10), "resolved"), (at(6, 10), "reopened")][::order],
    )
    assert only(clocks(policy(), ended, at(6, 11)), "resolution").stopped_at == at(6, 10)


def test_every_status_has_its_place_among_simultaneous_ones():
    assert sorted(SIMULTANEOUS) == sorted(STATUSES)


def test_turns_with_future_timestamps_are_accepted():
    found = clocks(policy(), talk(said("customer", at(6, 10)), said("agent", at(6, 10, 1))), at(6, 9))
    assert only(found, "first_response").state == "met"


def test_sla_compliance_without_clocks_is_none():
    assert compliance(0, 0).share is None


# The policy


def test_the_first_rule_that_matches_wins():
    rules = [
        {"key": "chat", "match": {"channels": ["chat"]}, "targets": {"first_response": "60s"}},
        {"key": "billing", "match": {"programs": ["billing"]}, "targets": {"first_response": "30m"}},
        {"key": "rest", "targets": {"first_response": "4h"}, "goal": 0.8},
    ]
    found = from_body({"rules": rules})
    conversation = talk(said("customer", at(6, 10)))
    assert found.rule_for(replace(conversation, channel="chat", program="billing")).key == "chat"
    assert found.rule_for(replace(conversation, program="billing")).key == "billing"
    assert (found.rule_for(conversation).key, found.rule_for(conversation).goal) == ("rest", 0.8)


def test_no_rule_that_matches_means_no_clocks():
    found = from_body(
        {"rules": [{"key": "chat", "match": {"channels": ["chat"]}, "targets": {"resolution": "1h"}}]}
    )
    assert clocks(found, talk(said("customer", at(6, 10))), LATER) == ()


def test_target_missing_from_the_rule_has_no_clock():
    found = clocks(policy(targets={"resolution": "1h"}), talk(said("customer", at(6, 10))), LATER)
    assert targets_of(found) == [("resolution", 1)]


def test_every_fault_of_a_policy_is_reported():
    body = {
        "calendars": [OFFICE, OFFICE, OFFICE | {"key": "shut", "hours": {}}],
        "rules": [
            {"key": "a", "calendar": "nowhere", "targets": {"first_response": "soon"}, "goal": 2},
            {"key": "a", "match": {"channels": ["fax"]}, "targets": {}, "pause_on": ["resolved"]},
            {"key": "b", "calendar": "office", "targets": {"resolution": "500d"}, "colour": "red"},
            "no rule",
        ],
    }
    with pytest.raises(Invalid) as caught:
        from_body(body)
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [
        ("/calendars/1/key", "duplicate"),
        ("/calendars/2/hours", "never_open"),
        ("/rules/0/calendar", "unknown_calendar"),
        ("/rules/0/targets/first_response", "not_a_duration"),
        ("/rules/0/goal", "out_of_range"),
        ("/rules/1/match/channels/0", "unknown_choice"),
        ("/rules/1/targets", "required"),
        ("/rules/1/pause_on/0", "unknown_choice"),
        ("/rules/2/colour", "unknown_field"),
        ("/rules/2/targets/resolution", "out_of_range"),
        ("/rules/3", "wrong_type"),
        ("/rules/3/key", "required"),
        ("/rules/3/targets", "required"),
        ("/rules/1/key", "duplicate"),
    ]


@pytest.mark.parametrize(
    "body", [None, [], "x", {"rules": "x"}, {"rules": []}, {"calendars": 3, "rules": [{}]}]
)
def test_a_body_of_the_wrong_shape_is_refused_with_faults(body):
    with pytest.raises(Invalid):
        from_body(body)


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "0s", "1y", "P1M", "P1Y", "-1h", "1.5h", "4 h", "h"])
def test_invalid_duration_is_rejected(text):
    with pytest.raises(ValueError, match=r"no duration|lasts no time"):
        parse_duration(text)


# Properties

speakers = st.sampled_from(["customer", "agent", "bot", "system"])
statuses = st.sampled_from(["open", "pending", "on_hold", "resolved", "reopened", "closed"])
offsets = st.integers(0, 20 * 86_400).map(lambda seconds: at(6, 10) + timedelta(seconds=seconds))


@st.composite
def conversations(draw):
    moments = sorted(draw(st.lists(offsets, max_size=6)))
    turns = [said(draw(speakers), moment) for moment in moments]
    status = sorted(draw(st.lists(st.tuples(offsets, statuses), max_size=5)))
    ended = draw(st.none() | offsets)
    priorities = sorted(
        draw(st.lists(st.tuples(offsets, st.sampled_from(PRIORITIES)), max_size=4, unique_by=lambda x: x[0]))
    )
    history = stated(*priorities) if priorities else {}
    return talk(*turns, status=status, started=at(6, 10), ended=ended, **history)


@settings(max_examples=150, deadline=None)
@given(conversations(), offsets, st.sampled_from(["always", "office", "lunch"]))
def test_open_plus_paused_seconds_equal_elapsed_and_state_follows_goal(conversation, now, calendar):
    rules = policy(calendar=calendar)
    for clock in clocks(rules, conversation, now):
        chosen = rules.rules[0].calendar
        moments = [
            now,
            *(turn.at for turn in conversation.turns),
            *(event.at for event in conversation.status),
        ]
        whole = chosen.elapsed(clock.started_at, clock.stopped_at or max(moments))
        assert clock.open_seconds + clock.paused_seconds == pytest.approx(whole, abs=1e-5)
        assert (clock.stopped_at is None) == (clock.state in {"running", "paused"})
        if clock.open_seconds < clock.goal_seconds:
            assert clock.state != "breached"
        if clock.open_seconds > clock.goal_seconds:
            assert clock.state == "breached" or clock.open_breached(max(moments))


@settings(max_examples=300, deadline=None)
@given(
    conversations(),
    offsets,
    st.randoms(use_true_random=False),
    st.sampled_from(["always", "office", "lunch"]),
)
def test_clocks_do_not_depend_on_order_and_repetition_of_status_events(conversation, now, chance, calendar):
    once = clocks(policy(calendar=calendar), conversation, now)
    again = [*conversation.status, *(each for each in conversation.status if chance.random() < 0.5)]
    chance.shuffle(again)
    assert clocks(policy(calendar=calendar), replace(conversation, status=again), now) == once


@settings(max_examples=300, deadline=None)
@given(conversations(), offsets)
def test_clocks_by_priority_count_every_moment_once(conversation, now):
    for clock in clocks(BY_PRIORITY, conversation, now):
        moments = [now, *(each.at for each in (*conversation.turns, *conversation.status))]
        whole = ((clock.stopped_at or max(moments)) - clock.started_at).total_seconds()
        assert clock.open_seconds + clock.paused_seconds == pytest.approx(max(whole, 0.0), abs=1e-5)
        ends = [pause.end for pause in clock.pauses]
        assert all(
            end is not None and end <= after.start for end, after in zip(ends, clock.pauses[1:], strict=False)
        )


@settings(max_examples=150, deadline=None)
@given(
    offsets,
    offsets,
    offsets,
    st.lists(st.tuples(offsets, st.sampled_from([OFFICE, HOLIDAY, SUNDAY])), max_size=4),
)
def test_time_in_a_changing_calendar_is_additive_and_used_up_when_due(one, two, three, changes):
    first, middle, last = sorted([one, two, three])
    versions = [
        PolicyChange(moment, policy(calendars=[body | {"key": "office"}]))
        for moment, body in sorted(changes, key=lambda change: change[0])
    ]
    calendar = calendar_in_time(policy().rules[0].calendar, versions)
    whole = calendar.elapsed(first, last)
    assert whole == pytest.approx(calendar.elapsed(first, middle) + calendar.elapsed(middle, last), abs=1e-5)
    due = calendar.add(first, whole)
    assert due <= last
    assert calendar.elapsed(first, due) == pytest.approx(whole, abs=1e-5)
