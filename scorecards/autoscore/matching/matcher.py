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
_LOOKAHEAD = 6
_ADVERSATIVE = re.compile(r"\bbut\b|;|\bhowever\b")
_CITED_SOURCES = normalization.word_set("policy policies terms website page faq manual script template")
_REVERSING = _NEGATING | _CONDITIONAL | _CITED_SOURCES
_CITATION = re.compile(
    r"\b(?:polic(?:y|ies)|terms|website|page|faq|manual|script|template)\b[^.]{0,30}?\b(?:says?|states?"
    r"|reads?)\b"
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression for one kind of wording.

    Attributes
    ----------
    signal : str
        The signal that a match annotates.
    expression : str
        Regular expression over normalised text; a space is any white space.
    example : str
        A sentence that it matches; a test checks this.
    label : str
        A finer kind within the signal.
    negated_by_scope : bool
        Whether a negator in the same clause cancels a match.
    counts_in_condition : bool
        Whether a match counts after an "if" too.
    """

    signal: str
    expression: str
    example: str
    label: str = ""
    negated_by_scope: bool = True
    counts_in_condition: bool = False


class Match(NamedTuple):
    """A match of a pattern at characters [start, end) of a sentence."""

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
        """Compile a table of patterns.

        An "if" has scope over its clause, or up to the next "but" with `whole_sentence_conditions`; a
        `tolerant` matcher corrects common misspellings first.
        """
        self._tolerant = tolerant
        self._boundary = _ADVERSATIVE if whole_sentence_conditions else _CLAUSE_END
        self._patterns = [(each, Alternation(each.expression)) for each in table]
        self._prefilter = Prefilter([alternation.pieces for _, alternation in self._patterns])

    def scan(self, plain: str, tokens: Iterable[str] | None = None) -> tuple[Match, ...]:
        """Return the matches in a normalised sentence; `tokens` are its words, if they are known already."""
        words = tuple(normalization.words(plain)) if tokens is None else tuple(tokens)
        corrected = spelling.correct_sentence(plain, words) if self._tolerant else None
        if corrected is None:
            return self._scan(plain, words)
        matches = self._scan(corrected.plain, corrected.words)
        return tuple(
            match._replace(
                start=corrected.original_offset(match.start), end=corrected.original_offset(match.end)
            )
            for match in matches
        )

    def _scan(self, plain: str, words: Sequence[str]) -> tuple[Match, ...]:
        candidates = self._prefilter.candidates(words, ascii_only=plain.isascii())
        if not candidates:
            return ()
        reversing = _REVERSING.intersection(words)
        citation = None if reversing.isdisjoint(_CITED_SOURCES) else _CITATION.search(plain)
        end = citation.end() if citation else len(plain)
        has_negation = "n't" in plain or not reversing.isdisjoint(_NEGATING)
        has_condition = not reversing.isdisjoint(_CONDITIONAL)
        matches = []
        for pattern_number, piece_numbers in candidates:
            pattern, alternation = self._patterns[pattern_number]
            check_negation = has_negation and pattern.negated_by_scope
            check_condition = has_condition and not pattern.counts_in_condition
            for match in alternation.matches(plain, end, piece_numbers):
                if match.end() > match.start() and self._counts(
                    plain, match, check_negation, check_condition
                ):
                    matches.append(Match(pattern.signal, match.start(), match.end(), pattern.label))
                    break
        return tuple(matches)

    def _counts(self, plain: str, match: re.Match[str], check_negation: bool, check_condition: bool) -> bool:
        """Tell whether no negator and no "if" has the match in its scope."""
        if check_negation:
            scope_start = _last_end(_CLAUSE_END, plain, match.start())
            if _NEGATOR.search(plain, scope_start, match.end()):
                return False
        if check_condition:
            scope_start = _last_end(self._boundary, plain, match.start())
            if _CONDITION.search(plain, scope_start, match.start()):
                return False
        return True


def _last_end(boundary: re.Pattern[str], plain: str, position: int) -> int:
    end = 0
    for match in boundary.finditer(plain, 0, position + _LOOKAHEAD):
        if match.end() <= position:
            end = match.end()
    return end
