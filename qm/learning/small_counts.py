"""What a client's own people are told of models: words without numbers, and no figure of a few.

"3 of 4 people said no" tells what single people said. Whoever may not see figures of fewer than five is told
what a code means instead, and of the figures those that enough answers stand behind.
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
"""Why nothing is promised, by the code of the proof."""

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

_OTHERWISE = "It was not learned."
_FIGURES = ("accuracy", "kappa", "ece", "rule_accuracy", "coverage", "selective_error_upper")
_BY_ANSWER = ("macro_f1", "recall")


def without_counts(proof: HoldoutEvaluation | None) -> HoldoutEvaluation | None:
    """Return a proof whose words say without numbers why nothing is promised; a promise stays as it is."""
    if proof is None or proof.code is None:
        return proof
    return replace(proof, words=PROMISES.get(proof.code, ""))


def plain_refusal(refusal: Mapping[str, Any]) -> dict[str, Any]:
    """Return why something was not learned, in words that count nothing."""
    return {**refusal, "detail": REFUSALS.get(refusal["code"], _OTHERWISE)}


def plain_card(card: Mapping[str, Any]) -> dict[str, Any]:
    """Return a card without figures of a few; its questions are as of `plain_line`."""
    found = dict(card)
    found |= {
        name: unless_small(card[name]) for name in ("trained_on", "proving", "reviewers") if name in card
    }
    if is_small(card.get("familiarity", {}).get("n")):
        found["familiarity"] = {"mean": None, "sd": None, "n": None}
    if "lessons" in card:
        found["lessons"] = _lessons(card["lessons"])
    return found | {"questions": [plain_line(line) for line in card.get("questions", ())]}


def plain_line(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return how well a question was learned, without figures of a few.

    Shares of fewer than five held-out interactions are left out. Where people gave an answer fewer than five
    times, its recall is a figure of a few, and those of the others would give it away.
    """
    found = dict(line)
    found |= {name: unless_small(line.get(name)) for name in ("learned_from", "labelled", "proved_on")}
    proof = line.get("proof") or {}
    if is_small(line.get("proved_on")):
        found |= dict.fromkeys((*_FIGURES, *_BY_ANSWER))
    if any(is_small(count) for count in proof.get("answers", {}).values()):
        found |= dict.fromkeys(_BY_ANSWER)
    if proof.get("code") is not None:
        found["words"] = PROMISES.get(proof["code"], "")
    if line.get("refused"):
        found["refused"] = plain_refusal(line["refused"])
    return found


def _lessons(lessons: Mapping[str, int]) -> dict[str, int | None]:
    """Return both counts as far as neither they nor their difference are of a few."""
    overrides, followed = lessons["overrides"], lessons["followed"]
    hidden = is_small(followed) or is_small(overrides - followed)
    return {"overrides": unless_small(overrides), "followed": None if hidden else followed}
