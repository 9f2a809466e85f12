"""How the tables of wording are read: patterns with anchor words, and the scanner that tries few."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scorecards.autoscore import text

STEM = 4
"""Letters of an anchor stem: the anchor `apol*` stands for every word that starts with these four letters."""

FEELING = (
    r"(?:frus\w*t\w*|upset\w*|annoy\w+|disap+o\w+|wor+(?:y|ied|ying|isome|ies)|stress\w*|anxious|anxiety"
    r"|concern(?:ed|ing)"
    r"|scar(?:y|ed)|confus(?:ed|ing|ion)|awful|terrible|horrible|exhaust\w+|unsettling|distress\w*"
    r"|overwhelm\w+"
    r"|nerve-?wracking|maddening|infuriat\w+|embarrass\w+|alarm(?:ed|ing)|aggravat\w+|exasperat\w+"
    r"|dishearten\w+"
    r"|painful|unpleasant|let down|ang(?:er|ry)|mad|furious|sad|nervous|afraid|panic\w*|unfair"
    r"|heart-?breaking"
    r"|unnerving|tiring|irritat\w+|fed up|devastat\w+|scary|hurt(?:ful)?|uneasy)"
)
FEELING_ANCHORS = (
    "frus* upse* anno* disa* worr* wory worie* stre* anxi* conc* scar* conf* awfu* terr* horr* exha* "
    "unse* dist* over* "
    "nerve nerv* madd* infu* emba* alar* aggr* exas* dish* pain* unpl* down ange* angr* mad furi* sad "
    "afra* pani* unfa* "
    "hear* unne* tiri* irri* fed deva* hurt* unea*"
)

_NEGATOR = re.compile(
    r"\b(?:not|never|(?<!oh )no|cannot|without|unable|nor|hardly|\w+n't|dont|cant|wont|didnt|isnt)\b"
)
_CLAUSE_END = re.compile(r"[,;:()]|-(?= )|\b(?:and|but|because|so|although|though|while)\b")
_CONDITION = re.compile(
    r"(?<!know )(?<!see )(?<!ask )(?<!check )(?<!wonder )(?<!wondering )(?<!asking )"
    r"(?<!sure )(?<!as )(?<!sorry )"
    r"\b(?:if|in case|unless|whenever|suppose|supposing)\b"
)
_NEW_THOUGHT = re.compile(r"\bbut\b|;|\bhowever\b")
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
    anchors : str
        Words of which at least one stands in every match; `abcd*` means every word beginning so. Only
        sentences with an anchor are searched; without anchors all are.
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
    anchors: str
    expression: str
    example: str
    label: str = ""
    negatable: bool = True
    conditional: bool = False


class Hit(NamedTuple):
    """A pattern found at characters [start, end) of the text it was searched in."""

    signal: str
    start: int
    end: int
    label: str


class Scanner:
    """Finds the patterns of one table in sentences.

    A sentence's words are looked up in an index of anchors; only patterns with an anchor in the sentence are
    searched, which is most often none.
    """

    def __init__(self, table: Sequence[Pattern], *, whole_sentence_conditions: bool = False) -> None:
        """Compile a table; conditions of a customer rule a whole thought, those of an agent their clause."""
        self._patterns = [(each, re.compile(_spaced(each.expression))) for each in table]
        self._boundary = _NEW_THOUGHT if whole_sentence_conditions else _CLAUSE_END
        exact: defaultdict[str, set[int]] = defaultdict(set)
        stems: defaultdict[str, set[int]] = defaultdict(set)
        self._always = tuple(number for number, each in enumerate(table) if not each.anchors)
        for number, pattern in enumerate(table):
            for anchor in pattern.anchors.split():
                (stems if anchor.endswith("*") else exact)[
                    anchor.removesuffix("*")[:STEM] if anchor.endswith("*") else anchor
                ].add(number)
        self._exact = {word: tuple(numbers) for word, numbers in exact.items()}
        self._stems = {stem: tuple(numbers) for stem, numbers in stems.items()}

    def scan(self, plain: str, spoken: Iterable[str] | None = None) -> tuple[Hit, ...]:
        """Return what a normalised sentence holds; `spoken` are its words where they are known already."""
        candidates: set[int] = set(self._always)
        for word in text.words(plain) if spoken is None else spoken:
            if word in self._exact:
                candidates.update(self._exact[word])
            if word[:STEM] in self._stems:
                candidates.update(self._stems[word[:STEM]])
        if not candidates:
            return ()
        cited = _CITED.search(plain)
        end = cited.start() if cited else len(plain)
        hits = []
        for number in sorted(candidates):
            pattern, expression = self._patterns[number]
            found = self._search(pattern, expression, plain, end)
            if found:
                hits.append(Hit(pattern.signal, found.start(), found.end(), pattern.label))
        return tuple(hits)

    def _search(
        self, pattern: Pattern, expression: re.Pattern[str], plain: str, end: int
    ) -> re.Match[str] | None:
        for found in expression.finditer(plain, 0, end):
            if found.end() > found.start() and self._counts(pattern, plain, found):
                return found
        return None

    def _counts(self, pattern: Pattern, plain: str, found: re.Match[str]) -> bool:
        if pattern.negatable:
            clause = _last_end(_CLAUSE_END, plain, found.start())
            if _NEGATOR.search(plain, clause, found.end()):
                return False
        if not pattern.conditional:
            thought = _last_end(self._boundary, plain, found.start())
            if _CONDITION.search(plain, thought, found.start()):
                return False
        return True


def _spaced(expression: str) -> str:
    return expression.replace(" ?", r"\s*").replace(" ", r"\s+")


def _last_end(boundary: re.Pattern[str], plain: str, before: int) -> int:
    end = 0
    for found in boundary.finditer(plain, 0, before):
        end = found.end()
    return end
