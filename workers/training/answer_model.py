"""Trains the answer model of a client: model, card, and the outcome of every override."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from scorecards.automation.class_agreement import disagree
from scorecards.automation.holdout_evaluation import (
    HoldoutCase,
    HoldoutEvaluation,
    evaluate_holdout,
)
from scorecards.autoscore.models import serialization
from scorecards.autoscore.models.answer_model import AnswerModel, Prediction
from scorecards.autoscore.models.features import class_of_verdict
from scorecards.autoscore.models.head_layout import QuestionKey
from scorecards.definitions.form import Question
from scorecards.statistics.sign_test import sign_test
from workers.training import model_card
from workers.training.dataset import LabelledDataset, TrainingExample
from workers.training.fitting.examples import Refusal, content_digest
from workers.training.fitting.pipeline import fit
from workers.training.result import (
    CurrentModel,
    TrainingResult,
    refusal_record,
    reject_if_fewer_questions,
    reject_if_worse,
)

Predictions = Mapping[QuestionKey, Prediction]
_NO_LABELS = Refusal(
    "too_few_labels", "No submitted review of a conversation that is still kept was found to learn from."
)


def train_answers(
    dataset: LabelledDataset, *, version: int, limit: float, current: CurrentModel | None
) -> TrainingResult:
    """Fit an answer model, evaluate it on the held-out interactions, and compare it with the current model.

    Parameters
    ----------
    dataset : LabelledDataset
        All evaluations of people.
    version : int
        The number of the new model.
    limit : float
        The largest share of disagreement the client accepts, in (0, 1).
    current : CurrentModel or None
        The model in force.
    """
    began = time.monotonic()
    examples = list(dataset.examples())
    provenance = model_card.provenance(map(_hashed_record, examples)) | {"disagreement_limit": limit}
    if current is not None and provenance.items() <= current.card.items():
        return TrainingResult((), unchanged=current.model_id)
    training = [each for each in examples if not each.evaluation.held_out]
    if not training:
        return TrainingResult([refusal_record(_NO_LABELS)])
    fitted = fit(
        [each.example for each in training], dataset.questions, seed=model_card.SEED, version=version
    )
    refusals = [refusal_record(each, key) for key, each in sorted(fitted.refused.items())]
    if not fitted.model.questions:
        return TrainingResult(refusals)
    predictions = [_predictions(fitted.model, each) for each in examples]
    evaluations = _holdout_evaluations(fitted.model, dataset.questions, examples, predictions, limit)
    overrides = list(_overrides(examples, predictions))
    return TrainingResult(
        refusals=refusals,
        artefact=serialization.dump(fitted.model),
        card={
            **provenance,
            "trained_on": len(training),
            "proving": sum(each.evaluation.held_out for each in examples),
            "reviewers": len(
                {label.reviewer for each in examples for label in each.evaluation.labels.values()}
            ),
            "familiarity": _vocabulary_share(fitted.model, examples),
            "lessons": {
                "overrides": len(overrides),
                "followed": sum(each["now"] == each["human"] for each in overrides),
            },
            "questions": _question_lines(fitted.model, dataset.questions, evaluations, fitted.refused),
            "seconds": round(time.monotonic() - began, 3),
        },
        overrides=overrides,
        evaluations=evaluations,
        rejected=reject_if_fewer_questions(current, fitted.refused, dataset.questions)
        or _reject_if_worse(current, dataset.questions, examples, predictions),
    )


def _hashed_record(training_example: TrainingExample) -> list[Any]:
    """Return everything of one example that determines the model."""
    evaluation, example = training_example.evaluation, training_example.example
    return [
        str(evaluation.interaction_id),
        evaluation.held_out,
        evaluation.probability,
        content_digest(example.case.transcript),
        [
            [*key, label.name, label.reviewer, [span.to_json() for span in label.spans]]
            for key, label in sorted(evaluation.labels.items())
        ],
        [[*key, rule.value, rule.confidence, rule.abstained] for key, rule in sorted(example.rules.items())],
    ]


def _predictions(model: AnswerModel, example: TrainingExample) -> Predictions:
    case = example.example.case
    return model.predict_all(model.encode(case.transcript), case, example.example.rules)


def _holdout_evaluations(
    model: AnswerModel,
    questions: Mapping[QuestionKey, Question],
    examples: Sequence[TrainingExample],
    predictions: Sequence[Predictions],
    limit: float,
) -> dict[QuestionKey, HoldoutEvaluation]:
    cases: defaultdict[QuestionKey, list[HoldoutCase]] = defaultdict(list)
    for example, predicted in zip(examples, predictions, strict=True):
        evaluation = example.evaluation
        if not evaluation.held_out or evaluation.probability is None:
            continue
        for key in evaluation.labels.keys() & predicted.keys():
            cases[key].append(
                HoldoutCase.of(
                    str(evaluation.interaction_id),
                    predicted[key].probability_by_class,
                    human=evaluation.labels[key].name,
                    probability=evaluation.probability,
                    rule=class_of_verdict(questions[key].values, example.example.rules.get(key)),
                )
            )
    return {key: evaluate_holdout(cases[key], questions[key], limit=limit) for key in model.questions}


def _vocabulary_share(model: AnswerModel, examples: Sequence[TrainingExample]) -> dict[str, Any]:
    return model_card.vocabulary_share(
        [
            (model.encode(each.example.case.transcript).in_vocabulary_share, each.evaluation.probability)
            for each in examples
            if each.evaluation.held_out and each.evaluation.probability is not None
        ]
    )


def _question_lines(
    model: AnswerModel,
    questions: Mapping[QuestionKey, Question],
    evaluations: Mapping[QuestionKey, HoldoutEvaluation],
    refused: Mapping[QuestionKey, Refusal],
) -> list[dict[str, Any]]:
    lines = []
    for key in sorted(questions):
        heads = model.questions.get(key)
        lines.append(
            model_card.question_line(
                key,
                evaluations.get(key),
                n_labels=heads.n_labels if heads else 0,
                classes=heads.classes if heads else (),
                untrained_classes=heads.untrained_classes if heads else (),
                refused=refused.get(key),
            )
        )
    return lines


def _overrides(examples: Sequence[TrainingExample], predictions: Sequence[Predictions]) -> Any:
    """Yield each machine answer that a person overrode, with what the new model predicts."""
    for example, predicted in zip(examples, predictions, strict=True):
        evaluation = example.evaluation
        for key, label in sorted(evaluation.labels.items()):
            machine = evaluation.machine.get(key)
            if machine is not None and machine != label.name:
                yield {
                    "interaction_id": str(evaluation.interaction_id),
                    "evaluation_id": str(evaluation.evaluation_id),
                    "scorecard": key[0],
                    "question": key[1],
                    "machine": machine,
                    "human": label.name,
                    "now": predicted[key].predicted_class if key in predicted else None,
                    "part": "proving" if evaluation.held_out else "learning",
                }


def _reject_if_worse(
    current: CurrentModel | None,
    questions: Mapping[QuestionKey, Question],
    examples: Sequence[TrainingExample],
    predictions: Sequence[Predictions],
) -> Refusal | None:
    """Return why the new model is rejected: it is significantly worse on the held-out interactions."""
    if current is None or not isinstance(current.model, AnswerModel):
        return None
    differences = []
    for example, predicted in zip(examples, predictions, strict=True):
        evaluation = example.evaluation
        if evaluation.held_out and evaluation.probability is not None:
            before = _predictions(current.model, example)
            shared = evaluation.labels.keys() & predicted.keys() & before.keys()
            errors = [
                sum(
                    disagree(questions[key], found[key].predicted_class, evaluation.labels[key].name)
                    for key in shared
                )
                for found in (predicted, before)
            ]
            differences.append(errors[1] - errors[0])
    return reject_if_worse(sign_test(differences))
