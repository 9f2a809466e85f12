"""Findings on a playbook: its steps, its discretions, and a dead end."""

from dataclasses import dataclass

from scorecards.definitions.form import Span

DONE, MISSING, OUT_OF_ORDER, UNKNOWN = "done", "missing", "out_of_order", "unknown"
INTENT, PHRASE, WORDS = "intent", "phrase", "words"


@dataclass(frozen=True, slots=True)
class StepFinding:
    """The status of a step: done, missing, out_of_order, or unknown if it has no phrases.

    `seen` is its source: "agent" or "bot" if it was said, "system" if it was logged.
    """

    key: str
    name: str
    required: bool
    status: str
    span: Span | None = None
    seen: str | None = None
    clause: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DiscretionFinding:
    """One discretion: whether the customer needed it, the agent used it, and stayed within the limit.

    `amount` is the highest one given with it, in the limit's currency; `within` is None if it was not used,
    if it has a limit and no comparable amount was given, or if one use gives another currency.
    """

    key: str
    name: str
    needed: bool
    used: bool
    amount: float | None
    limit: float | None
    currency: str | None
    within: bool | None
    need_span: Span | None = None
    span: Span | None = None
    clause: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """A refusal after which the agent offered nothing, with `ways`, the keys of the options left."""

    span: Span
    ways: tuple[str, ...]
    clause: str
    detail: str


@dataclass(frozen=True, slots=True)
class PlaybookFinding:
    """A playbook that was selected: by the 'intent', by a trigger 'phrase', or by the customer's 'words'.

    `confidence` in [0, 1] is the one of the selection; `dead_end` is None if there is none.
    """

    playbook: str
    triggered_by: str
    trigger_span: Span | None
    steps: tuple[StepFinding, ...]
    discretion: tuple[DiscretionFinding, ...]
    confidence: float = 1.0
    clause: str = ""
    detail: str = ""
    dead_end: DeadEnd | None = None
