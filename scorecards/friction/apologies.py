"""Whether an agent apologised in an interaction (pure)."""

from collections.abc import Sequence

from scorecards.autoscore.apology_patterns import APOLOGY
from scorecards.autoscore.matching.matcher import Matcher
from scorecards.autoscore.text.normalization import mask_quotations, normalise, sentences
from scorecards.definitions.conversation import Turn

_MATCHER = Matcher(APOLOGY)


def apologised(turns: Sequence[Turn]) -> bool:
    """Whether an agent says sorry for something, in English.

    >>> apologised([Turn("customer", "Sorry to bother you."), Turn("agent", "I apologise for the delay.")])
    True
    >>> apologised([Turn("customer", "I am so sorry!"), Turn("agent", "Sorry to hear that you are ill.")])
    False
    """
    return any(_in_text(turn.text) for turn in turns if turn.speaker == "agent" and turn.text)


def _in_text(text: str) -> bool:
    plain = mask_quotations(normalise(text))
    return any(_MATCHER.scan(plain[start:end]) for start, end in sentences(text))
