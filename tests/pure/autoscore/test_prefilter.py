"""The index of alternatives hides no match, and what it finds is what the whole expression finds."""

import re
from functools import cache

from hypothesis import example, given, settings
from hypothesis import strategies as st

from scorecards.autoscore.annotation.transcript import AGENT_PATTERNS
from scorecards.autoscore.customer_patterns import CUSTOMER_PATTERNS
from scorecards.autoscore.matching import required_literals
from scorecards.autoscore.matching.alternation import Alternatives
from scorecards.autoscore.matching.matcher import Pattern
from scorecards.autoscore.matching.prefilter import Sieve
from scorecards.autoscore.text import normalization

_ALL = range(1000)
_TABLE: tuple[Pattern, ...] = (*AGENT_PATTERNS, *CUSTOMER_PATTERNS)


@cache
def _alternatives() -> list[Alternatives]:
    return [Alternatives(each.expression) for each in _TABLE]


@cache
def _sieve() -> Sieve:
    return Sieve([""] * len(_TABLE), [each.pieces for each in _alternatives()])


def _words() -> st.SearchStrategy[str]:
    written = " ".join(f"{each.expression} {each.example}" for each in _TABLE)
    return st.sampled_from(sorted(set(re.findall(r"[a-z]+(?:'[a-z]+)?", written))))


def _examples() -> st.SearchStrategy[str]:
    return st.sampled_from([normalization.normalise(each.example) for each in _TABLE])


@st.composite
def _sentences(draw: st.DrawFn) -> str:
    said = draw(_examples()).split()
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(said)))
        said[place : place + draw(st.integers(0, 2))] = draw(st.lists(_words(), max_size=3))
    return draw(st.sampled_from([" ", "  ", ", ", " - "])).join(said)


@settings(deadline=None)
@given(_sentences())
@example("_sorry_ o'clock's i'm'll don't")
def test_whatever_an_expression_finds_is_found_by_the_alternatives_that_are_left(sentence: str) -> None:
    held = dict(_sieve().held(normalization.words(sentence), ascii_only=sentence.isascii()))
    for number, alternatives in enumerate(_alternatives()):
        whole = alternatives.found(sentence, len(sentence), _ALL)
        wanted = [each.span() for each in whole if each.group()]
        found = alternatives.found(sentence, len(sentence), held.get(number, []))
        assert [each.span() for each in found if each.group()] == wanted


def test_what_is_needed_is_a_word_of_every_way() -> None:
    assert required_literals.needs(r"\b(?:red|blue) hats?\b")[0] <= {"hat*", "hat", "hats", "red", "blue"}


def test_nothing_is_needed_where_anything_may_stand() -> None:
    assert required_literals.needs(r"\b\w+ing\b|\bsorry\b") == []
    assert required_literals.needs(r"(?:sorry)?") == []


def test_what_may_be_part_of_another_word_asks_for_its_beginning_only() -> None:
    assert required_literals.needs(r"\brefund") == [frozenset({"refun*"})]
    assert required_literals.needs(r"fund\b") == []
