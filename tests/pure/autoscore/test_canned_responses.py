"""A sentence that a client's agents say word for word in many interactions is canned."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from scorecards.autoscore.annotation.canned_responses import CannedResponses
from scorecards.autoscore.annotation.transcript import score_sentiment
from scorecards.autoscore.case import Case
from scorecards.autoscore.engine import shared_annotator
from scorecards.autoscore.rules import resolution
from scorecards.autoscore.rules.empathy import opportunity
from scorecards.definitions.conversation import Conversation, Turn

READER = shared_annotator()
SCRIPT = "Our friendly team will look at order {n} and come back to you."


def read(*said):
    turns = [Turn("customer", "My lamp is broken."), *(Turn("agent", each) for each in said)]
    return READER.annotate(Conversation("chat", turns, datetime(2026, 1, 5, tzinfo=UTC)))


def canned_verdict(memo, *said):
    reading = read(*said)
    mood = score_sentiment(reading, charged_threshold=0.5)
    case = Case(reading, mood, opportunity(reading, mood), None, None)
    return resolution.avoids_canned_sentences(replace(case, canned_responses=memo))


def memo_with_repeats(times, of):
    memo = CannedResponses()
    for number in range(of):
        memo.count(
            read(SCRIPT.format(n=number) if number < times else f"Own words number {number} it is, my dear.")
        )
    return memo


def test_sentence_repeated_across_interactions_is_canned_ignoring_digits():
    verdict = canned_verdict(memo_with_repeats(20, of=100), SCRIPT.format(n=4711))
    assert (verdict.value, verdict.evidence[0].turn) == (0.0, 1)
    assert "20 of 100 interactions" in verdict.reason


@pytest.mark.parametrize(("times", "of"), [(4, 100), (5, 300), (40, 49)])
def test_no_canned_response_if_sentence_is_rare_or_memo_has_few_interactions(times, of):
    assert canned_verdict(memo_with_repeats(times, of=of), SCRIPT.format(n=1)).value == 1.0


def test_asking_for_data_in_the_same_words_is_no_fault():
    memo = CannedResponses()
    for _ in range(100):
        memo.count(read("May I have your full name and date of birth please?"))
    assert canned_verdict(memo, "May I have your full name and date of birth please?").value == 1.0


def test_an_interaction_counts_a_sentence_once():
    memo = CannedResponses()
    memo.count(read(SCRIPT.format(n=1), SCRIPT.format(n=2)))
    assert memo.times(SCRIPT.format(n=3).lower()) == 1


def test_canned_memo_json_has_no_plaintext_and_round_trips():
    memo = memo_with_repeats(20, of=100)
    stored = memo.as_json()
    assert "team" not in str(stored)
    assert CannedResponses.of(stored).as_json() == stored


def test_the_same_interactions_in_the_same_order_give_the_same_memo():
    assert memo_with_repeats(20, of=60).as_json() == memo_with_repeats(20, of=60).as_json()


def test_canned_memo_is_bounded_and_keeps_frequent_sentences():
    memo = CannedResponses(max_sentences=50)
    for number in range(400):
        own = " ".join("abcdefghij"[int(digit)] for digit in f"{number:06d}")
        memo.count_plain([own, "this one comes back in every interaction of all"])
    assert len(memo.counts) <= memo.max_sentences
    assert memo.times("this one comes back in every interaction of all") > 300
