"""From what people answered to a model of answers, its card, and what became of every correction."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from scorecards.automation.holdout_evaluation import (
    HoldoutCase,
    HoldoutEvaluation,
    disagree,
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
_NOTHING = Refusal(
    "too_few_labels", "No submitted review of a conversation that is still kept was found to learn from."
)


def train_answers(
    labels: LabelledDataset, *, version: int, limit: float, present: CurrentModel | None
) -> TrainingResult:
    """Fit a model of answers, prove it on what it did not learn from, and weigh it against the present one.

    Parameters
    ----------
    labels
        Everything people answered.
    version
        The number of the new model.
    limit
        The largest share of disagreement the client accepts, in (0, 1).
    present
        The model in force.
    """
    began = time.monotonic()
    lessons = list(labels.examples())
    made_from = model_card.dataset_facts(map(_hashed_fact, lessons)) | {"disagreement_limit": limit}
    if present is not None and made_from.items() <= present.card.items():
        return TrainingResult((), unchanged=present.model_id)
    learning = [each for each in lessons if not each.evaluation.held_out]
    if not learning:
        return TrainingResult([refusal_record(_NOTHING)])
    fitted = fit([each.example for each in learning], labels.questions, seed=model_card.SEED, version=version)
    refusals = [refusal_record(each, key) for key, each in sorted(fitted.refused.items())]
    if not fitted.model.questions:
        return TrainingResult(refusals)
    said = [_predictions(fitted.model, each) for each in lessons]
    proofs = _holdout_evaluations(fitted.model, labels.questions, lessons, said, limit)
    overrides = list(_overrides(lessons, said))
    return TrainingResult(
        refusals=refusals,
        artefact=serialization.dump(fitted.model),
        card={
            **made_from,
            "trained_on": len(learning),
            "proving": sum(each.evaluation.held_out for each in lessons),
            "reviewers": len(
                {label.reviewer for each in lessons for label in each.evaluation.labels.values()}
            ),
            "familiarity": _familiarity(fitted.model, lessons),
            "lessons": {
                "overrides": len(overrides),
                "followed": sum(each["now"] == each["human"] for each in overrides),
            },
            "questions": _lines(fitted.model, labels.questions, proofs, fitted.refused),
            "seconds": round(time.monotonic() - began, 3),
        },
        lessons=overrides,
        evaluations=proofs,
        rejected=reject_if_fewer_questions(present, fitted.refused, labels.questions)
        or _reject_if_worse(present, labels.questions, lessons, said),
    )


def _hashed_fact(lesson: TrainingExample) -> list[Any]:
    taught, example = lesson.evaluation, lesson.example
    return [
        str(taught.interaction_id),
        taught.held_out,
        taught.probability,
        content_digest(example.case.transcript),
        [
            [*key, label.name, label.reviewer, [span.to_json() for span in label.spans]]
            for key, label in sorted(taught.labels.items())
        ],
        [[*key, rule.value, rule.confidence, rule.abstained] for key, rule in sorted(example.rules.items())],
    ]


def _predictions(model: AnswerModel, lesson: TrainingExample) -> Predictions:
    case = lesson.example.case
    return model.predict_all(model.encode(case.transcript), case, lesson.example.rules)


def _holdout_evaluations(
    model: AnswerModel,
    questions: Mapping[QuestionKey, Question],
    lessons: Sequence[TrainingExample],
    said: Sequence[Predictions],
    limit: float,
) -> dict[QuestionKey, HoldoutEvaluation]:
    cases: defaultdict[QuestionKey, list[HoldoutCase]] = defaultdict(list)
    for lesson, answers in zip(lessons, said, strict=True):
        taught = lesson.evaluation
        if not taught.held_out or taught.probability is None:
            continue
        for key in taught.labels.keys() & answers.keys():
            cases[key].append(
                HoldoutCase.of(
                    str(taught.interaction_id),
                    answers[key].probability_by_class,
                    human=taught.labels[key].name,
                    probability=taught.probability,
                    rule=class_of_verdict(questions[key].values, lesson.example.rules.get(key)),
                )
            )
    return {key: evaluate_holdout(cases[key], questions[key], limit=limit) for key in model.questions}


def _familiarity(model: AnswerModel, lessons: Sequence[TrainingExample]) -> dict[str, Any]:
    return model_card.vocabulary_share(
        [
            (model.encode(each.example.case.transcript).in_vocabulary_share, each.evaluation.probability)
            for each in lessons
            if each.evaluation.held_out and each.evaluation.probability is not None
        ]
    )


def _lines(
    model: AnswerModel,
    questions: Mapping[QuestionKey, Question],
    proofs: Mapping[QuestionKey, HoldoutEvaluation],
    refused: Mapping[QuestionKey, Refusal],
) -> list[dict[str, Any]]:
    lines = []
    for key in sorted(questions):
        learned = model.questions.get(key)
        lines.append(
            model_card.question_line(
                key,
                proofs.get(key),
                learned_from=learned.n_labels if learned else 0,
                names=learned.classes if learned else (),
                unlearned=learned.untrained_classes if learned else (),
                refused=refused.get(key),
            )
        )
    return lines


def _overrides(lessons: Sequence[TrainingExample], said: Sequence[Predictions]) -> Any:
    """Yield each answer that a person corrected, with what the new model says there now."""
    for lesson, answers in zip(lessons, said, strict=True):
        taught = lesson.evaluation
        for key, label in sorted(taught.labels.items()):
            machine = taught.machine.get(key)
            if machine is not None and machine != label.name:
                yield {
                    "interaction_id": str(taught.interaction_id),
                    "evaluation_id": str(taught.evaluation_id),
                    "scorecard": key[0],
                    "question": key[1],
                    "machine": machine,
                    "human": label.name,
                    "now": answers[key].predicted_class if key in answers else None,
                    "part": "proving" if taught.held_out else "learning",
                }


def _reject_if_worse(
    present: CurrentModel | None,
    questions: Mapping[QuestionKey, Question],
    lessons: Sequence[TrainingExample],
    said: Sequence[Predictions],
) -> Refusal | None:
    """Return why the new model is not put in force: on the held-out interactions it is surely worse."""
    if present is None or not isinstance(present.model, AnswerModel):
        return None
    differences = []
    for lesson, answers in zip(lessons, said, strict=True):
        if lesson.evaluation.held_out and lesson.evaluation.probability is not None:
            before = _predictions(present.model, lesson)
            shared = lesson.evaluation.labels.keys() & answers.keys() & before.keys()
            wrong = [
                sum(
                    disagree(questions[key], found[key].predicted_class, lesson.evaluation.labels[key].name)
                    for key in shared
                )
                for found in (answers, before)
            ]
            differences.append(wrong[1] - wrong[0])
    return reject_if_worse(sign_test(differences))
