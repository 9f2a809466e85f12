"""What can be found of a playbook: its steps, the discretion it gives, and a dead end."""

from dataclasses import dataclass

from scorecards.definitions.form import Span

DONE, MISSING, OUT_OF_ORDER, UNKNOWN = "done", "missing", "out_of_order", "unknown"
INTENT, PHRASE, WORDS = "intent", "phrase", "words"


@dataclass(frozen=True, slots=True)
class StepFinding:
    """A step and what became of it: done, missing, out_of_order, or unknown when it has no phrases.

    `seen` says who showed it: the agent or a bot by saying it, the system by logging it.
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

    `amount` is the highest one named with it, in the limit's currency; `within` is None when it was not
    used, when a limit is set and no comparable amount was named, or when one use names another currency.
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
    """The agent said no and left it there, although the playbook gives `ways` on: keys of what was left."""

    span: Span
    ways: tuple[str, ...]
    clause: str
    detail: str


@dataclass(frozen=True, slots=True)
class PlaybookFinding:
    """A playbook that was called for: by the 'intent', by a trigger 'phrase', or by the customer's 'words'.

    `confidence` in [0, 1] says how sure it is that this playbook was called for; `dead_end` is None unless
    the agent left the customer at one.
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
