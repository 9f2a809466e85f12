"""Compares a human and an automatic evaluation, question by question (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scorecards.autoscore.answer_policy import MODEL, RULE
from scorecards.definitions.form import Form, Question
from scorecards.scoring.scoring import question_score

NOT_APPLICABLE = "n/a"
LEVELS: Mapping[str, str] = {"scale": "ordinal", "numeric": "interval"}
"""Level of measurement by question kind; all other kinds are nominal."""
SOURCES = (RULE, MODEL)
"""The possible sources of an automatic answer."""


@dataclass(frozen=True, slots=True)
class AnswerValue:
    """The class of an answer (equal classes agree), and its question score in [0, 1]."""

    name: str
    score: float | None

    @property
    def na(self) -> bool:
        """Whether the answer is N/A."""
        return self.name == NOT_APPLICABLE


_NOT_APPLICABLE = AnswerValue(NOT_APPLICABLE, None)


@dataclass(frozen=True, slots=True)
class AnswerPair:
    """The human and the automatic answer to one question; None: no answer (not on the form, or abstained).

    `source` is the source of the automatic answer; answers stored without one are by rule.
    """

    question: Question
    human: AnswerValue | None
    machine: AnswerValue | None
    abstained: bool
    source: str = RULE

    @property
    def overridden(self) -> bool:
        """Whether the human answer differs from the automatic answer."""
        return self.human is not None and self.machine is not None and self.human.name != self.machine.name


@dataclass(frozen=True, slots=True)
class QuestionComparison:
    """The comparison of both answers to one question.

    `agrees` is None if only one of them has an answer; `difference` is the human minus the automatic question
    score, in [-1, 1], None if either has no score.
    """

    question: str
    human: Mapping[str, Any] | None
    automatic: Mapping[str, Any] | None
    agrees: bool | None
    difference: float | None


@dataclass(frozen=True, slots=True)
class AnswerComparison:
    """Every question that either answered; `share` is agreed / compared, None if none is compared."""

    questions: tuple[QuestionComparison, ...]
    compared: int
    agreed: int
    share: float | None


def pair_answers(
    form: Form, human: Sequence[Mapping[str, Any]], automatic: Sequence[Mapping[str, Any]]
) -> list[AnswerPair]:
    """Pair two lists of answers, over the questions of the form that are scored or critical.

    Examples
    --------
    >>> form = Form.from_body({"sections": [
    ...     {"key": "care", "questions": [{"key": "hears", "text": "Heard?", "kind": "yes_no"}]}]})
    >>> yes, na = {"question": "hears", "value": "yes"}, {"question": "hears", "na": True}
    >>> pairs = pair_answers(form, [yes], [na])
    >>> [(pair.human.name, pair.machine.name, pair.overridden) for pair in pairs]
    [('yes', 'n/a', True)]
    """
    human_by_key = {answer["question"]: answer for answer in human}
    automatic_by_key = {answer["question"]: answer for answer in automatic}
    return [
        AnswerPair(
            question,
            answer_value(question, human_by_key.get(key)),
            answer_value(question, automatic_by_key.get(key)),
            bool(automatic_by_key.get(key, {}).get("abstained")),
            automatic_by_key.get(key, {}).get("source") or RULE,
        )
        for key, question in form.questions.items()
        if question.scored or question.critical
    ]


def answer_value(question: Question, body: Mapping[str, Any] | None) -> AnswerValue | None:
    """Return the class and score of a stored answer; numbers in ranges of the same score are one class."""
    if body is None or body.get("abstained"):
        return None
    if body.get("na"):
        return _NOT_APPLICABLE
    value = body.get("value")
    if value is None:
        return None
    if isinstance(value, list):
        return AnswerValue(" + ".join(sorted(value)) or "none", question_score(question, tuple(value)))
    score = question_score(question, value)
    if question.kind == "numeric":
        return AnswerValue("none" if score is None else f"{score:g}", score)
    return AnswerValue(str(value), score)


def compare_answers(
    form: Form, human: Mapping[str, Mapping[str, Any]], automatic: Mapping[str, Mapping[str, Any]]
) -> AnswerComparison:
    """
    Compare the answers to the scored or critical questions of a form.

    Parameters
    ----------
    form : Form
        The scorecard version of the human evaluation.
    human, automatic : mapping of str to mapping
        Stored answers by question key. An automatic answer that abstained is no answer.

    Returns
    -------
    AnswerComparison
        In form order. Two N/A agree, N/A and an answer differ; numbers agree if they fall into ranges of
        the same score, multiple selections if they are the same set.

    Examples
    --------
    >>> form = Form.from_body({"sections": [
    ...     {"key": "care", "questions": [{"key": "hears", "text": "Heard?", "kind": "yes_no"}]}]})
    >>> comparison = compare_answers(form, {"hears": {"question": "hears", "value": "yes"}},
    ...                              {"hears": {"question": "hears", "value": "no"}})
    >>> comparison.share, comparison.questions[0].difference
    (0.0, 1.0)
    """
    questions = tuple(
        _question_comparison(each, human.get(each.question.key), automatic.get(each.question.key))
        for each in pair_answers(form, list(human.values()), list(automatic.values()))
        if each.question.key in human or each.question.key in automatic
    )
    verdicts = [each.agrees for each in questions if each.agrees is not None]
    agreed = sum(verdicts)
    share = agreed / len(verdicts) if verdicts else None
    return AnswerComparison(questions, len(verdicts), agreed, share)


def _question_comparison(
    pair: AnswerPair, human: Mapping[str, Any] | None, automatic: Mapping[str, Any] | None
) -> QuestionComparison:
    key, human_value, automatic_value = pair.question.key, pair.human, pair.machine
    if human_value is None or automatic_value is None:
        return QuestionComparison(key, human, automatic, None, None)
    if human_value.na or automatic_value.na:
        return QuestionComparison(key, human, automatic, human_value.na and automatic_value.na, None)
    difference = (
        None
        if human_value.score is None or automatic_value.score is None
        else human_value.score - automatic_value.score
    )
    same = difference == 0.0 if pair.question.kind == "numeric" else human_value.name == automatic_value.name
    return QuestionComparison(key, human, automatic, same, difference)
