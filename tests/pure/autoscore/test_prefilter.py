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
def _prefilter() -> Prefilter:
    return Prefilter([each.pieces for each in _alternatives()])


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
    held = dict(_prefilter().candidates(normalization.words(sentence), ascii_only=sentence.isascii()))
    for number, alternatives in enumerate(_alternatives()):
        whole = alternatives.matches(sentence, len(sentence), _ALL)
        wanted = [each.span() for each in whole if each.group()]
        found = alternatives.matches(sentence, len(sentence), held.get(number, []))
        assert [each.span() for each in found if each.group()] == wanted


@given(st.from_regex(re.compile(r"[a-z0-9_ '.:/-]{0,30}"), fullmatch=True))
@example("in 24h or 3-5 days by 10:30, 1st")
@example("2026-07-01 or 1.7.26")
def test_prefiltered_digits_find_the_same_matches_as_the_full_regex(sentence: str) -> None:
    expressions = (
        r"\b\d+(?:-\d+)?\s*(?:hours?|h|days?)\b",
        r"\b\d{4}-\d\d-\d\d\b",
        r"[12]?\d(?:st|:\d{2,})",
        r"\w\d",
    )
    for expression in expressions:
        alternation = Alternation(expression)
        held = Prefilter([alternation.pieces]).candidates(normalization.words(sentence), ascii_only=True)
        assert held or not re.search(expression, sentence)


def test_required_literals_come_from_every_alternative() -> None:
    assert required_literals.required_literals(r"\b(?:red|blue) hats?\b") == [
        frozenset({"red", "blue"}),
        frozenset({"hat", "hats"}),
    ]


def test_required_literals_are_empty_for_wildcard_or_optional_regex() -> None:
    assert required_literals.required_literals(r"\b\w+ing\b|\bsorry\b") == []
    assert required_literals.required_literals(r"(?:sorry)?") == []


def test_required_literal_without_word_boundary_is_a_prefix() -> None:
    assert required_literals.required_literals(r"\brefund") == [frozenset({"refun*"})]
    assert required_literals.required_literals(r"fund\b") == []


def test_required_digits_have_their_number() -> None:
    assert required_literals.required_literals(r"\b\d{1,2}/\d{4}\b") == [
        frozenset({"####"}),
        frozenset({"#", "##"}),
    ]
    assert required_literals.required_literals(r"\b\d+ ?km\b") == [frozenset({"km"}), frozenset({"#*"})]


def test_a_set_of_emoji_requires_a_character_beyond_ascii() -> None:
    assert required_literals.required_literals("[\u2639\U0001f620]") == [frozenset({"~"})]


def test_an_alternation_too_large_to_expand_still_requires_its_words() -> None:
    nouns = "|".join(f"n{letter}" for letter in "abcdefghijklmno")
    (found,) = required_literals.required_literals(rf"\b(?:(?:{nouns})-?){{1,9}}(?:{nouns}) ?(?:{nouns})\b")
    assert {each.removesuffix("*") for each in found} == set(nouns.split("|"))


def test_every_alternative_of_the_patterns_requires_something() -> None:
    assert [
        piece
        for each in _alternatives()
        for piece in each.pieces
        if not required_literals.required_literals(piece)
    ] == []
