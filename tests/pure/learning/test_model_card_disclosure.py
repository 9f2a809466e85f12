"""Small-count suppression: client users get reasons in words, and no figure based on fewer than five."""

import ast
import re
from pathlib import Path

import pytest

from qm.learning.model_card_disclosure import (
    PROMISES,
    REFUSALS,
    card_without_small_counts,
    evaluation_without_counts,
    question_without_small_counts,
    refusal_without_counts,
)
from scorecards.automation.holdout_evaluation import evaluate_holdout
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


def test_unknown_refusal_code_gets_a_generic_detail():
    told = refusal_without_counts(
        {"code": "bad_weather", "detail": "3 of 4 people said no.", "question": "warm"}
    )
    assert told == {"code": "bad_weather", "detail": "It was not learned.", "question": "warm"}


@pytest.mark.parametrize("cases", [proof(0.8), proof(n=4), evaluate_holdout([], YES_NO, limit=0.1)])
def test_suppressed_holdout_evaluation_gives_reason_without_numbers(cases):
    assert evaluation_without_counts(cases).words == PROMISES[cases.code]


def test_risk_guarantee_wording_is_not_suppressed():
    assert evaluation_without_counts(proof()) == proof()
    assert evaluation_without_counts(None) is None


def test_figures_with_sufficient_counts_are_not_suppressed():
    assert question_without_small_counts(LINE) == LINE


def test_counts_below_five_and_their_metrics_are_suppressed():
    told = question_without_small_counts({**LINE, "labelled": 4, "proved_on": 3, "learned_from": 0})
    assert (told["labelled"], told["proved_on"], told["learned_from"]) == (None, None, 0)
    assert {told[name] for name in ("accuracy", "macro_f1", "recall", "kappa")} == {None}


def test_recall_is_left_out_where_people_gave_an_answer_fewer_than_five_times():
    told = question_without_small_counts({**LINE, "proof": {"answers": {"yes": 96, "no": 4}, "code": None}})
    assert (told["recall"], told["macro_f1"], told["accuracy"]) == (None, None, 0.96)


def test_question_wording_and_refusal_detail_have_no_counts():
    proved = {"answers": {}, "code": "too_few"}
    refused = {"code": "too_few_labels", "detail": "There are 3 labels; learning starts at 40."}
    told = question_without_small_counts(
        {**LINE, "words": "3 of the at least 22.", "proof": proved, "refused": refused}
    )
    assert told["words"] == PROMISES["too_few"]
    assert told["refused"]["detail"] == REFUSALS["too_few_labels"]


def test_model_card_suppresses_reviewer_and_override_counts_below_five():
    card = {
        "trained_on": 200,
        "proving": 4,
        "reviewers": 3,
        "familiarity": {"mean": 0.8, "sd": 0.1, "n": 4},
        "lessons": {"overrides": 8, "followed": 6},
    }
    assert card_without_small_counts(card) == {
        "trained_on": 200,
        "proving": None,
        "reviewers": None,
        "familiarity": {"mean": None, "sd": None, "n": None},
        "lessons": {"overrides": 8, "followed": None},
        "questions": [],
    }
