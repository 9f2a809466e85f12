"""The fast lexicon scorer equals VADER exactly."""

from functools import cache

from hypothesis import example, given
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import (
    BOOSTER_DICT,
    NEGATE,
    SPECIAL_CASES,
    SentimentIntensityAnalyzer,
)

from scorecards.autoscore.annotation import sentiment
from scorecards.autoscore.annotation.vader import Vader

_MARKS = ["", "", "", ",", ".", "!", "!!!", "?", "??", "...", "'", '"', ":)", ";"]
_PLAIN = (
    "the to for of order table went but but, But no or nor so this without doubt least at very kind x ü ❤ 😀"
)


@cache
def _analysers() -> tuple[SentimentIntensityAnalyzer, Vader]:
    return SentimentIntensityAnalyzer(), Vader()


def _words() -> st.SearchStrategy[str]:
    turning = [*BOOSTER_DICT, *NEGATE, *SPECIAL_CASES]
    words = st.one_of(
        st.sampled_from(sorted(_analysers()[0].lexicon)),
        st.sampled_from(["good", "bad", "great", "upset", "love", "kind"]),
        st.sampled_from(turning),
        st.sampled_from(_PLAIN.split()),
    )
    shaped = st.tuples(words, st.sampled_from([str, str, str.upper, str.capitalize]))
    return st.tuples(shaped, st.sampled_from(_MARKS)).map(lambda made: made[0][1](made[0][0]) + made[1])


@given(st.lists(_words(), max_size=14).map(" ".join))
@example("good but GOOD but bad!")
@example("kind of good, to die for")
@example("this is the shit, never so great")
def test_a_sentence_is_read_as_vader_reads_it(sentence: str) -> None:
    vader, lexicon = _analysers()
    assert lexicon.compound(sentence) == vader.polarity_scores(sentence)["compound"]


@given(st.text(max_size=40))
def test_any_text_is_read_as_vader_reads_it(text: str) -> None:
    vader, lexicon = _analysers()
    assert lexicon.compound(text) == vader.polarity_scores(text)["compound"]


def test_contact_centre_terms_extend_the_vader_lexicon() -> None:
    assert sentiment.lexicon().compound("my order is late") < 0
