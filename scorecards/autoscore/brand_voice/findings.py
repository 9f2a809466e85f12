"""What can be found of a brand voice, and what is remembered of one sentence."""

from dataclasses import dataclass
from typing import NamedTuple

from scorecards.autoscore.brand_voice.style_markers import Style
from scorecards.autoscore.matching.matcher import Match
from scorecards.definitions.form import Span

BANNED, PREFERRED, INSTEAD_OF = "banned", "preferred", "instead_of"
GREETING, SIGN_OFF, MISPLACED = "greeting", "sign_off", "misplaced"
FORMALITY, READING_LEVEL = "formality", "reading_level"
TONE, EXAMPLES, EMPATHY_LIBRARY = "tone", "examples", "empathy_library"


@dataclass(frozen=True, slots=True)
class BrandVoiceFinding:
    """One rule of the brand voice: where it was kept or broken, or that nobody can tell.

    Attributes
    ----------
    rule : str
        One of banned, preferred, instead_of, greeting, sign_off, misplaced, formality, reading_level, tone,
        examples, empathy_library.
    clause : str or None
        The clause of the brand voice it rests on: the client's own number, or else a name such as
        ``brand_voice/reading_level``.
    turn, span : int or None, Span or None
        Where; None when something was missing, or holds of the whole conversation.
    detail : str
        What was found, in words; quotes the brand voice and never the transcript.
    kept : bool or None
        Whether the rule was kept; None where too little was said to tell.
    measure : float or None
        The school grade of a reading level, the rate of a tone, the probability of sounding like the
        client's good examples; None for everything else.
    """

    rule: str
    clause: str | None
    turn: int | None
    span: Span | None
    detail: str
    kept: bool | None = False
    measure: float | None = None
    limit: float | None = None


class SentenceStyle(NamedTuple):
    """What one sentence holds of a brand voice, wherever it is said.

    `odds` are the log-odds of sounding like the client's good examples, None where the sentence holds nothing
    of what was learned; `off` says why the sentence is out of the client's formality, or is empty.
    """

    matches: tuple[Match, ...]
    style: Style
    odds: float | None
    off: str
