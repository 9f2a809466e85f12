"""A client's own people are told why in words, and no figure of fewer than five."""

import ast
import re
from pathlib import Path

import pytest

from qm.learning.small_counts import (
    PROMISES,
    REFUSALS,
    plain_card,
    plain_line,
    plain_refusal,
    without_counts,
)
from scorecards.automation.holdout_evaluation import prove
from tests.api.learning.evaluated_models import YES_NO, proof

WORKERS = Path(__file__).parents[3] / "workers"
LINE = {
    "scorecard": "care",
    "question": "warm",
    "learned_from": 300,
    "labelled": 120,
    "proved_on": 100,
    "accuracy": 0.96,
    "macro_f1": 0.9,
    "recall": {"yes": 0.97, "no": 0.75},
    "kappa": 0.7,
    "words": "All answers stand.",
    "proof": {"answers": {"yes": 60, "no": 40}, "code": None},
    "refused": None,
}


def refusal_codes():
    """Return every code that a training refuses with."""
    for path in WORKERS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith("Refusal")
            if called and node.args and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def test_every_refusal_has_words_without_numbers():
    assert set(refusal_codes()) == set(REFUSALS)
    assert not [words for words in (*REFUSALS.values(), *PROMISES.values()) if re.search(r"\d", words)]


def test_a_refusal_of_a_later_release_is_told_without_its_detail():
    told = plain_refusal({"code": "bad_weather", "detail": "3 of 4 people said no.", "question": "warm"})
    assert told == {"code": "bad_weather", "detail": "It was not learned.", "question": "warm"}


@pytest.mark.parametrize("cases", [proof(0.8), proof(n=4), prove([], YES_NO, limit=0.1)])
def test_why_nothing_is_promised_is_told_without_numbers(cases):
    assert without_counts(cases).words == PROMISES[cases.code]


def test_a_promise_is_told_as_it_is():
    assert without_counts(proof()) == proof()
    assert without_counts(None) is None


def test_figures_that_enough_stand_behind_are_told():
    assert plain_line(LINE) == LINE


def test_counts_and_shares_of_fewer_than_five_are_left_out():
    told = plain_line({**LINE, "labelled": 4, "proved_on": 3, "learned_from": 0})
    assert (told["labelled"], told["proved_on"], told["learned_from"]) == (None, None, 0)
    assert {told[name] for name in ("accuracy", "macro_f1", "recall", "kappa")} == {None}


def test_recall_is_left_out_where_people_gave_an_answer_fewer_than_five_times():
    told = plain_line({**LINE, "proof": {"answers": {"yes": 96, "no": 4}, "code": None}})
    assert (told["recall"], told["macro_f1"], told["accuracy"]) == (None, None, 0.96)


def test_words_of_a_line_count_nothing():
    proved = {"answers": {}, "code": "too_few"}
    refused = {"code": "too_few_labels", "detail": "There are 3 labels; learning starts at 40."}
    told = plain_line({**LINE, "words": "3 of the at least 22.", "proof": proved, "refused": refused})
    assert told["words"] == PROMISES["too_few"]
    assert told["refused"]["detail"] == REFUSALS["too_few_labels"]


def test_a_card_keeps_back_how_few_people_and_corrections_there_were():
    card = {
        "trained_on": 200,
        "proving": 4,
        "reviewers": 3,
        "familiarity": {"mean": 0.8, "sd": 0.1, "n": 4},
        "lessons": {"overrides": 8, "followed": 6},
    }
    assert plain_card(card) == {
        "trained_on": 200,
        "proving": None,
        "reviewers": None,
        "familiarity": {"mean": None, "sd": None, "n": None},
        "lessons": {"overrides": 8, "followed": None},
        "questions": [],
    }
