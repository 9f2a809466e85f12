"""VADER's compound score of a sentence, exactly as VADER computes it, with a fast path for plain words."""

import string
from collections.abc import Iterable
from typing import NamedTuple

from vaderSentiment.vaderSentiment import (
    BOOSTER_DICT,
    NEGATE,
    SPECIAL_CASES,
    SentimentIntensityAnalyzer,
    allcap_differential,
    normalize,
)

from scorecards.autoscore.text.bounded_cache import BoundedCache

_WINDOW = 3
"""Words before a word, and from it on, that VADER takes into account."""
_MAX_CACHED = 4_096
_MAX_UNSTRIPPED = 2
_KIND_OF = ["kind", "of"]
_COMMON = frozenset({"the", "to", "for", "of"})
# Words that may change the valence of another one near them; every special case and every booster of two
# words has one of them.
_MODIFIERS = (
    frozenset(
        {"no", "or", "nor", "never", "so", "this", "without", "doubt", "least"}
        | set(NEGATE)
        | {word for phrase in (*BOOSTER_DICT, *SPECIAL_CASES) for word in phrase.split()}
    )
    - _COMMON
)


class Vader(SentimentIntensityAnalyzer):  # type: ignore[misc]
    """VADER with a fast path for plain sentences; its results are the same to the last digit."""

    def compound(self, sentence: str) -> float:
        """Return VADER's compound score of a sentence, in [-1, 1] with four decimals.

        Only words of the lexicon have a valence. Without a modifier near it and capitals it is the one of the
        lexicon; otherwise VADER itself computes it.
        """
        if not sentence.isascii():
            return float(self.polarity_scores(sentence)["compound"])
        tokens = sentence.split()
        lowered = [_LOWERED[each] for each in tokens]
        positions = [position for position, word in enumerate(lowered) if word in self.lexicon]
        if not positions:
            return 0.0
        values = self._values(tokens, lowered, positions, has_contractions="'" in sentence)
        if "but" in lowered:
            values = self._but_check(lowered, values)
        total = float(sum(values))
        if total > 0:
            total += self._punctuation_emphasis(sentence)
        elif total < 0:
            total -= self._punctuation_emphasis(sentence)
        return round(float(normalize(total)), 4)

    def _values(
        self, tokens: list[str], lowered: list[str], positions: Iterable[int], *, has_contractions: bool
    ) -> list[float]:
        """Return the valence of every word; it is zero except at `positions`."""
        values = [0.0] * len(lowered)
        sent_text: _SentText | None = None
        for position in positions:
            word = lowered[position]
            if word in BOOSTER_DICT or lowered[position : position + 2] == _KIND_OF:
                continue
            context = lowered[max(0, position - _WINDOW) : position + _WINDOW]
            if (
                not _MODIFIERS.isdisjoint(context)
                or tokens[position].isupper()
                or (has_contractions and any("n't" in each for each in context))
            ):
                sent_text = sent_text or _sent_text(tokens)
                token = sent_text.words_and_emoticons[position]
                (values[position],) = self.sentiment_valence(0, sent_text, token, position, [])
            else:
                values[position] = self.lexicon[word]
        return values


class _SentText(NamedTuple):
    """VADER's class of the same name without its own tokenisation."""

    words_and_emoticons: list[str]
    is_cap_diff: bool


def _sent_text(tokens: Iterable[str]) -> _SentText:
    words = [_stripped(each) for each in tokens]
    return _SentText(words, allcap_differential(words))


def _stripped(token: str) -> str:
    stripped = token.strip(string.punctuation)
    return stripped if len(stripped) > _MAX_UNSTRIPPED else token


_LOWERED = BoundedCache(lambda token: _stripped(token).lower(), _MAX_CACHED)
"""Words as the lexicon has them, by token."""
