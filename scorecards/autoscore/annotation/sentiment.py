"""The customer's sentiment turn by turn, its shift over the conversation, and how distressed they were."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean

from scorecards.autoscore.annotation.vader import Vader
from scorecards.autoscore.matching.matcher import Match

# VADER's own constant of c = x / sqrt(x^2 + ALPHA), which turns a sum of valences into [-1, 1].
ALPHA = 15.0
DECIMALS = 4

# Words of courtesy and of customer service that VADER has as positive or negative.
_NEUTRAL = (
    "please help helping helped support like yes ok okay sure credit care hello dear interest interested "
    "share shares number no kindly greetings welcome agree solution resolve save want charge charged "
    "charges cancel cancelled cancelling free gift party matter well top certain"
)
# Negative words of customer service that are not in VADER's lexicon, on its scale of -4 to 4.
_SERVICE_WORDS = {
    "late": -1.4,
    "delayed": -1.5,
    "delay": -1.3,
    "waiting": -1.2,
    "waited": -1.2,
    "broken": -2.0,
    "broke": -1.5,
    "damaged": -1.8,
    "overcharged": -2.0,
    "twice": -0.6,
    "faulty": -1.8,
    "defective": -1.8,
    "ripoff": -2.8,
    "appalling": -2.8,
    "nobody": -0.8,
    "wrong": -2.1,
    "livid": -3.0,
}
_FEELING_DISTRESS = {"strong": 0.55, "medium": 0.4, "mild": 0.2}
_SIGNAL_DISTRESS = {"stakes": 0.2, "repeated": 0.2, "failure": 0.05, "sarcasm": 0.3}
_SHOUTING, _EXCLAIMING = 0.2, 0.12
_NEGATIVITY = 0.55
_SARCASTIC = -0.4
_SHOUTED = re.compile(r"\b[A-Z]{3,}\b(?:\W+\b[A-Z]{2,}\b)+|\b[A-Z]{5,}\b")
# Courtesies and set phrases in which VADER's positive words are neutral.
_COURTESY = re.compile(
    r"\b(?:(?:kind|best|warm(?:est)?|many|with)\s+){1,3}(?:regards|wishes)\b"
    r"|\b(?:yours\s+)?(?:sincerely|truly|faithfully)\s*(?=[,.\n]|$)"
    r"|\bto\s+be\s+(?:\w+\s+)?honest\b|\bhonestly\b|\bgood\s+(?:morning|afternoon|evening|day)\b"
    r"|\bpretty(?=\s+\w)",
    re.IGNORECASE,
)
_COURTESY_WORDS = ("regards", "wishes", "sincerely", "truly", "faithfully", "honest", "good", "pretty")
"""Every courtesy has one of these words."""
_CAPITALS = re.compile("[A-Z][A-Z][A-Z]")
"""Part of everything in capitals, found in a third of the time."""
_EMOTICON_CHARACTERS = (":", ";", "=", "<")
"""Characters that emoticons begin with."""
_EXCLAIMED = re.compile(r"!\s*[!?]|\?\s*!|\?{3,}")
CONFIDENT, UNREADABLE = 0.7, 0.1


@dataclass(frozen=True, slots=True)
class Sentiment:
    """The customer's sentiment over a conversation.

    Attributes
    ----------
    turns : tuple of (float or None)
        One value per turn in [-1, 1]; None where the customer does not speak.
    start, end : float or None
        Mean over the first and the last third of the customer's turns; None without any.
    shift : float or None
        end - start, in [-2, 2]; None below two customer turns.
    recovered : bool or None
        Whether a customer who began below zero ended at zero or above; None for any other beginning, and
        below two customer turns.
    peak_distress : float
        Highest distress of a customer turn, in [0, 1].
    peak_turn : int or None
        The turn with the highest distress; None if no turn has any.
    charged : bool
        Whether the peak reaches the client's threshold.
    confidence : float
        In [0, 1]; low if the lexicon does not cover the language, then every value is neutral.
    """

    turns: tuple[float | None, ...]
    start: float | None
    end: float | None
    shift: float | None
    peak_distress: float
    peak_turn: int | None
    charged: bool
    confidence: float = CONFIDENT
    recovered: bool | None = None


@cache
def lexicon() -> Vader:
    """Return VADER with a lexicon adapted to customer service."""
    analyser = Vader()
    for word in _NEUTRAL.split():
        analyser.lexicon.pop(word, None)
    analyser.lexicon.update(_SERVICE_WORDS)
    return analyser


def sentence_valence(sentence: str, words: Iterable[str]) -> float:
    """Return VADER's sum of valences for one sentence (unbounded; 0 is neutral).

    An ASCII sentence without a word of the lexicon is neutral by definition and skips the analyser.
    """
    analyser = lexicon()
    if (
        sentence.isascii()
        and not _contains_any(sentence, _EMOTICON_CHARACTERS)
        and analyser.lexicon.keys().isdisjoint(words)
    ):
        return 0.0
    may_be_courtesy = not sentence.isascii() or _contains_any(sentence.lower(), _COURTESY_WORDS)
    plain = _COURTESY.sub(" ", sentence) if may_be_courtesy else sentence
    compound = max(-0.9999, min(0.9999, analyser.compound(plain)))
    return float(compound * math.sqrt(ALPHA) / math.sqrt(1.0 - compound * compound))


def _contains_any(sentence: str, parts: Sequence[str]) -> bool:
    # Takes half the time of `any` with a generator, which matters once per sentence.
    for part in parts:  # noqa: SIM110
        if part in sentence:
            return True
    return False


def compound(valences: Iterable[float]) -> float:
    """Return the sentiment in [-1, 1] of several sentences: c = x / sqrt(x^2 + 15), x the sum of valences.

    So a repeated sentence is scored only once, and the value of a turn is still VADER's compound score.

    Examples
    --------
    >>> round(compound([-2.0, -1.0]), 4)
    -0.6124
    >>> compound([])
    0.0
    """
    total = math.fsum(valences)
    return round(total / math.sqrt(total * total + ALPHA), DECIMALS)


def sentence_distress(sentence: str, matches: Iterable[Match]) -> float:
    """Return the distress in a sentence apart from its sentiment, in [0, 1].

    Signals combine by noisy-or, 1 - prod(1 - weight): feeling words (strong 0.55, medium 0.4, mild 0.2), high
    stakes, repeated contact, sarcasm, capitals, doubled exclamation marks, a service failure (0.05).
    """
    calm = 1.0
    for signal, _, _, label in matches:
        if signal == "feeling":
            calm *= 1.0 - _FEELING_DISTRESS[label]
        elif signal in _SIGNAL_DISTRESS:
            calm *= 1.0 - _SIGNAL_DISTRESS[signal]
    if _CAPITALS.search(sentence) and _SHOUTED.search(sentence):
        calm *= 1.0 - _SHOUTING
    if ("!" in sentence or "?" in sentence) and _EXCLAIMED.search(sentence):
        calm *= 1.0 - _EXCLAIMING
    return 1.0 - calm


def turn_sentiment(valences: Sequence[float], sarcastic: bool) -> float:
    """Return a turn's sentiment in [-1, 1]; in a sarcastic turn positive wording is negative."""
    value = compound(valences)
    return sarcastic_sentiment(value) if sarcastic else value


