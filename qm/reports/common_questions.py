"""Two filled-in forms over the questions that both answered: who said nothing was not wrong (pure)."""

from collections.abc import Mapping
from typing import Any

from scorecards.definitions.form import Answer, Form
from scorecards.scoring.scoring import FormScore, score


def answers_of(values: Mapping[str, Any]) -> dict[str, Answer]:
    """Return answers by question, given the value of each as stored; None is N/A, an answer like any other.

    >>> [(key, each.value, each.na) for key, each in answers_of({"did": ["a", "b"], "hears": None}).items()]
    [('did', ('a', 'b'), False), ('hears', None, True)]
    """
    return {
        key: Answer(key, tuple(value) if isinstance(value, list) else value, na=value is None)
        for key, value in values.items()
    }


def same_questions(form: Form, one: Mapping[str, Answer], other: Mapping[str, Answer]) -> bool:
    """Whether both answered the same of the questions that can move a score: then their scores compare."""
    return all(
        (key in one) == (key in other)
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
        The version of the form that both filled in.
    one, other : mapping of str to Answer
        What each answered, by question; what was abstained from is not in it.
    channel, intent : str or None
        What the conditions of the form look at.

    Returns
    -------
    tuple of FormScore
        The total of either is None where what is left has no score: nothing in common, or all N/A.

    Examples
    --------
    A machine that leaves the hard question to people is right in what it says:

    >>> yes_no = {"text": "?", "kind": "yes_no"}
    >>> form = Form.from_body({"sections": [
    ...     {"key": "care", "questions": [{"key": "hears", **yes_no}, {"key": "owns", **yes_no}]}]})
    >>> person, machine = answers_of({"hears": "yes", "owns": "no"}), answers_of({"hears": "yes"})
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
