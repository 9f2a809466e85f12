"""Scores of two evaluations over the questions that both answered: abstaining is no error (pure)."""

from collections.abc import Mapping
from typing import Any

from scorecards.definitions.form import Answer, Form
from scorecards.scoring.scoring import FormScore, score


def answers_from_values(values: Mapping[str, Any]) -> dict[str, Answer]:
    """Return answers by question, given stored values; None means N/A, which is an answer too.

    >>> answers = answers_from_values({"did": ["a", "b"], "hears": None})
    >>> [(key, each.value, each.na) for key, each in answers.items()]
    [('did', ('a', 'b'), False), ('hears', None, True)]
    """
    return {
        key: Answer(key, tuple(value) if isinstance(value, list) else value, na=value is None)
        for key, value in values.items()
    }


def same_questions(form: Form, first: Mapping[str, Answer], second: Mapping[str, Answer]) -> bool:
    """Whether both answered the same scored or critical questions, which makes their scores comparable."""
    return all(
        (key in first) == (key in second)
        for key, question in form.questions.items()
        if question.scored or question.critical
    )


def scores_in_common(
    form: Form,
    one: Mapping[str, Answer],
    other: Mapping[str, Answer],
    *,
    channel: str | None,
    intent: str | None,
) -> tuple[FormScore, FormScore]:
    """Score both over the questions that both answered.

    Parameters
    ----------
    form : Form
        The scorecard version of both evaluations.
    one, other : mapping of str to Answer
        The answers of each, by question; abstentions are left out.
    channel, intent : str or None
        Attributes that the conditions of the form depend on.

    Returns
    -------
    tuple of FormScore
        The total of either is None if no common question is scored: none in common, or all N/A.

    Examples
    --------
    An automatic evaluation that abstains from the hard question agrees on the rest:

    >>> yes_no = {"text": "?", "kind": "yes_no"}
    >>> form = Form.from_body({"sections": [
    ...     {"key": "care", "questions": [{"key": "hears", **yes_no}, {"key": "owns", **yes_no}]}]})
    >>> person = answers_from_values({"hears": "yes", "owns": "no"})
    >>> machine = answers_from_values({"hears": "yes"})
    >>> score(form, person, channel=None, intent=None).total
    50.0
    >>> [each.total for each in scores_in_common(form, person, machine, channel=None, intent=None)]
    [100.0, 100.0]
    """
    common = one.keys() & other.keys()
    first, second = (
        score(form, {key: answers[key] for key in common}, channel=channel, intent=intent)
        for answers in (one, other)
    )
    return first, second
