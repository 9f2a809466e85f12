"""When clocks stand still: periods in statuses, by the rule of the priority of each time (pure)."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from scorecards.definitions.conversation import Conversation, StatedPriority
from scorecards.sla.policy import DONE, SlaPolicy

SIMULTANEOUS = ("on_hold", "pending", "open", "reopened", "resolved", "closed")
"""Of several statuses at one moment the last of these holds."""
_RANKS = {status: rank for rank, status in enumerate(SIMULTANEOUS)}


class Pause(NamedTuple):
    """A period in which a clock is paused; `end` is None while it lasts."""

    start: datetime
    end: datetime | None


def pauses_of(policy: SlaPolicy, conversation: Conversation) -> tuple[Pause, ...]:
    """Return the periods in which clocks stand still, by the rule of the priority of each time.

    A priority that is stated again, or that pauses on the same statuses as the one before, cuts no period.
    """
    stated = conversation.priorities or (StatedPriority(conversation.started_at, conversation.priority),)
    changes: list[tuple[datetime | None, frozenset[str]]] = []
    for each in stated:
        statuses = DONE | _pause_statuses(policy, conversation, each.priority)
        if not changes or statuses != changes[-1][1]:
            changes.append((each.at if changes else None, statuses))
    ends = [*(since for since, _ in changes[1:]), None]
    return tuple(
        clipped
        for (since, statuses), until in zip(changes, ends, strict=True)
        for pause in periods_in(conversation, statuses)
        if (clipped := _clip(pause, since, until)) is not None
    )


def _pause_statuses(policy: SlaPolicy, conversation: Conversation, priority: str) -> frozenset[str]:
    rule = policy.rule_for(replace(conversation, priority=priority))
    return rule.pause_on if rule else frozenset()


def _clip(pause: Pause, since: datetime | None, until: datetime | None) -> Pause | None:
    """Return the part of a pause that lies between two moments; None for an open end, and for no part."""
    start = pause.start if since is None else max(pause.start, since)
    end = min((moment for moment in (pause.end, until) if moment is not None), default=None)
    return Pause(start, end) if end is None or start < end else None


def periods_in(conversation: Conversation, statuses: frozenset[str]) -> tuple[Pause, ...]:
    """Return the periods in which the interaction was in one of the statuses, adjacent ones unmerged."""
    in_order = sorted(conversation.status, key=lambda event: (event.at, _RANKS[event.to]))
    events = tuple({event.at: event for event in in_order}.values())
    if not events and conversation.ended_at is not None:
        return (Pause(conversation.ended_at, None),)
    ends = [*(event.at for event in events[1:]), None]
    return tuple(
        Pause(event.at, end) for event, end in zip(events, ends, strict=bool(events)) if event.to in statuses
    )
