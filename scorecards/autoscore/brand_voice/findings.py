"""Findings on a brand voice, and the cached style of one sentence."""

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
    """One rule of the brand voice: where it was kept or broken, or that this is unknown.

    Attributes
    ----------
    rule : str
        One of banned, preferred, instead_of, greeting, sign_off, misplaced, formality, reading_level, tone,
        examples, empathy_library.
    clause : str or None
        The clause of the brand voice it refers to: the client's own number, or else a name such as
        ``brand_voice/reading_level``.
    turn, span : int or None, Span or None
        Where; None if something was missing, or if it is about the whole conversation.
    detail : str
        The finding in words; quotes the brand voice and never the transcript.
    kept : bool or None
        Whether the rule was kept; None if there was too little text to decide.
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
    """The style of a sentence's text, the same wherever the sentence occurs.

    `odds` are the log-odds of being like the client's good examples, None if the sentence has no known
    feature; `violation` says how the sentence violates the client's formality, or is empty.
    """

    matches: tuple[Match, ...]
    style: Style
    odds: float | None
    violation: str
