"""Patterns, and a matcher that finds those of a table in sentences and tries few of them on each."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scorecards.autoscore.matching.alternation import Alternation
from scorecards.autoscore.matching.prefilter import Prefilter
from scorecards.autoscore.text import normalization, spelling

_NEGATOR = re.compile(
    r"\b(?:not|never|(?<!oh )no|cannot|without|unable|nor|hardly|\w+n't|dont|cant|wont|didnt|isnt)\b"
)
_CLAUSE_END = re.compile(
    r"[,;:()]|-(?= )|\b(?:and|but|because|so|although|though|while)\b"
    r"|(?<!think )(?<!believe )(?<!sure )(?<!if )\b(?=(?:i'm|i'll|i've|we'll|we've|we're)\b)"
)
_CONDITION = re.compile(
    r"(?<!know )(?<!see )(?<!ask )(?<!check )(?<!wonder )(?<!wondering )(?<!asking )"
    r"(?<!sure )(?<!as )(?<!sorry )"
    r"\b(?:if|in case|unless|whenever|suppose|supposing)\b"
)
_NEGATING = normalization.word_set("not never no cannot without unable nor hardly dont cant wont didnt isnt")
_CONDITIONAL = normalization.word_set("if case unless whenever suppose supposing")
_LOOK_AHEAD = 6
_NEW_THOUGHT = re.compile(r"\bbut\b|;|\bhowever\b")
_SOURCES = normalization.word_set("policy policies terms website page faq manual script template")
_TURNING = _NEGATING | _CONDITIONAL | _SOURCES
_CITED = re.compile(
    r"\b(?:polic(?:y|ies)|terms|website|page|faq|manual|script|template)\b[^.]{0,30}?\b(?:says?|states?"
    r"|reads?)\b"
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way of saying something.

    Attributes
    ----------
    signal : str
        What it is a sign of.
    expression : str
        Regular expression over normalised text; a space stands for any white space.
    example : str
        A sentence it finds; the tests hold every pattern to it.
    label : str
        A finer kind within the signal.
    negatable : bool
        Whether "not" and the like in the same clause undo it.
    conditional : bool
        Whether it counts behind an "if" too.
    """

    signal: str
    expression: str
    example: str
    label: str = ""
    negated_by_scope: bool = True
    counts_in_condition: bool = False


class Match(NamedTuple):
    """A pattern found at characters [start, end) of the text it was searched in."""

    signal: str
    start: int
    end: int
    label: str


class Matcher:
    """Finds the patterns of one table in sentences.

    A prefilter looks up a sentence's words; of the alternatives of all patterns only those are searched whose
    required literals are in the sentence, which is most often none.
    """

    def __init__(
        self, table: Sequence[Pattern], *, whole_sentence_conditions: bool = False, tolerant: bool = False
    ) -> None:
        """Compile a table; conditions of a customer rule a whole thought, those of an agent their clause.

        A tolerant scanner finds its patterns in common misspellings too.
        """
        self._tolerant = tolerant
        self._boundary = _NEW_THOUGHT if whole_sentence_conditions else _CLAUSE_END
        self._patterns = [(each, Alternation(each.expression)) for each in table]
        self._prefilter = Prefilter([alternation.pieces for _, alternation in self._patterns])

    def scan(self, plain: str, spoken: Iterable[str] | None = None) -> tuple[Match, ...]:
        """Return what a normalised sentence holds; `spoken` are its words where they are known already."""
        words = tuple(normalization.words(plain)) if spoken is None else tuple(spoken)
        mended = spelling.mend(plain, words) if self._tolerant else None
        if mended is None:
            return self._scan(plain, words)
        found = self._scan(mended.plain, mended.words)
        return tuple(hit._replace(start=mended.place(hit.start), end=mended.place(hit.end)) for hit in found)

    def _scan(self, plain: str, words: Sequence[str]) -> tuple[Match, ...]:
        held = self._prefilter.candidates(words, ascii_only=plain.isascii())
        if not held:
            return ()
        turning = _TURNING.intersection(words)
        cited = None if turning.isdisjoint(_SOURCES) else _CITED.search(plain)
        end = cited.end() if cited else len(plain)
        negated = "n't" in plain or not turning.isdisjoint(_NEGATING)
        conditional = not turning.isdisjoint(_CONDITIONAL)
        hits = []
        for number, chosen in held:
            pattern, alternatives = self._patterns[number]
            negatable = negated and pattern.negated_by_scope
            doubtful = conditional and not pattern.counts_in_condition
            for found in alternatives.found(plain, end, chosen):
                if found.end() > found.start() and self._counts(plain, found, negatable, doubtful):
                    hits.append(Match(pattern.signal, found.start(), found.end(), pattern.label))
                    break
        return tuple(hits)

    def _counts(self, plain: str, found: re.Match[str], negatable: bool, conditional: bool) -> bool:
        """Tell whether neither a "not" nor an "if" of the same clause undoes what was found."""
        if negatable:
            clause = _last_end(_CLAUSE_END, plain, found.start())
            if _NEGATOR.search(plain, clause, found.end()):
                return False
        if conditional:
            thought = _last_end(self._boundary, plain, found.start())
            if _CONDITION.search(plain, thought, found.start()):
                return False
        return True


def _last_end(boundary: re.Pattern[str], plain: str, before: int) -> int:
    end = 0
    for found in boundary.finditer(plain, 0, before + _LOOK_AHEAD):
        if found.end() <= before:
            end = found.end()
    return end
