"""Finds new friction themes in problem statements, each named by its own words (pure).

The frequent phrases of all statements are the themes, and each statement belongs to the one that it mentions
first. On real conversations that was steadier than clusters, and told as much about the rest of the
conversation: see `docs/explanation/real-data.md`.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from scorecards.definitions.theme_phrases import Term, sentences_of

MIN_STATEMENTS = 30
"""Of fewer statements no theme is found."""
MAX_THEMES = 20
_MIN_SHARE, _MAX_SHARE = 0.03, 0.3
_MIN_VOLUME = 3
_MAX_PHRASE_WORDS = 2
_MIN_LETTERS = 3
_COMPANIONS = 2
_MIN_COMPANION_SHARE = 0.2

Stems = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundTheme:
    """A theme that was found: its phrase as customers write it, words that go with it, and its volume."""

    phrase: str
    companions: tuple[str, ...]
    volume: int

    @property
    def name(self) -> str:
        """The phrase, and in brackets what sets its statements apart."""
        return f"{self.phrase} ({', '.join(self.companions)})" if self.companions else self.phrase


def discover(
    statements: Sequence[str], known: Collection[Stems] = (), most: int = MAX_THEMES
) -> list[FoundTheme]:
    """Find the themes of problem statements, the largest first.

    Parameters
    ----------
    statements : sequence of str
        Problem statements that no theme covers.
    known : collection of tuple of str
        Phrases, by their stems, that are themes already or are not wanted.
    most
        Themes at most.

    Returns
    -------
    list of FoundTheme
        Empty below `MIN_STATEMENTS`.

    Notes
    -----
    Candidates are words, and pairs of words next to each other, in 3 to 30 % of the statements: what is in
    more tells no problem from another. The `most` most frequent stay, a statement belongs to the first that
    it mentions (pairs before words), and themes of fewer than three statements or 3 % are dropped. The words
    that go with a theme have the largest log odds ratio, times the root of their count, against all others.
    """
    read = [list(sentences_of(each)) for each in statements]
    if len(read) < MIN_STATEMENTS:
        return []
    features = [_features(sentences) for sentences in read]
    least = max(_MIN_VOLUME, math.ceil(_MIN_SHARE * len(read)))
    counts = Counter(phrase for each in features for phrase in each)
    wanted = [
        phrase
        for phrase, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if least <= count <= _MAX_SHARE * len(read) and phrase not in known
    ][:most]
    first = [_first(sentences, frozenset(wanted)) for sentences in read]
    volumes = Counter(phrase for phrase in first if phrase is not None)
    spelling = _spellings(read)
    found = [
        FoundTheme(spelling[phrase], _companions(phrase, first, features, spelling), volume)
        for phrase, volume in volumes.items()
        if volume >= least
    ]
    return sorted(found, key=lambda theme: (-theme.volume, theme.phrase))


def _phrases(terms: Sequence[Term]) -> Iterable[tuple[Term, ...]]:
    """Yield the phrases of a sentence in their order, the longer ones first at each place."""
    for start in range(len(terms)):
        for length in range(_MAX_PHRASE_WORDS, 0, -1):
            phrase = tuple(terms[start : start + length])
            if len(phrase) == length and all(len(term.word) >= _MIN_LETTERS for term in phrase):
                yield phrase


def _stems(phrase: Iterable[Term]) -> Stems:
    return tuple(term.stem for term in phrase)


def _features(sentences: Sequence[Sequence[Term]]) -> frozenset[Stems]:
    return frozenset(_stems(phrase) for terms in sentences for phrase in _phrases(terms))


def _first(sentences: Sequence[Sequence[Term]], wanted: Collection[Stems]) -> Stems | None:
    mentioned = (_stems(phrase) for terms in sentences for phrase in _phrases(terms))
    return next((stems for stems in mentioned if stems in wanted), None)


def _spellings(read: Sequence[Sequence[Sequence[Term]]]) -> Mapping[Stems, str]:
    """Return each phrase as customers write it most often."""
    written: dict[Stems, Counter[str]] = {}
    for sentences in read:
        for terms in sentences:
            for phrase in _phrases(terms):
                words = " ".join(term.word for term in phrase)
                written.setdefault(_stems(phrase), Counter())[words] += 1
    return {
        stems: min(counts, key=lambda words: (-counts[words], words)) for stems, counts in written.items()
    }


def _companions(
    phrase: Stems,
    first: Sequence[Stems | None],
    features: Sequence[frozenset[Stems]],
    spelling: Mapping[Stems, str],
) -> tuple[str, ...]:
    inside = [each for each, own in zip(features, first, strict=True) if own == phrase]
    within = Counter(stems for each in inside for stems in each)
    outside = Counter(
        stems for each, own in zip(features, first, strict=True) if own != phrase for stems in each
    )
    least = max(_MIN_VOLUME - 1, _MIN_COMPANION_SHARE * len(inside))
    others = len(features) - len(inside)
    weights = {
        stems: _log_odds(count, len(inside), outside[stems], others) * math.sqrt(count)
        for stems, count in within.items()
        if count >= least
    }
    taken, chosen = set(phrase), list[str]()
    for stems in sorted(weights, key=lambda each: (-weights[each], each)):
        if len(chosen) < _COMPANIONS and weights[stems] > 0 and taken.isdisjoint(stems):
            chosen.append(spelling[stems])
            taken.update(stems)
    return tuple(chosen)


def _log_odds(inside: int, of: int, outside: int, others: int) -> float:
    """Return the log odds ratio of two counts, with half a count added to each cell."""
    return math.log((inside + 0.5) / (of - inside + 0.5)) - math.log(
        (outside + 0.5) / (others - outside + 0.5)
    )
