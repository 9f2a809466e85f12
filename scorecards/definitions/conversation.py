"""A conversation as plain values: turns, status events and outcome facts, without database or web (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

SEVERAL_AGENTS = "several agents"
"""Stands for the agent of an interaction in which more than one spoke: none of them answers for all of it."""
SPEAKERS = ("customer", "agent", "bot", "system")
CHANNELS = ("chat", "email", "voice", "ticket", "social", "sms")
PRIORITIES = ("urgent", "high", "normal", "low")
STATUSES = ("open", "pending", "on_hold", "resolved", "reopened", "closed")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message or utterance; `at` is aware UTC or unknown."""

    speaker: str
    text: str
    at: datetime | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """A transition of the interaction to status `to` at `at` (aware UTC)."""

    at: datetime
    to: str


@dataclass(frozen=True, slots=True)
class StatedPriority:
    """A priority that was stated at `at` (aware UTC) and holds from then on."""

    at: datetime
    priority: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """One interaction on one channel; indexes into `turns` are the turn numbers of evidence spans.

    `priority` is the last that was stated. `priorities` has all that are known, by time: the first holds from
    the start; without any, `priority` does.
    """

    channel: str
    turns: Sequence[Turn]
    started_at: datetime
    ended_at: datetime | None = None
    language: str = "en"
    program: str | None = None
    queue: str | None = None
    priority: str = "normal"
    intent: str | None = None
    agent: str | None = None
    status: Sequence[StatusEvent] = ()
    outcome: Mapping[str, Any] = field(default_factory=dict)
    priorities: Sequence[StatedPriority] = ()

    @property
    def answerable_agent(self) -> str | None:
        """The agent who answers for it: the only one who spoke, `SEVERAL_AGENTS`, or None if unknown.

        A turn that names no agent is by the agent of the interaction.

        Examples
        --------
        >>> began = datetime(2026, 7, 1, 9)
        >>> rude, kind = Turn("agent", "No.", agent="a-1"), Turn("agent", "I will see to it.", agent="a-2")
        >>> Conversation("chat", [rude], began, agent="a-2").answerable_agent
        'a-1'
        >>> Conversation("chat", [rude, kind], began, agent="a-2").answerable_agent
        'several agents'
        """
        spoke = {turn.agent or self.agent for turn in self.turns if turn.speaker == "agent"}
        known = spoke - {None} or {self.agent}
        return SEVERAL_AGENTS if len(known) > 1 else next(iter(known))
