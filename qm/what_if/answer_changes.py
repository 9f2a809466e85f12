"""Compares the answers of two judge sets, question by question (pure)."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qm.what_if.comparison import MeanChange, ScorePair, mean_change
from scorecards.automation.class_agreement import disagree
from scorecards.autoscore.answer_policy import AutomaticAnswer
from scorecards.autoscore.models.features import NOT_APPLICABLE
from scorecards.definitions.form import Question
from scorecards.statistics.confidence_intervals import Interval, wilson

MAX_MOVES = 10
MAX_CHANGED = 20
_MIN_DIFFERENCE = 0.005
Answers = Mapping[str, AutomaticAnswer]


@dataclass(frozen=True, slots=True)
class RejudgedInteraction:
    """One interaction evaluated by both judge sets: scores, answers by question, and reviewers' answers."""

    pair: ScorePair
    external_id: str
    scorecard: str
    questions: Mapping[str, Question]
    before: Answers
    after: Answers
    human: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AnswerMove:
    """How often one answer changed to another; None is no answer: abstained, or not on the form."""

    before: str | None
    after: str | None
    count: int


@dataclass(frozen=True, slots=True)
class QuestionChange:
    """How the answers to one question change.

    `asked` counts the interactions with the question before or after; `changed` of those have another answer,
    None included. `share` is their percentage with its Wilson interval. `confidence` is in [0, 1], over
    answers given before and after. `agreement` is the percentage of reviewers' answers that the automatic
    answer does not contradict, over reviewed interactions with an automatic answer before and after.
    """

    scorecard: str
    question: str
    text: str
    asked: int
    answered_before: int
    answered_after: int
    changed: int
    share: Interval
    moves: tuple[AnswerMove, ...]
    confidence: MeanChange
    agreement: MeanChange


@dataclass(frozen=True, slots=True)
class ChangedInteraction:
    """One interaction with a changed total or changed answers, and the questions whose answers change."""

    interaction_id: uuid.UUID
    external_id: str
    agent: str | None
    before: float | None
    after: float | None
    difference: float | None
    questions: tuple[str, ...]


def question_changes(cases: Sequence[RejudgedInteraction]) -> list[QuestionChange]:
    """Compare the answers to each question that is on the form before or after, most changed first.

    Examples
    --------
    >>> question_changes([])
    []
    """
    by_question: dict[tuple[str, str], list[RejudgedInteraction]] = {}
    for case in cases:
        for key in dict.fromkeys((*case.after, *case.before)):
            by_question.setdefault((case.scorecard, key), []).append(case)
    changes = [_question_change(*key, own_cases) for key, own_cases in by_question.items()]
    return sorted(changes, key=lambda each: -each.changed)


def most_changed(cases: Sequence[RejudgedInteraction]) -> tuple[ChangedInteraction, ...]:
    """Return the interactions with the largest change of total, then most changed answers; 20 at most."""
    changed = [
        found
        for found in map(_changed_interaction, cases)
        if found.questions or abs(found.difference or 0) > _MIN_DIFFERENCE
    ]
    order = sorted(changed, key=lambda each: (-abs(each.difference or 0.0), -len(each.questions)))
    return tuple(order[:MAX_CHANGED])


def answer_class(answer: AutomaticAnswer | None) -> str | None:
    """Return the class of an answer: its value or N/A; None if there is no answer."""
    if answer is None or answer.abstained:
        return None
    return NOT_APPLICABLE if answer.na else str(answer.value)


def _question_change(scorecard: str, key: str, cases: Sequence[RejudgedInteraction]) -> QuestionChange:
    classes = [(answer_class(case.before.get(key)), answer_class(case.after.get(key))) for case in cases]
    moves = Counter(pair for pair in classes if pair[0] != pair[1])
    changed = sum(moves.values())
    question = cases[0].questions[key]
    return QuestionChange(
        scorecard=scorecard,
        question=key,
        text=question.text,
        asked=len(cases),
        answered_before=sum(before is not None for before, _ in classes),
        answered_after=sum(after is not None for _, after in classes),
        changed=changed,
        share=_percent(wilson(changed / len(cases), len(cases))),
        moves=tuple(AnswerMove(*pair, count) for pair, count in moves.most_common(MAX_MOVES)),
        confidence=mean_change(
            (place, _confidence(case.before.get(key)), _confidence(case.after.get(key)))
            for place, case in enumerate(cases)
        ),
        agreement=mean_change(_agreements(question, key, zip(cases, classes, strict=True))),
    )


def _agreements(
    question: Question, key: str, cases: Iterable[tuple[RejudgedInteraction, tuple[str | None, str | None]]]
) -> Iterable[tuple[int, float | None, float | None]]:
    for place, (case, (before, after)) in enumerate(cases):
        person = case.human.get(key)
        # An earlier version may have had options that this one lacks.
        if person == NOT_APPLICABLE or (person is not None and question.option(person) is not None):
            yield place, _agrees(question, person, before), _agrees(question, person, after)


def _agrees(question: Question, person: str, machine: str | None) -> float | None:
    return None if machine is None else 100.0 * (not disagree(question, machine, person))


def _confidence(answer: AutomaticAnswer | None) -> float | None:
    return None if answer is None or answer.abstained else answer.confidence


def _percent(share: Interval) -> Interval:
    scaled = (None if end is None else 100 * end for end in (share.estimate, share.low, share.high))
    return Interval(*scaled)


def _changed_interaction(case: RejudgedInteraction) -> ChangedInteraction:
    before, after = case.pair.before.total, case.pair.after.total
    questions = tuple(
        key
        for key in dict.fromkeys((*case.after, *case.before))
        if answer_class(case.before.get(key)) != answer_class(case.after.get(key))
    )
    return ChangedInteraction(
        interaction_id=case.pair.interaction_id,
        external_id=case.external_id,
        agent=case.pair.agent,
        before=before,
        after=after,
        difference=None if before is None or after is None else after - before,
        questions=questions,
    )
