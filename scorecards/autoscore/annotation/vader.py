"""VADER's reading of a sentence, word for word its own, without its work on words that decide nothing."""

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


class Vader(SentimentIntensityAnalyzer):  # type: ignore[misc]
    """VADER with a quick way for plain sentences; what it says is the same to the last digit."""

    def compound(self, sentence: str) -> float:
        """Return VADER's compound score of a sentence, in [-1, 1] with four decimals.

        Only words of the lexicon have a value. Where no word near one of them changes it, the value is the
        one listed, and a little more in capitals; everywhere else VADER itself is asked.
        """
        if not sentence.isascii():
            return float(self.polarity_scores(sentence)["compound"])
        spoken = sentence.split()
        lowered = [_LOWERED[each] for each in spoken]
        places = [place for place, word in enumerate(lowered) if word in self.lexicon]
        if not places:
            return 0.0
        values = self._values(spoken, lowered, places, contracted="'" in sentence)
        if "but" in lowered:
            values = self._but_check(lowered, values)
        total = float(sum(values))
        if total > 0:
            total += self._punctuation_emphasis(sentence)
        elif total < 0:
            total -= self._punctuation_emphasis(sentence)
        return round(float(normalize(total)), 4)

    def _values(
        self, spoken: list[str], lowered: list[str], places: Iterable[int], *, contracted: bool
    ) -> list[float]:
        """Return the value of every word; none but those at `places` has any."""
        values = [0.0] * len(lowered)
        whole: _Whole | None = None
        for place in places:
            word = lowered[place]
            if word in BOOSTER_DICT or lowered[place : place + 2] == _KIND_OF:
                continue
            near = lowered[max(0, place - _REACH) : place + _REACH]
            if (
                not _MODIFIERS.isdisjoint(near)
                or spoken[place].isupper()
                or (contracted and any("n't" in each for each in near))
            ):
                whole = whole or _whole(spoken)
                token = whole.words_and_emoticons[place]
                (values[place],) = self.sentiment_valence(0, whole, token, place, [])
            else:
                values[place] = self.lexicon[word]
        return values


class _Whole(NamedTuple):
    """What VADER looks at beside a word, without cutting the sentence into words once more."""

    words_and_emoticons: list[str]
    is_cap_diff: bool


def _whole(spoken: Iterable[str]) -> _Whole:
    tokens = [_stripped(each) for each in spoken]
    return _Whole(tokens, allcap_differential(tokens))


def _stripped(token: str) -> str:
    stripped = token.strip(string.punctuation)
    return stripped if len(stripped) > _SHORTEST else token


_LOWERED = BoundedCache(lambda token: _stripped(token).lower(), _REMEMBERED)
"""Words as the lexicon lists them, by how they stand between two spaces."""
