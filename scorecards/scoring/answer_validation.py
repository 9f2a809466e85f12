"""Validation of a set of answers against a form; each fault has a JSON pointer (pure)."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain

from scorecards.definitions.form import Answer, Form, Question, Span
from scorecards.scoring.scoring import question_score, shown_questions
from tenants.http.faults import Fault


def answer_faults(
    form: Form,
    answers: Mapping[str, Answer],
    *,
    channel: str | None,
    intent: str | None,
    turns: Sequence[str] | None,
    evidence_required: bool,
    others_turns: Collection[int] = (),
) -> list[Fault]:
    """Return every reason why a set of answers is not a complete, valid evaluation.

    Parameters
    ----------
    form : Form
        The form that was filled in.
    answers : mapping of str to Answer
        Answers by question key; the pointer of a fault starts with the answer's index in this mapping
        (`/0/value`), an unanswered question has the empty pointer.
    channel, intent : str or None
        Of the interaction; with earlier answers they decide which questions are shown.
    turns : sequence of str or None
        Texts of the turns, against which evidence spans are checked; None when they are erased.
    evidence_required : bool
        Whether every scored answer that is not N/A needs an evidence span.
    others_turns : collection of int
        Turns of agents who do not answer for this; they show nothing of the one who does.

    Returns
    -------
    list of Fault
        Empty when the answers are complete and valid.

    Examples
    --------
    >>> form = Form.from_body({"sections": [
    ...     {"key": "care", "questions": [{"key": "polite", "text": "Polite?", "kind": "yes_no"}]}]})
    >>> answers = {"polite": Answer("polite", "maybe")}
    >>> [fault.code for fault in answer_faults(
    ...     form, answers, channel=None, intent=None, turns=None, evidence_required=False)]
    ['unknown_option']
    """
    shown = frozenset(shown_questions(form, answers, channel=channel, intent=intent))
    faults: list[Fault] = []
    for index, (key, answer) in enumerate(answers.items()):
        question = form.questions.get(key)
        if question is None:
            found = iter([Fault("/question", "unknown_question", f"The scorecard has no question '{key}'.")])
        elif key not in shown:
            found = iter([Fault("", "not_shown", f"'{key}' is not asked given the other answers.")])
        else:
            found = chain(
                _answer(question, answer),
                _spans(question, answer, turns, others_turns, required=evidence_required),
            )
        faults += (fault.under(f"/{index}") for fault in found)
    faults += (
        Fault("", "missing_answer", f"'{key}' has to be answered: {question.text}")
        for key, question in form.questions.items()
        if key in shown and key not in answers and _is_mandatory(question)
    )
    return faults


def _is_mandatory(question: Question) -> bool:
    return question.scored or question.critical is not None


def _answer(question: Question, answer: Answer) -> Iterator[Fault]:
    if answer.na:
        if not question.na_allowed:
            yield Fault("/na", "na_not_allowed", f"'{question.key}' cannot be answered with N/A.")
        if answer.value is not None:
            yield Fault("/value", "na_with_value", f"'{question.key}' is N/A and has an answer besides.")
        if answer.reasons:
            yield Fault("/reasons", "na_with_reasons", f"'{question.key}' is N/A and needs no reasons.")
    elif answer.value is None:
        if _is_mandatory(question):
            yield Fault("/value", "missing_answer", f"'{question.key}' has to be answered: {question.text}")
    else:
        faults = list(_VALUES[question.kind](question, answer))
        yield from faults
        if not faults:
            yield from _reasons(question, answer)


def _one_option(question: Question, answer: Answer) -> Iterator[Fault]:
    if question.option(answer.value) is None:
        offered = ", ".join(option.key for option in question.options)
        yield Fault("/value", "unknown_option", f"'{question.key}' takes one of: {offered}.")


def _several_options(question: Question, answer: Answer) -> Iterator[Fault]:
    if not isinstance(answer.value, tuple):
        yield Fault("/value", "not_a_list", f"'{question.key}' takes a list of options.")
        return
    for index, key in enumerate(answer.value):
        if question.option(key) is None:
            yield Fault(f"/value/{index}", "unknown_option", f"'{question.key}' has no option '{key}'.")
        elif key in answer.value[:index]:
            yield Fault(f"/value/{index}", "duplicate_option", f"'{key}' is selected twice.")


def _number(question: Question, answer: Answer) -> Iterator[Fault]:
    value = answer.value
    if isinstance(value, bool | str | tuple) or value is None or not math.isfinite(value):
        yield Fault("/value", "not_a_number", f"'{question.key}' takes a number.")
    elif question.scored and question_score(question, value) is None:
        yield Fault("/value", "outside_bands", f"{value:g} lies in no band of '{question.key}'.")


def _date(question: Question, answer: Answer) -> Iterator[Fault]:
    if not (isinstance(answer.value, str) and _is_day(answer.value)):
        yield Fault("/value", "not_a_date", f"'{question.key}' takes a date such as 2026-01-31.")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _text(question: Question, answer: Answer) -> Iterator[Fault]:
    if not isinstance(answer.value, str):
        yield Fault("/value", "not_text", f"'{question.key}' takes text.")


_VALUES: Mapping[str, Callable[[Question, Answer], Iterator[Fault]]] = {
    "yes_no": _one_option,
    "scale": _one_option,
    "single": _one_option,
    "multi": _several_options,
    "numeric": _number,
    "date": _date,
    "text": _text,
}


def _reasons(question: Question, answer: Answer) -> Iterator[Fault]:
    keys = answer.value if isinstance(answer.value, tuple) else (answer.value,)
    chosen = [option for option in question.options if option.key in keys]
    offered = {reason for option in chosen for reason in option.reasons}
    for index, reason in enumerate(answer.reasons):
        if reason not in offered:
            yield Fault(f"/reasons/{index}", "unknown_reason", f"'{reason}' is no reason for this answer.")
    for option in chosen:
        if option.reason_required and offered.isdisjoint(answer.reasons):
            yield Fault("/reasons", "reason_required", f"'{option.label}' needs a reason.")


def _spans(
    question: Question,
    answer: Answer,
    turns: Sequence[str] | None,
    others_turns: Collection[int],
    *,
    required: bool,
) -> Iterator[Fault]:
    if required and question.scored and not answer.na and answer.value is not None and not answer.evidence:
        yield Fault(
            "/evidence",
            "evidence_required",
            f"Mark the place in the conversation that shows '{question.key}'.",
        )
    for index, span in enumerate(answer.evidence):
        detail = _span_fault(span, turns)
        if detail is not None:
            yield Fault(f"/evidence/{index}", "bad_span", detail)
        elif span.turn in others_turns:
            detail = f"Turn {span.turn} is another agent's: mark a turn of this agent or of the customer."
            yield Fault(f"/evidence/{index}/turn", "other_agents_turn", detail)


def _span_fault(span: Span, turns: Sequence[str] | None) -> str | None:
    if (span.start is None) != (span.end is None):
        return "A place in a turn needs both a start and an end."
    if span.start is not None and span.end is not None and not 0 <= span.start < span.end:
        return "A place in a turn starts at 0 or later and ends after its start."
    if span.turn < 0 or (turns is not None and span.turn >= len(turns)):
        return f"The conversation has no turn {span.turn}."
    if turns is not None and span.end is not None and span.end > len(turns[span.turn]):
        return f"Turn {span.turn} has only {len(turns[span.turn])} characters."
    return None
