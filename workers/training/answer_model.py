"""From what people answered to a model of answers, its card, and what became of every correction."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from scorecards.automation.holdout_evaluation import Proof, Proven, disagree, prove
from scorecards.autoscore.models import serialization
from scorecards.autoscore.models.answer_model import LearnedModel, Prediction
from scorecards.autoscore.models.features import chosen
from scorecards.autoscore.models.head_layout import Key
from scorecards.definitions.form import Question
from scorecards.statistics.sign_test import weigh
from workers.training import model_card
from workers.training.dataset import Labels, Lesson
from workers.training.fitting.examples import Refusal, content
from workers.training.fitting.pipeline import fit
from workers.training.result import Made, Present, held_back, refusal_line, would_forget

Predictions = Mapping[Key, Prediction]
_NOTHING = Refusal(
    "too_few_labels", "No submitted review of a conversation that is still kept was found to learn from."
)


def teach(labels: Labels, *, version: int, limit: float, present: Present | None) -> Made:
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
    lessons = list(labels.lessons())
    made_from = model_card.made_from(map(_fact, lessons)) | {"disagreement_limit": limit}
    if present is not None and made_from.items() <= present.card.items():
        return Made((), unchanged=present.model_id)
    learning = [each for each in lessons if not each.taught.proving]
    if not learning:
        return Made([refusal_line(_NOTHING)])
    fitted = fit([each.example for each in learning], labels.questions, seed=model_card.SEED, version=version)
    refusals = [refusal_line(each, key) for key, each in sorted(fitted.refused.items())]
    if not fitted.model.questions:
        return Made(refusals)
    said = [_predictions(fitted.model, each) for each in lessons]
    proofs = _proofs(fitted.model, labels.questions, lessons, said, limit)
    overrides = list(_overrides(lessons, said))
    return Made(
        refusals=refusals,
        artefact=serialization.dump(fitted.model),
        card={
            **made_from,
            "trained_on": len(learning),
            "proving": sum(each.taught.proving for each in lessons),
            "reviewers": len({label.reviewer for each in lessons for label in each.taught.labels.values()}),
            "familiarity": _familiarity(fitted.model, lessons),
            "lessons": {
                "overrides": len(overrides),
                "followed": sum(each["now"] == each["human"] for each in overrides),
            },
            "questions": _lines(fitted.model, labels.questions, proofs, fitted.refused),
            "seconds": round(time.monotonic() - began, 3),
        },
        lessons=overrides,
        proofs=proofs,
        held_back=would_forget(present, fitted.refused, labels.questions)
        or _held_back(present, labels.questions, lessons, said),
    )


def _fact(lesson: Lesson) -> list[Any]:
    taught, example = lesson.taught, lesson.example
    return [
        str(taught.interaction_id),
        taught.proving,
        taught.probability,
        content(example.case.reading),
        [
            [*key, label.name, label.reviewer, [span.to_json() for span in label.spans]]
            for key, label in sorted(taught.labels.items())
        ],
        [[*key, rule.value, rule.confidence, rule.abstained] for key, rule in sorted(example.rules.items())],
    ]


def _predictions(model: LearnedModel, lesson: Lesson) -> Predictions:
    case = lesson.example.case
    return model.predict_all(model.listen(case.reading), case, lesson.example.rules)


def _proofs(
    model: LearnedModel,
    questions: Mapping[Key, Question],
    lessons: Sequence[Lesson],
    said: Sequence[Predictions],
    limit: float,
) -> dict[Key, Proof]:
    cases: defaultdict[Key, list[Proven]] = defaultdict(list)
    for lesson, answers in zip(lessons, said, strict=True):
        taught = lesson.taught
        if not taught.proving or taught.probability is None:
            continue
        for key in taught.labels.keys() & answers.keys():
            cases[key].append(
                Proven.of(
                    str(taught.interaction_id),
                    answers[key].probabilities,
                    human=taught.labels[key].name,
                    probability=taught.probability,
                    rule=chosen(questions[key].values, lesson.example.rules.get(key)),
                )
            )
    return {key: prove(cases[key], questions[key], limit=limit) for key in model.questions}


def _familiarity(model: LearnedModel, lessons: Sequence[Lesson]) -> dict[str, Any]:
    return model_card.familiarity(
        [
            (model.listen(each.example.case.reading).familiarity, each.taught.probability)
            for each in lessons
            if each.taught.proving and each.taught.probability is not None
        ]
    )


def _lines(
    model: LearnedModel,
    questions: Mapping[Key, Question],
    proofs: Mapping[Key, Proof],
    refused: Mapping[Key, Refusal],
) -> list[dict[str, Any]]:
    lines = []
    for key in sorted(questions):
        learned = model.questions.get(key)
        lines.append(
            model_card.question_line(
                key,
                proofs.get(key),
                learned_from=learned.learned_from if learned else 0,
                names=learned.classes if learned else (),
                unlearned=learned.unlearned if learned else (),
                refused=refused.get(key),
            )
        )
    return lines


def _overrides(lessons: Sequence[Lesson], said: Sequence[Predictions]) -> Any:
    """Yield each answer that a person corrected, with what the new model says there now."""
    for lesson, answers in zip(lessons, said, strict=True):
        taught = lesson.taught
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
                    "now": answers[key].likeliest if key in answers else None,
                    "part": "proving" if taught.proving else "learning",
                }


def _held_back(
    present: Present | None,
    questions: Mapping[Key, Question],
    lessons: Sequence[Lesson],
    said: Sequence[Predictions],
) -> Refusal | None:
    """Return why the new model is not put in force: on the held-out interactions it is surely worse."""
    if present is None or not isinstance(present.model, LearnedModel):
        return None
    differences = []
    for lesson, answers in zip(lessons, said, strict=True):
        if lesson.taught.proving and lesson.taught.probability is not None:
            before = _predictions(present.model, lesson)
            shared = lesson.taught.labels.keys() & answers.keys() & before.keys()
            wrong = [
                sum(
                    disagree(questions[key], found[key].likeliest, lesson.taught.labels[key].name)
                    for key in shared
                )
                for found in (answers, before)
            ]
            differences.append(wrong[1] - wrong[0])
    return held_back(weigh(differences))
