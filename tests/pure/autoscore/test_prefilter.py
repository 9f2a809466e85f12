"""The prefilter of regex alternatives loses no match of the full expression."""

import re
from functools import cache

from hypothesis import example, given, settings
from hypothesis import strategies as st

from scorecards.autoscore.annotation.transcript import AGENT_PATTERNS
from scorecards.autoscore.customer_patterns import CUSTOMER_PATTERNS
from scorecards.autoscore.matching import required_literals
from scorecards.autoscore.matching.alternation import Alternation
from scorecards.autoscore.matching.matcher import Pattern
from scorecards.autoscore.matching.prefilter import Prefilter
from scorecards.autoscore.text import normalization

_ALL = range(1000)
_TABLE: tuple[Pattern, ...] = (*AGENT_PATTERNS, *CUSTOMER_PATTERNS)


@cache
def _alternatives() -> list[Alternation]:
    return [Alternation(each.expression) for each in _TABLE]


@cache
def _sieve() -> Prefilter:
    return Prefilter([""] * len(_TABLE), [each.pieces for each in _alternatives()])


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
def test_prefiltered_alternatives_find_the_same_matches_as_the_full_regex(sentence: str) -> None:
    held = dict(_sieve().candidates(normalization.words(sentence), ascii_only=sentence.isascii()))
    for number, alternatives in enumerate(_alternatives()):
        whole = alternatives.found(sentence, len(sentence), _ALL)
        wanted = [each.span() for each in whole if each.group()]
        found = alternatives.found(sentence, len(sentence), held.get(number, []))
        assert [each.span() for each in found if each.group()] == wanted


def test_required_literals_come_from_every_alternative() -> None:
    assert required_literals.required_literals(r"\b(?:red|blue) hats?\b")[0] <= {
        "hat*",
        "hat",
        "hats",
        "red",
        "blue",
    }


def test_required_literals_are_empty_for_wildcard_or_optional_regex() -> None:
    assert required_literals.required_literals(r"\b\w+ing\b|\bsorry\b") == []
    assert required_literals.required_literals(r"(?:sorry)?") == []


def test_required_literal_without_word_boundary_is_a_prefix() -> None:
    assert required_literals.required_literals(r"\brefund") == [frozenset({"refun*"})]
    assert required_literals.required_literals(r"fund\b") == []
