"""A person's answers beside the machine's, question by question (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scorecards.definitions.form import Answer, Form, Question
from scorecards.scoring.scoring import question_score


@dataclass(frozen=True, slots=True)
class QuestionComparison:
    """One question as both answered it.

    `agrees` is None where only one of them gave an answer; `difference` is the person's question score minus
    the machine's, in [-1, 1], None where either has none.
    """

    question: str
    human: Mapping[str, Any] | None
    automatic: Mapping[str, Any] | None
    agrees: bool | None
    difference: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every question either answered; `share` is agreed / compared in [0, 1], None where none compares."""

    questions: tuple[QuestionComparison, ...]
    compared: int
    agreed: int
    share: float | None


def compare(
    form: Form, human: Mapping[str, Mapping[str, Any]], automatic: Mapping[str, Mapping[str, Any]]
) -> Comparison:
    """
    Compare the answers to the scored or critical questions of a form.

    Parameters
    ----------
    form : Form
        The scorecard the person filled in.
    human, automatic : mapping of str to mapping
        Stored answers by question key. An automatic answer that abstained is no answer.

    Returns
    -------
    Comparison
        In the order of the form. Two N/A agree, N/A and an answer differ; numbers agree when they fall
        into bands of the same score, several selections when they are the same set.

    Examples
    --------
    >>> form = Form.from_body({"sections": [
    ...     {"key": "care", "questions": [{"key": "hears", "text": "Heard?", "kind": "yes_no"}]}]})
    >>> found = compare(form, {"hears": {"question": "hears", "value": "yes"}},
    ...                 {"hears": {"question": "hears", "value": "no"}})
    >>> found.share, found.questions[0].difference
    (0.0, 1.0)
    """
    questions = tuple(
        _compared(question, human.get(key), automatic.get(key))
        for key, question in form.questions.items()
        if (question.scored or question.critical) and (key in human or key in automatic)
    )
    verdicts = [each.agrees for each in questions if each.agrees is not None]
    agreed = sum(verdicts)
    share = agreed / len(verdicts) if verdicts else None
    return Comparison(questions, len(verdicts), agreed, share)


def _compared(
    question: Question, human: Mapping[str, Any] | None, automatic: Mapping[str, Any] | None
) -> QuestionComparison:
    first, second = _given(human), _given(automatic)
    if first is None or second is None:
        return QuestionComparison(question.key, human, automatic, None, None)
    if first.na or second.na:
        return QuestionComparison(question.key, human, automatic, first.na and second.na, None)
    scores = question_score(question, first.value), question_score(question, second.value)
    difference = None if scores[0] is None or scores[1] is None else scores[0] - scores[1]
    same = difference == 0.0 if question.kind == "numeric" else _plain(first) == _plain(second)
    return QuestionComparison(question.key, human, automatic, same, difference)


def _given(body: Mapping[str, Any] | None) -> Answer | None:
    if body is None or body.get("abstained"):
        return None
    answer = Answer.from_json(body)
    return answer if answer.na or answer.value is not None else None


def _plain(answer: Answer) -> object:
    return frozenset(answer.value) if isinstance(answer.value, tuple) else answer.value
