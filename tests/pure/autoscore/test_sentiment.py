from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.autoscore.annotation import sentiment
from scorecards.autoscore.annotation.transcript import score_sentiment
from scorecards.autoscore.engine import shared_annotator
from scorecards.definitions.conversation import Conversation, Turn

NOW = datetime(2026, 1, 5, tzinfo=UTC)
READER = shared_annotator()


def sentiment_of(*said, language="en", threshold=0.5):
    turns = [Turn("customer", each) if isinstance(each, str) else Turn(*each) for each in said]
    return score_sentiment(
        READER.annotate(Conversation("chat", turns, NOW, language=language)), charged_threshold=threshold
    )


def arc(*turns):
    return sentiment.arc(turns, [0.0] * len(turns), charged_threshold=0.5)


def test_one_customer_turn_has_no_shift():
    assert arc(-0.5, None).shift is None


def test_no_customer_turn_has_no_start_and_no_end():
    found = arc(None, None)
    assert (found.start, found.end, found.shift) == (None, None, None)


def test_two_turns_shift_from_the_first_to_the_second():
    assert arc(-0.5, None, 0.25).shift == pytest.approx(0.75)


def test_sentiment_shift_of_five_turns_compares_first_with_last_turn():
    assert arc(-0.6, 0.9, 0.9, 0.9, 0.2).shift == pytest.approx(0.8)


def test_sentiment_shift_of_six_turns_compares_means_of_two():
    found = arc(-0.6, -0.2, 0.9, 0.9, 0.2, 0.4)
    assert (found.start, found.end) == (pytest.approx(-0.4), pytest.approx(0.3))


def test_non_customer_turns_do_not_count_in_sentiment_thirds():
    assert arc(None, -0.5, None, None, 0.5, None).shift == pytest.approx(1.0)


def test_a_conversation_that_recovers_shifts_up():
    found = sentiment_of(
        "This is terrible, my lamp is broken!", ("agent", "New one sent."), "Wonderful, thank you, I love it!"
    )
    assert found.start < 0 < found.end
    assert found.turns[1] is None


def test_sarcastic_praise_is_negative():
    assert sentiment_of("Great, another week without internet. Thanks for nothing.").turns[0] < 0


def test_politeness_alone_is_neutral():
    assert sentiment_of("Please help me, could you check my order please?").turns == (0.0,)


@pytest.mark.parametrize(
    "said",
    ["Yes, my house in Duluth.\n\nBest regards,\nJo", "Good morning, it is me.", "To be honest, it is blue."],
)
def test_greetings_and_idioms_are_neutral(said):
    assert sentiment_of(said).start == 0.0


def test_polite_idioms_do_not_offset_stated_annoyance():
    assert sentiment_of("I'm pretty annoyed, to be honest.\n\nKind regards,\nJo").start < -0.3


def test_politely_worded_anxiety_is_charged():
    assert sentiment_of(
        "Good morning, I am sorry to bother you again, I am a little nervous because my surgery is on Monday "
        "and the insulin still has not arrived."
    ).charged


def test_capitals_and_exclamation_marks_raise_distress():
    calm, loud = (
        sentiment_of("still no refund from you people"),
        sentiment_of("STILL NO REFUND FROM YOU PEOPLE!!!"),
    )
    assert loud.peak_distress > calm.peak_distress


def test_repeated_contact_raises_distress():
    assert (
        sentiment_of("This is the third time I am asking.").peak_distress
        > sentiment_of("I am asking.").peak_distress
    )


def test_negated_feeling_is_no_distress():
    assert sentiment_of("I'm not upset at all.").peak_distress == 0.0


def test_the_clients_threshold_decides_who_is_charged():
    said = "I'm worried about my refund."
    peak = sentiment_of(said).peak_distress
    assert sentiment_of(said, threshold=peak).charged
    assert not sentiment_of(said, threshold=peak + 0.01).charged


def test_peak_turn_is_the_turn_of_peak_distress():
    assert sentiment_of("Hello", ("agent", "Hi"), "I am furious!!").peak_turn == 2


def test_another_language_is_neutral_with_little_confidence():
    found = sentiment_of("Das ist schrecklich und furchtbar!", language="de")
    assert (found.turns, found.peak_distress, found.confidence) == ((0.0,), 0.0, sentiment.UNREADABLE)


def test_german_text_declared_as_english_gets_low_confidence():
    found = sentiment_of(
        "Guten Tag, meine Bestellung ist seit zwei Wochen nicht angekommen und niemand antwortet mir"
    )
    assert found.confidence == sentiment.UNREADABLE


@given(st.lists(st.text(max_size=200), max_size=5))
def test_any_text_has_sentiment_and_distress_in_range(said):
    found = sentiment_of(*said)
    assert all(value is None or -1.0 <= value <= 1.0 for value in found.turns)
    assert 0.0 <= found.peak_distress <= 1.0
    assert found.shift is None or -2.0 <= found.shift <= 2.0