def sarcastic_sentiment(sentiment: float) -> float:
    """Return the sentiment of a sarcastic turn, which is always negative.

    Examples
    --------
    >>> sarcastic_sentiment(0.7), sarcastic_sentiment(0.0)
    (-0.7, -0.4)
    """
    return min(-abs(sentiment), _SARCASTIC)


def turn_distress(sentiment: float, distresses: Iterable[float]) -> float:
    """Return a customer turn's distress in [0, 1].

    Formula: 1 - (1 - 0.55 max(0, -sentiment)) (1 - d1) (1 - d2 / 2) (1 - d3 / 3) ..., with the distress of
    its sentences from high to low, so that one desperate sentence in a long calm e-mail counts in full and a
    long complaint does not reach 1 by length alone.

    Examples
    --------
    >>> turn_distress(0.6, [])
    0.0
    >>> round(turn_distress(-0.5, [0.4, 0.4]), 3)
    0.652
    """
    calm = 1.0 - _NEGATIVITY * max(0.0, -sentiment)
    for rank, distress in enumerate(sorted(distresses, reverse=True), start=1):
        calm *= 1.0 - distress / rank
    return round(1.0 - calm, DECIMALS)


def arc(
    turns: Sequence[float | None],
    distress: Sequence[float],
    *,
    charged_threshold: float,
    confidence: float = CONFIDENT,
    leanings: Sequence[float | None] | None = None,
) -> Sentiment:
    """Describe a conversation from the sentiment and distress of its turns.

    Parameters
    ----------
    turns : sequence of (float or None)
        Sentiment in [-1, 1] per turn; None where the customer does not speak.
    distress : sequence of float
        Distress in [0, 1] per turn; only the customer's turns count.
    charged_threshold : float
        Peak distress from which the case is emotionally charged.
    confidence : float
        Returned unchanged.
    leanings : sequence of (float or None), optional
        Sentiment per turn that is 0 where neutral is the most likely class, by which `recovered` is decided;
        `turns` if not given. An expected value such as 0.3 - 0.2 is hardly ever 0 and would make nearly every
        calm customer unhappy.

    Notes
    -----
    With k customer turns a third is max(1, k // 3) turns, so that the first and last third never overlap
    from two turns on. One turn has a start and an end (itself) but no shift.

    Examples
    --------
    >>> found = arc([-0.6, None, 0.0, 0.6], [0.5, 0, 0, 0], charged_threshold=0.5)
    >>> found.start, found.end, found.shift, found.charged
    (-0.6, 0.6, 1.2, True)
    >>> found.recovered
    True
    >>> arc([None], [0], charged_threshold=0.5).shift is None
    True
    """
    start, end = _ends(turns)
    shift = end - start if start is not None and end is not None and _counted(turns) > 1 else None
    peak, peak_turn = 0.0, None
    for turn, value in enumerate(turns):
        if value is not None and distress[turn] > peak:
            peak, peak_turn = distress[turn], turn
    return Sentiment(
        turns=tuple(turns),
        start=start,
        end=end,
        shift=shift,
        peak_distress=peak,
        peak_turn=peak_turn,
        charged=peak_turn is not None and peak >= charged_threshold,
        confidence=confidence,
        recovered=None
        if shift is None
        else _recovered(*(start, end) if leanings is None else _ends(leanings)),
    )


def _ends(turns: Sequence[float | None]) -> tuple[float | None, float | None]:
    """Return the means over the first and the last third of the customer's turns."""
    values = [value for value in turns if value is not None]
    third = max(1, len(values) // 3)
    return (fmean(values[:third]), fmean(values[-third:])) if values else (None, None)


def _counted(turns: Sequence[float | None]) -> int:
    return sum(value is not None for value in turns)


def _recovered(start: float | None, end: float | None) -> bool | None:
    return end >= 0 if start is not None and end is not None and start < 0 else None
