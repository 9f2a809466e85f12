"""How the tables of wording are read: patterns with anchor words, and the scanner that tries few."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scorecards.autoscore import spelling, text

BEYOND_ASCII = "~"
STEM = 4
"""Letters of an anchor stem: the anchor `apol*` stands for every word that starts with these four letters."""

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
_NEGATING = text.word_set("not never no cannot without unable nor hardly dont cant wont didnt isnt")
_CONDITIONAL = text.word_set("if case unless whenever suppose supposing")
_LOOK_AHEAD = 6
_EDGE = r"\b"
_BEHIND = re.compile(r"\(\?<[!=][^()]*\)")
_NEW_THOUGHT = re.compile(r"\bbut\b|;|\bhowever\b")
_SOURCES = text.word_set("policy policies terms website page faq manual script template")
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
        sentences with an anchor are searched; without anchors all are. "will & send ship" asks for a word
        of each group. "~" stands for any letter or sign
        beyond ASCII.
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


class _Anchors(NamedTuple):
    """A group of anchors: whole words, and the stems of words."""

    words: frozenset[str]
    stems: frozenset[str]

    @classmethod
    def of(cls, written: str) -> "_Anchors":
        anchors = written.split()
        return cls(
            frozenset(each for each in anchors if not each.endswith("*")),
            frozenset(each.removesuffix("*")[:STEM] for each in anchors if each.endswith("*")),
        )

    def stand_in(self, words: frozenset[str], beginnings: frozenset[str]) -> bool:
        return not (self.words.isdisjoint(words) and self.stems.isdisjoint(beginnings))


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

    def __init__(
        self, table: Sequence[Pattern], *, whole_sentence_conditions: bool = False, tolerant: bool = False
    ) -> None:
        """Compile a table; conditions of a customer rule a whole thought, those of an agent their clause.

        A tolerant scanner finds its patterns in common misspellings too.
        """
        self._tolerant = tolerant
        self._patterns = [(each, re.compile(_spaced(_shared_beginning(each.expression)))) for each in table]
        self._boundary = _NEW_THOUGHT if whole_sentence_conditions else _CLAUSE_END
        exact: defaultdict[str, set[int]] = defaultdict(set)
        stems: defaultdict[str, set[int]] = defaultdict(set)
        self._always = tuple(number for number, each in enumerate(table) if not each.anchors)
        beyond = (number for number, each in enumerate(table) if each.anchors == BEYOND_ASCII)
        self._beyond = (*self._always, *beyond)
        self._besides = [tuple(map(_Anchors.of, each.anchors.split("&")[1:])) for each in table]
        for number, pattern in enumerate(table):
            first = _Anchors.of(pattern.anchors.split("&")[0])
            for anchor in first.words:
                exact[anchor].add(number)
            for stem in first.stems:
                stems[stem].add(number)
        self._exact = {word: tuple(numbers) for word, numbers in exact.items()}
        self._stems = {stem: tuple(numbers) for stem, numbers in stems.items()}

    def scan(self, plain: str, spoken: Iterable[str] | None = None) -> tuple[Hit, ...]:
        """Return what a normalised sentence holds; `spoken` are its words where they are known already."""
        words = tuple(text.words(plain)) if spoken is None else tuple(spoken)
        mended = spelling.mend(plain, words) if self._tolerant else None
        if mended is None:
            return self._scan(plain, words)
        found = self._scan(mended.plain, mended.words)
        return tuple(hit._replace(start=mended.place(hit.start), end=mended.place(hit.end)) for hit in found)

    def _scan(self, plain: str, words: Sequence[str]) -> tuple[Hit, ...]:
        candidates: set[int] = set(self._always if plain.isascii() else self._beyond)
        for word in words:
            if word in self._exact:
                candidates.update(self._exact[word])
            if word[:STEM] in self._stems:
                candidates.update(self._stems[word[:STEM]])
        if not candidates:
            return ()
        heard = frozenset(words)
        cited = None if heard.isdisjoint(_SOURCES) else _CITED.search(plain)
        end = cited.end() if cited else len(plain)
        beginnings: frozenset[str] | None = None
        negated = "n't" in plain or not heard.isdisjoint(_NEGATING)
        conditional = not heard.isdisjoint(_CONDITIONAL)
        hits = []
        for number in sorted(candidates):
            if besides := self._besides[number]:
                beginnings = beginnings or frozenset([word[:STEM] for word in words])
                if not all(group.stand_in(heard, beginnings) for group in besides):
                    continue
            pattern, expression = self._patterns[number]
            negatable = negated and pattern.negatable
            doubtful = conditional and not pattern.conditional
            for found in expression.finditer(plain, 0, end):
                if found.end() > found.start() and self._counts(plain, found, negatable, doubtful):
                    hits.append(Hit(pattern.signal, found.start(), found.end(), pattern.label))
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


def _spaced(expression: str) -> str:
    """Let a space stand for any white space; what is looked for behind must have a fixed width."""
    fixed = _BEHIND.sub(lambda found: found.group().replace(" ", r"\s"), expression)
    return fixed.replace(" ?", r"\s*").replace(" ", r"\s+")


def _shared_beginning(expression: str) -> str:
    r"""Let alternatives that all begin at a word's edge share the look for it: half the time of a search.

    Examples
    --------
    >>> _shared_beginning(r"\bsorry\b|\bask (?:a|b)|^oh")
    '\\b(?:sorry\\b|ask (?:a|b))|^oh'
    """
    edged: list[str] = []
    others: list[str] = []
    for each in _alternatives(expression):
        (edged if each.startswith(r"\b") else others).append(each)
    if len(edged) < 2:
        return expression
    shared = rf"\b(?:{'|'.join(each.removeprefix(_EDGE) for each in edged)})"
    return "|".join([shared, *others])


def _alternatives(expression: str) -> list[str]:
    """Cut an expression at the bars that stand in no group and no set of letters."""
    cut, depth, start, inside, place = [], 0, 0, False, 0
    while place < len(expression):
        letter = expression[place]
        if letter == "\\":
            place += 1
        elif inside:
            inside = letter != "]"
        elif letter == "[":
            inside = True
        elif letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == "|" and depth == 0:
            cut.append(expression[start:place])
            start = place + 1
        place += 1
    return [*cut, expression[start:]]


def _last_end(boundary: re.Pattern[str], plain: str, before: int) -> int:
    end = 0
    for found in boundary.finditer(plain, 0, before + _LOOK_AHEAD):
        if found.end() <= before:
            end = found.end()
    return end
