"""Misspelt key words are corrected before matching, and match spans refer to the original text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.autoscore.matching.matcher import Matcher, Pattern
from scorecards.autoscore.text import normalization, spelling

FRUSTRATING = Pattern("feeling", r"\bfrustrating\b", "frustrating")


def corrected(said):
    plain = normalization.normalise(said)
    found = spelling.correct_sentence(plain, normalization.words(plain))
    return plain if found is None else found.plain


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("thats so frusterating", "that's so frustrating"),
        ("ill send it tommorow", "i'll send it tomorrow"),
        ("i fell ill on monday", "i fell ill on monday"),
        ("my id is 12, id love that", "my id is 12, i'd love that"),
        ("it lost its way, its our mistake", "it lost its way, it's our mistake"),
        ("we take responsability", "we take responsibility"),
        ("i undertsand", "i understand"),
        ("your refunds and replacements arrive", "your refunds and replacements arrive"),
        ("they appologise", "they apologise"),
    ],
)
def test_spelling_correction_fixes_only_key_words(said, meant):
    assert corrected(said) == meant


def test_match_in_misspelt_sentence_has_span_in_original_text():
    said = "im sory, thats realy frusterating for you"
    (hit,) = Matcher([FRUSTRATING], tolerant=True).scan(said)
    assert said[hit.start : hit.end] == "frusterating"
    assert Matcher([FRUSTRATING]).scan(said) == ()


@given(st.text(alphabet="abcdefghilmnorstuwy' ,.", max_size=120))
def test_corrected_offsets_map_into_the_original_text(said):
    found = spelling.correct_sentence(said, normalization.words(said))
    if found is not None:
        places = [found.original_offset(offset) for offset in range(len(found.plain) + 1)]
        assert found.original_offset(len(found.plain)) == len(said)
        assert all(0 <= place <= len(said) for place in places[:1] + places[-1:])


@given(st.lists(st.sampled_from(["thats", "ok", "sory", "fine", "ill", "get", "it"]), max_size=12))
def test_spelling_correction_is_idempotent(spoken):
    once = corrected(" ".join(spoken))
    assert corrected(once) == once
