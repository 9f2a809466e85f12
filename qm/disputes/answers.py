"""Answers of an evaluation with some of them changed, and what they score then (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scorecards.definitions.form import Answer, Form, read_answers
from scorecards.scoring.scoring import FormScore, score, shown_questions

Body = Mapping[str, Any]
SAID = ("value", "na", "reasons")
"""What makes two answers say the same; a note and evidence only explain it."""


def same_answer(one: Body | None, other: Body | None) -> bool:
    """Whether two answers say the same.

    Examples
    --------
    >>> same_answer({"value": "yes", "note": "T2"}, {"value": "yes"}), same_answer({"value": "yes"}, None)
    (True, False)
    """
    if one is None or other is None:
        return one is other
    return _said(one) == _said(other)


def _said(body: Body) -> tuple[Any, ...]:
    value = body.get("value")
    chosen = tuple(sorted(value)) if isinstance(value, list | tuple) else value
    return chosen, bool(body.get("na")), tuple(sorted(body.get("reasons") or ()))


def with_changes(
    form: Form, current: Sequence[Body], changes: Iterable[Body], *, channel: str | None, intent: str | None
) -> list[dict[str, Any]]:
    """Return the answers with changes, in the order of the form.

    Answers to questions that are not asked any more, given the changes, are left out; those that are asked
    now have to be among the changes.
    """
    merged = {**_by_question(current), **_by_question(changes)}
    known = {key: Answer.from_json(merged[key]) for key in form.questions if key in merged}
    shown = set(shown_questions(form, known, channel=channel, intent=intent))
    kept = [merged[key] for key in form.questions if key in merged and key in shown]
    return [*kept, *(body for key, body in merged.items() if key not in form.questions)]


def dropped_by(current: Sequence[Body], after: Sequence[Body]) -> list[str]:
    """Return the questions that were answered and are not any more."""
    left = _by_question(after)
    return [each["question"] for each in current if each["question"] not in left]


def score_of(form: Form, answers: Sequence[Body], *, channel: str | None, intent: str | None) -> FormScore:
    """Return what answers score."""
    return score(form, read_answers(answers), channel=channel, intent=intent)


def proposal(disputed: Body | None, proposed: Body) -> dict[str, Any]:
    """Return a proposed answer as one that can stand: without evidence it is about the places of the old one.

    Examples
    --------
    >>> proposal({"evidence": [{"turn": 3}]}, {"question": "hears", "value": "yes"})["evidence"]
    [{'turn': 3}]
    """
    body = Answer.from_json(proposed).to_json()
    if not body["evidence"] and not body["na"] and disputed is not None:
        body["evidence"] = list(disputed.get("evidence") or ())
    return body


def _by_question(bodies: Iterable[Body]) -> dict[str, dict[str, Any]]:
    return {each["question"]: dict(each) for each in bodies}
