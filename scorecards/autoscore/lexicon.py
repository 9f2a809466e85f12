"""VADER's reading of a sentence, word for word its own, without its work on words that decide nothing."""

import string
from collections.abc import Sequence
from functools import lru_cache

from vaderSentiment.vaderSentiment import (
    BOOSTER_DICT,
    NEGATE,
    SPECIAL_CASES,
    SentimentIntensityAnalyzer,
    SentiText,
    normalize,
)

_REACH = 3
"""How many words before a word, and with it behind, VADER looks at."""
_REMEMBERED = 4_096
_SHORTEST = 2
_KIND_OF = ["kind", "of"]
_COMMON = frozenset({"the", "to", "for", "of"})
# Words near which the value of another one may change; every special case and every booster of two words
# has one of them.
_MODIFIERS = (
    frozenset(
        {"no", "or", "nor", "never", "so", "this", "without", "doubt", "least"}
        | set(NEGATE)
        | {word for phrase in (*BOOSTER_DICT, *SPECIAL_CASES) for word in phrase.split()}
    )
    - _COMMON
)


class Lexicon(SentimentIntensityAnalyzer):  # type: ignore[misc]
    """VADER with a quick way for plain sentences; what it says is the same to the last digit."""

    def compound(self, sentence: str) -> float:
        """Return VADER's compound score of a sentence, in [-1, 1] with four decimals.

        Only words of the lexicon have a value. Where no word near one of them changes it, the value is the
        one listed, and a little more in capitals; everywhere else VADER itself is asked.
        """
        if not sentence.isascii():
            return float(self.polarity_scores(sentence)["compound"])
        sentence = sentence.strip()
        tokens = [_stripped(each) for each in sentence.split()]
        lowered = [each.lower() for each in tokens]
        if self.lexicon.keys().isdisjoint(lowered):
            return 0.0
        values = self._values(sentence, tokens, lowered)
        if "but" in lowered:
            values = self._but_check(tokens, values)
        total = float(sum(values))
        if total > 0:
            total += self._punctuation_emphasis(sentence)
        elif total < 0:
            total -= self._punctuation_emphasis(sentence)
        return round(float(normalize(total)), 4)

    def _values(self, sentence: str, tokens: Sequence[str], lowered: Sequence[str]) -> list[float]:
        values = [0.0] * len(tokens)
        whole: SentiText | None = None
        for place, word in enumerate(lowered):
            if word not in self.lexicon or word in BOOSTER_DICT or lowered[place : place + 2] == _KIND_OF:
                continue
            near = lowered[max(0, place - _REACH) : place + _REACH]
            if (
                tokens[place].isupper()
                or not _MODIFIERS.isdisjoint(near)
                or any("n't" in each for each in near)
            ):
                whole = whole or SentiText(sentence)
                (values[place],) = self.sentiment_valence(0, whole, tokens[place], place, [])
            else:
                values[place] = self.lexicon[word]
        return values


@lru_cache(maxsize=_REMEMBERED)
def _stripped(token: str) -> str:
    stripped = token.strip(string.punctuation)
    return stripped if len(stripped) > _SHORTEST else token
