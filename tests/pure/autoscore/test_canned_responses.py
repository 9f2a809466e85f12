"""A sentence that a client's agents say word for word in many interactions is canned."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from scorecards.autoscore.annotation.canned_responses import CannedMemo
from scorecards.autoscore.annotation.transcript import Reader, feel
from scorecards.autoscore.case import Case
from scorecards.autoscore.rules import resolution
from scorecards.autoscore.rules.empathy import opportunity
from scorecards.definitions.conversation import Conversation, Turn

READER = Reader()
SCRIPT = "Our friendly team will look at order {n} and come back to you."


def read(*said):
    turns = [Turn("customer", "My lamp is broken."), *(Turn("agent", each) for each in said)]
    return READER.read(Conversation("chat", turns, datetime(2026, 1, 5, tzinfo=UTC)))


def judged(memo, *said):
    reading = read(*said)
    mood = feel(reading, charged_threshold=0.5)
    case = Case(reading, mood, opportunity(reading, mood), None, None)
    return resolution.avoids_canned_sentences(replace(case, memo=memo))


def heard(times, of):
    memo = CannedMemo()
    for number in range(of):
        memo.hear(
            read(SCRIPT.format(n=number) if number < times else f"Own words number {number} it is, my dear.")
        )
    return memo


def test_a_sentence_of_many_interactions_is_canned_whatever_its_numbers():
    verdict = judged(heard(20, of=100), SCRIPT.format(n=4711))
    assert (verdict.value, verdict.evidence[0].turn) == (0.0, 1)
    assert "20 of 100 interactions" in verdict.reason


@pytest.mark.parametrize(("times", "of"), [(4, 100), (5, 300), (40, 49)])
def test_a_rare_sentence_or_a_young_memo_calls_nothing_canned(times, of):
    assert judged(heard(times, of=of), SCRIPT.format(n=1)).value == 1.0


def test_asking_for_data_in_the_same_words_is_no_fault():
    memo = CannedMemo()
    for _ in range(100):
        memo.hear(read("May I have your full name and date of birth please?"))
    assert judged(memo, "May I have your full name and date of birth please?").value == 1.0


def test_an_interaction_counts_a_sentence_once():
    memo = CannedMemo()
    memo.hear(read(SCRIPT.format(n=1), SCRIPT.format(n=2)))
    assert memo.times(SCRIPT.format(n=3).lower()) == 1


def test_what_is_stored_holds_no_words_and_comes_back_the_same():
    memo = heard(20, of=100)
    stored = memo.as_json()
    assert "team" not in str(stored)
    assert CannedMemo.of(stored).as_json() == stored


def test_the_same_interactions_in_the_same_order_give_the_same_memo():
    assert heard(20, of=60).as_json() == heard(20, of=60).as_json()


def test_it_stays_bounded_and_keeps_what_comes_back():
    memo = CannedMemo(most=50)
    for number in range(400):
        own = " ".join("abcdefghij"[int(digit)] for digit in f"{number:06d}")
        memo.hear_plain([own, "this one comes back in every interaction of all"])
    assert len(memo.counts) <= memo.most
    assert memo.times("this one comes back in every interaction of all") > 300
