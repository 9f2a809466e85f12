"""Common misspellings of deciding words are read as meant, and stay where they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.autoscore.matching.matcher import Pattern, Scanner
from scorecards.autoscore.text import normalization, spelling

FRUSTRATING = Pattern("feeling", "frus*", r"\bfrustrating\b", "frustrating")


def mended(said):
    plain = normalization.normalise(said)
    found = spelling.mend(plain, normalization.words(plain))
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
def test_what_decides_is_read_as_meant_and_nothing_else(said, meant):
    assert mended(said) == meant


def test_a_hit_in_a_misspelt_sentence_stands_where_it_was_said():
    said = "im sory, thats realy frusterating for you"
    (hit,) = Scanner([FRUSTRATING], tolerant=True).scan(said)
    assert said[hit.start : hit.end] == "frusterating"
    assert Scanner([FRUSTRATING]).scan(said) == ()


@given(st.text(alphabet="abcdefghilmnorstuwy' ,.", max_size=120))
def test_every_place_in_a_mended_sentence_lies_in_the_original(said):
    found = spelling.mend(said, normalization.words(said))
    if found is not None:
        places = [found.place(offset) for offset in range(len(found.plain) + 1)]
        assert found.place(len(found.plain)) == len(said)
        assert all(0 <= place <= len(said) for place in places[:1] + places[-1:])


@given(st.lists(st.sampled_from(["thats", "ok", "sory", "fine", "ill", "get", "it"]), max_size=12))
def test_mending_twice_changes_nothing_more(spoken):
    once = mended(" ".join(spoken))
    assert mended(once) == once
