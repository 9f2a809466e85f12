"""What a training starts from and what it comes to, whatever it learns."""

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
    """The model in force before the training."""

    model_id: uuid.UUID
    card: Mapping[str, Any]
    model: ReadableModel


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What a training has come to.

    Without an artefact nothing was learned: either everything was refused, or `unchanged` names the model in
    force that the same data made. `held_back` says why a model is not put in force.
    """

    refusals: Sequence[Mapping[str, Any]]
    artefact: bytes | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    lessons: Sequence[Mapping[str, Any]] = ()
    evaluations: Mapping[QuestionKey, HoldoutEvaluation] = field(default_factory=dict)
    rejected: Refusal | None = None
    unchanged: uuid.UUID | None = None

    @property
    def refused(self) -> bool:
        """Whether nothing new comes into force, and not because there is nothing new."""
        return self.rejected is not None or (self.artefact is None and self.unchanged is None)


def reject_if_worse(found: SignTestResult) -> Refusal | None:
    """Return why a new model is not put in force: on held-out interactions it is surely worse; else None."""
    if not found.significantly_worse:
        return None
    return Refusal(
        "worse_than_before",
        f"Of {found.interactions} interactions that no model learns from, it answers {found.worse} worse "
        f"than the model in force and {found.better} better (p = {found.p:.2g}); it is kept as a candidate.",
    )


def reject_if_fewer_questions(
    present: CurrentModel | None,
    refused: Mapping[QuestionKey, Refusal],
    questions: Mapping[QuestionKey, Question],
) -> Refusal | None:
    """Return why a new model is not put in force: it lacks questions the one in force answers; else None.

    They were refused for their labels, so that bad labels would take away what good ones had taught. What is
    asked with other options now (`questions`) the one in force does not answer any more either.
    """
    if present is None or not isinstance(present.model, AnswerModel):
        return None
    learned = present.model.questions
    lost = sorted(
        "/".join(key)
        for key in learned.keys() & refused.keys()
        if covers_options(questions[key], learned[key].classes, learned[key].untrained_classes)
    )
    if not lost:
        return None
    detail = f"It would no longer answer {', '.join(lost)}, which the model in force does."
    return Refusal("would_forget", f"{detail} It is kept as a candidate.")


def refusal_record(refused: Refusal, key: QuestionKey | None = None) -> dict[str, Any]:
    """Return why something was not learned, as a training keeps it; without a key it is the whole of it."""
    card, question = key or (None, None)
    return {"scorecard": card, "question": question, "code": refused.code, "detail": refused.detail}
