"""A conversation as plain values: turns, status events and outcome facts, without database or web (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    With `part` it is the part of one of several agents who spoke: see `part_of`.
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
    part: bool = False

    @property
    def speaking_agents(self) -> frozenset[str]:
        """The agents who spoke; a turn that names none is by the agent of the interaction, '' if unknown."""
        return frozenset(agent for agent in map(self._agent_of, self.turns) if agent is not None)

    @property
    def answerable_agent(self) -> str | None:
        """The agent who answers for it: the only one who spoke, `SEVERAL_AGENTS`, or None if unknown.

        Examples
        --------
        >>> began = datetime(2026, 7, 1, 9)
        >>> rude, kind = Turn("agent", "No.", agent="a-1"), Turn("agent", "I will see to it.", agent="a-2")
        >>> Conversation("chat", [rude], began, agent="a-2").answerable_agent
        'a-1'
        >>> Conversation("chat", [rude, kind], began, agent="a-2").answerable_agent
        'several agents'
        """
        spoke = self.speaking_agents or {self.agent}
        return SEVERAL_AGENTS if len(spoke) > 1 else next(iter(spoke)) or None

    @property
    def is_judged(self) -> bool:
        """Whether a scorecard judges it: where several agents spoke, their parts are judged, not the whole.

        The part of an agent is judged as long as it has turns of that agent.
        """
        if self.part:
            return any(turn.speaker == "agent" for turn in self.turns)
        return len(self.speaking_agents) < 2

    def part_of(self, agent: str) -> "Conversation":
        """Return the part for which one of several agents answers: their turns, and those they answered.

        A customer's turn is answered by the next agent who speaks, the last ones by the last agent. What
        belongs to others stays, as turns of the system, so that turn numbers are those of the whole. Of an
        agent who did not speak, or spoke alone, nothing is left.

        Examples
        --------
        >>> began = datetime(2026, 7, 1, 9)
        >>> turns = [Turn("customer", "Hi"), Turn("agent", "No.", agent="a-1"), Turn("customer", "Please!"),
        ...          Turn("agent", "I will see to it.", agent="a-2"), Turn("customer", "Thanks")]
        >>> part = Conversation("chat", turns, began, agent="a-2").part_of("a-1")
        >>> [turn.speaker for turn in part.turns], part.agent
        (['customer', 'agent', 'system', 'system', 'system'], 'a-1')
        """
        shared = agent in self.speaking_agents and not len(self.speaking_agents) < 2
        turns = [
            turn if shared and owner == agent else replace(turn, speaker="system")
            for turn, owner in zip(self.turns, self._answering_agents(), strict=True)
        ]
        return replace(self, turns=turns, agent=agent, part=True)

    def _agent_of(self, turn: Turn) -> str | None:
        """Return who speaks a turn of an agent, '' if unknown; None for others' turns."""
        if turn.speaker != "agent":
            return None
        return (turn.agent if turn.agent is not None else self.agent) or ""

    def _answering_agents(self) -> list[str | None]:
        """Return whose each turn is: of the agent who speaks it, or speaks next, or spoke last."""
        spoken = [self._agent_of(turn) for turn in self.turns]
        owner = next((agent for agent in reversed(spoken) if agent is not None), None)
        owners = []
        for turn, agent in zip(reversed(self.turns), reversed(spoken), strict=True):
            owner = agent if turn.speaker == "agent" else owner
            owners.append(owner)
        return owners[::-1]
