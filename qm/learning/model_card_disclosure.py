"""Small-count suppression in model cards and refusals, for a client's own stakeholders.

"3 of 4 people said no" discloses what single people answered. Callers who may not see counts below five get
the general meaning of a code instead of its detail, and only figures based on enough answers.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from qm.disclosure import is_small, unless_small
from scorecards.automation.holdout_evaluation import HoldoutEvaluation

PROMISES: Mapping[str, str] = {
    "too_few": "Too few interactions have been reviewed to promise anything.",
    "rare_class": "People give some answers too rarely to see whether the machine misses them.",
    "misses_rare": "The machine may miss too many of the answers that people give rarely.",
    "wrong_too_often": "People may answer otherwise too often even where the machine is surest.",
}
"""Why there is no risk guarantee, by the code of the holdout evaluation."""

REFUSALS: Mapping[str, str] = {
    "too_few_labels": "There are too few labels to learn from.",
    "too_few_interactions": "There are too few scored interactions to learn from.",
    "one_class": "Every label says the same; there is nothing to tell apart.",
    "not_learnable": "Only answers chosen among options are learned.",
    "contradictory": "The labels of some conversations do not tell those of others.",
    "poisoned": "Labels contradict what all the others teach.",
    "would_forget": "It would no longer answer questions that the model in force answers.",
    "worse_than_before": "It judges interactions that no model learns from worse than the model in force.",
}
"""Why something was not learned, by the code of the refusal."""

_DEFAULT_REFUSAL = "It was not learned."
_FIGURES = ("accuracy", "kappa", "ece", "rule_accuracy", "coverage", "selective_error_upper")
_PER_CLASS_FIGURES = ("macro_f1", "recall")


def evaluation_without_counts(proof: HoldoutEvaluation | None) -> HoldoutEvaluation | None:
    """Return an evaluation whose words give no counts where there is no guarantee; others are unchanged."""
    if proof is None or proof.code is None:
        return proof
    return replace(proof, words=PROMISES.get(proof.code, ""))


def refusal_without_counts(refusal: Mapping[str, Any]) -> dict[str, Any]:
    """Return why something was not learned, without counts."""
    return {**refusal, "detail": REFUSALS.get(refusal["code"], _DEFAULT_REFUSAL)}


def card_without_small_counts(card: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model card without small counts; see `question_without_small_counts`."""
    public = dict(card)
    public |= {
        name: unless_small(card[name]) for name in ("trained_on", "proving", "reviewers") if name in card
    }
    if is_small(card.get("familiarity", {}).get("n")):
        public["familiarity"] = {"mean": None, "sd": None, "n": None}
    if "lessons" in card:
        public["lessons"] = _override_counts(card["lessons"])
    return public | {
        "questions": [question_without_small_counts(question) for question in card.get("questions", ())]
    }


def question_without_small_counts(question: Mapping[str, Any]) -> dict[str, Any]:
    """Return how well a question was learned, without small counts.

    Shares of fewer than five held-out interactions are left out. Where reviewers gave an answer fewer than
    five times, the recall of every answer is left out, as the others would disclose it.
    """
    public = dict(question)
    public |= {name: unless_small(question.get(name)) for name in ("learned_from", "labelled", "proved_on")}
    proof = question.get("proof") or {}
    if is_small(question.get("proved_on")):
        public |= dict.fromkeys((*_FIGURES, *_PER_CLASS_FIGURES))
    if any(is_small(count) for count in proof.get("answers", {}).values()):
        public |= dict.fromkeys(_PER_CLASS_FIGURES)
    if proof.get("code") is not None:
        public["words"] = PROMISES.get(proof["code"], "")
    if question.get("refused"):
        public["refused"] = refusal_without_counts(question["refused"])
    return public


def _override_counts(lessons: Mapping[str, int]) -> dict[str, int | None]:
    """Return both counts, suppressed where either of them or their difference is small."""
    overrides, followed = lessons["overrides"], lessons["followed"]
    hidden = is_small(followed) or is_small(overrides - followed)
    return {"overrides": unless_small(overrides), "followed": None if hidden else followed}
