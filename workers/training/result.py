"""The input and the result of a training, whatever kind of model it trains."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qm.learning.artefact_loading import ReadableModel
from scorecards.automation.holdout_evaluation import HoldoutEvaluation
from scorecards.autoscore.answer_policy import covers_options
from scorecards.autoscore.models.answer_model import AnswerModel
from scorecards.autoscore.models.head_layout import QuestionKey
from scorecards.definitions.form import Question
from scorecards.statistics.sign_test import SignTestResult
from workers.training.fitting.examples import Refusal


@dataclass(frozen=True, slots=True)
class CurrentModel:
    """The model in force before the training, with which the new one is compared."""

    model_id: uuid.UUID
    card: Mapping[str, Any]
    model: ReadableModel


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """The result of a training.

    Attributes
    ----------
    refusals : sequence of mapping
        Why questions, or the training as a whole, were refused.
    artefact : bytes or None
        The new model; None if everything was refused or the data are unchanged.
    card : mapping
        The model card.
    overrides : sequence of mapping
        Each machine answer that a person overrode, with what the new model predicts.
    evaluations : mapping of (str, str) to HoldoutEvaluation
    rejected : Refusal or None
        Why the new model is kept as a candidate and not put in force.
    unchanged : UUID or None
        The model in force, if the same data, seed and versions gave it.
    """

    refusals: Sequence[Mapping[str, Any]]
    artefact: bytes | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    overrides: Sequence[Mapping[str, Any]] = ()
    evaluations: Mapping[QuestionKey, HoldoutEvaluation] = field(default_factory=dict)
    rejected: Refusal | None = None
    unchanged: uuid.UUID | None = None

    @property
    def refused(self) -> bool:
        """Whether no new model comes into force although the data are new."""
        return self.rejected is not None or (self.artefact is None and self.unchanged is None)


def reject_if_worse(found: SignTestResult) -> Refusal | None:
    """Return why a new model is rejected: it is significantly worse on held-out interactions; else None."""
    if not found.significantly_worse:
        return None
    return Refusal(
        "worse_than_before",
        f"Of {found.interactions} interactions that no model learns from, it answers {found.worse} worse "
        f"than the model in force and {found.better} better (p = {found.p:.2g}); it is kept as a candidate.",
    )


def reject_if_fewer_questions(
    current: CurrentModel | None,
    refused: Mapping[QuestionKey, Refusal],
    questions: Mapping[QuestionKey, Question],
) -> Refusal | None:
    """Return why a new model is rejected: it lacks questions that the current one answers; else None.

    These were refused for their labels; putting the new model in force would let bad labels undo good ones.
    Questions whose options have changed (`questions`) do not count: the current one no longer answers them.
    """
    if current is None or not isinstance(current.model, AnswerModel):
        return None
    heads = current.model.questions
    lost = sorted(
        "/".join(key)
        for key in heads.keys() & refused.keys()
        if covers_options(questions[key], heads[key].classes, heads[key].untrained_classes)
    )
    if not lost:
        return None
    detail = f"It would no longer answer {', '.join(lost)}, which the model in force does."
    return Refusal("would_forget", f"{detail} It is kept as a candidate.")


def refusal_record(refused: Refusal, key: QuestionKey | None = None) -> dict[str, Any]:
    """Return a refusal as a training stores it: of one question, or of the training if no key is given."""
    card, question = key or (None, None)
    return {"scorecard": card, "question": question, "code": refused.code, "detail": refused.detail}
