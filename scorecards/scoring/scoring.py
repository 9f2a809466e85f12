"""The score of a form: sections, total, critical rules, bonus, bands and outcome (pure)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Protocol

from scorecards.definitions.form import Form, Question, Section, Value
from scorecards.definitions.question_conditions import Condition

DECIMALS = 9
"""Points are rounded to so many decimals, so that rounding error never misses a pass mark or band."""


NEEDS_OPPORTUNITY = frozenset(
    {
        "validates_feeling",
        "validates_before_solution",
        "takes_ownership",
        "reassures",
        "uses_empathy_library",
    }
)
"""Judgements that are N/A wherever nothing called for empathy, and only there."""

_SHOWS_OPPORTUNITY = NEEDS_OPPORTUNITY | {"apologises_with_action", "no_sympathy_only"}
"""Judgements whose answer, if it is not N/A, says that something called for empathy."""


class Answered(Protocol):
    """An answer of a person or of the machine, as far as scoring needs it."""

    @property
    def value(self) -> Value:
        """The option key, number, keys, date or text; None without an answer."""

    @property
    def na(self) -> bool:
        """Whether the question was marked as not applicable."""


@dataclass(frozen=True, slots=True)
class FormScore:
    """The score of one filled-in form.

    Attributes
    ----------
    total : float or None
        Points in [0, maximum]; None when no section is defined.
    sections, pillars : dict of str to (float or None)
        Points in [0, 100] by section key and by pillar; None when undefined.
    empathy : float or None
        Points in [0, 100]: weighted mean of the defined sections that carry a pillar.
    outcome : {'pass', 'fail'} or None
        'fail' when a critical answer failed; otherwise None without a total or a pass mark.
    band : str or None
        Name of the highest band whose threshold the total reaches.
    critical : tuple of str
        Keys of the questions whose critical answer failed, in the order of the form.
    shown : tuple of str
        Keys of the questions that were shown, in the order of the form.
    """

    total: float | None
    sections: dict[str, float | None]
    pillars: dict[str, float | None]
    empathy: float | None
    outcome: str | None
    band: str | None
    critical: tuple[str, ...]
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _SectionResult:
    share: float | None
    bonus: float
    critical: tuple[str, ...]
    fails_form: bool


def score(
    form: Form, answers: Mapping[str, Answered], *, channel: str | None, intent: str | None
) -> FormScore:
    """Score a filled-in form.

    Parameters
    ----------
    form : Form
        A validated form.
    answers : mapping of str to Answered
        Answers by question key. A question without an answer, or with the value None (an abstained
        automatic answer), is left out as if it were not scored; `answer_validation.answer_faults` refuses it.
    channel, intent : str or None
        Of the interaction; the display conditions of the form depend on them and on earlier answers.

    Returns
    -------
    FormScore
        Points in [0, 100], and in [0, maximum] for the total.

    Notes
    -----
    With question score s_q in [0, 1] (`question_score`), over shown, scored, not-N/A questions::

        S = sum(w_q s_q) / sum(w_q)                 undefined without weight
        T = 100 sum(W_S S) / sum(W_S) + bonus       over defined sections, capped by the form's maximum

    N/A is left out (`exclude`) or counts as s_q = 1 (`pass`); an N/A never earns a bonus. A failing
    critical answer sets T = 0 (`fail_form`), S = 0 even where S was undefined (`fail_section`), or
    nothing (`flag`); in each case the outcome is 'fail'. T = 0 leaves the sections as they are.

    Examples
    --------
    >>> from scorecards.definitions.form import Answer
    >>> yes_no = {"text": "?", "kind": "yes_no"}
    >>> form = Form.from_body({"pass_mark": 70, "sections": [
    ...     {"key": "care", "weight": 3, "questions": [{"key": "polite", "weight": 2, **yes_no},
    ...                                                {"key": "owns", "weight": 1, **yes_no}]},
    ...     {"key": "process", "weight": 1, "questions": [{"key": "checks", **yes_no}]}]})
    >>> values = {"polite": "yes", "owns": "no", "checks": "yes"}
    >>> answers = {key: Answer(key, value) for key, value in values.items()}
    >>> result = score(form, answers, channel=None, intent=None)
    >>> result.total, result.outcome    # 100 (3 * 2/3 + 1 * 1) / 4
    (75.0, 'pass')
    """
    shown = shown_questions(form, answers, channel=channel, intent=intent)
    visible = frozenset(shown)
    na_score = 1.0 if form.not_applicable == "pass" else None
    results = [_score_section(section, answers, visible, na_score) for section in form.sections]
    shares = [(section, result.share) for section, result in zip(form.sections, results, strict=True)]
    critical = tuple(chain.from_iterable(result.critical for result in results))
    mean = _points(shares)
    if any(result.fails_form for result in results):
        total: float | None = 0.0
    elif mean is None:
        total = None
    else:
        total = min(round(mean + sum(result.bonus for result in results), DECIMALS), form.maximum)
    pillars = dict.fromkeys(section.pillar for section in form.sections if section.pillar is not None)
    return FormScore(
        total=total,
        sections={
            section.key: None if share is None else round(100.0 * share, DECIMALS)
            for section, share in shares
        },
        pillars={name: _points(pair for pair in shares if pair[0].pillar == name) for name in pillars},
        empathy=_points(pair for pair in shares if pair[0].pillar is not None),
        outcome=_outcome(form, total, critical),
        band=None if total is None else _band(form, total),
        critical=critical,
        shown=shown,
    )


def automatic_score(
    form: Form, answers: Mapping[str, Answered], *, channel: str | None, intent: str | None
) -> FormScore:
    """Score the answers of the machine: as `score`, but without an opportunity pillars and empathy are N/A.

    There was none where the questions that need one (`NEEDS_OPPORTUNITY`, by their `auto`) were answered,
    each with N/A. What is left of the pillars, such as a missing farewell, says nothing about empathy.
    Sections and total are as answered. A form that counts N/A as passed, or asks none of these questions,
    always has its pillars.
    """
    result = score(form, answers, channel=channel, intent=intent)
    if not _lacks_opportunity(form, answers, frozenset(result.shown)):
        return result
    return replace(result, pillars=dict.fromkeys(result.pillars), empathy=None)


def shown_questions(
    form: Form, answers: Mapping[str, Answered], *, channel: str | None, intent: str | None
) -> tuple[str, ...]:
    """Return the keys of the questions to show; one that depends on a hidden or N/A question is hidden."""
    shown: dict[str, None] = {}
    for key, question in form.questions.items():
        condition = question.show_when
        if condition is None or _is_met(condition, answers, shown, channel, intent):
            shown[key] = None
    return tuple(shown)


def question_score(question: Question, value: Value) -> float | None:
    """Return the question score s_q of an answer.

    Parameters
    ----------
    question : Question
        The question that was answered.
    value : str, float, tuple of str or None
        Option key, number, or selected keys of a multi question.

    Returns
    -------
    float or None
        In [0, 1]; None when the question is not scored, or the value is no valid answer to it. For a multi
        question the share of required options that were selected.

    Examples
    --------
    >>> from scorecards.definitions.form import question_from_body
    >>> parts = {"key": "did", "text": "?", "kind": "multi", "required": ["a", "b"]}
    >>> question_score(question_from_body(parts), ("b", "c"))
    0.5
    """
    if value is None or not question.scored:
        return None
    if question.kind == "numeric":
        if isinstance(value, str | tuple):
            return None
        return next((band.value for band in question.ranges if band.holds(value)), None)
    if question.kind == "multi":
        if not isinstance(value, tuple):
            return None
        return len(question.required.intersection(value)) / len(question.required)
    return question.values.get(value) if isinstance(value, str) else None


def _is_met(
    condition: Condition,
    answers: Mapping[str, Answered],
    shown: Mapping[str, None],
    channel: str | None,
    intent: str | None,
) -> bool:
    if condition.channels and channel not in condition.channels:
        return False
    if condition.intents and intent not in condition.intents:
        return False
    if condition.question is None:
        return True
    answer = answers.get(condition.question)
    if answer is None or answer.na or condition.question not in shown:
        return False
    return not condition.options.isdisjoint(_selected_keys(answer.value))


def _selected_keys(value: Value) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, str) else ()


def _lacks_opportunity(form: Form, answers: Mapping[str, Answered], visible: frozenset[str]) -> bool:
    """Tell whether all answers to questions that need an opportunity for empathy are N/A."""
    if form.not_applicable == "pass":
        return False
    not_applicable = False
    for section in form.sections:
        for question in section.questions if section.pillar else ():
            answer = answers.get(question.key) if question.key in visible else None
            if answer is None or question.auto not in _SHOWS_OPPORTUNITY:
                continue
            if not answer.na and answer.value is not None:
                return False
            not_applicable |= answer.na and question.auto in NEEDS_OPPORTUNITY
    return not_applicable


def _score_section(
    section: Section, answers: Mapping[str, Answered], visible: frozenset[str], na_score: float | None
) -> _SectionResult:
    earned = weight = bonus = 0.0
    failed: list[Question] = []
    for question in section.questions:
        answer = answers.get(question.key)
        if answer is None or question.key not in visible:
            continue
        if answer.na:
            points = na_score if question.scored else None
        else:
            points = question_score(question, answer.value)
            if question.critical and not question.critical.options.isdisjoint(_selected_keys(answer.value)):
                failed.append(question)
            if points == 1.0:
                bonus += question.bonus
        if points is not None:
            earned += question.weight * points
            weight += question.weight
    rules = {question.critical.rule for question in failed if question.critical}
    share = earned / weight if weight > 0 else None
    return _SectionResult(
        share=0.0 if "fail_section" in rules else share,
        bonus=bonus,
        critical=tuple(question.key for question in failed),
        fails_form="fail_form" in rules,
    )


def _points(shares: Iterable[tuple[Section, float | None]]) -> float | None:
    """Weighted mean of the defined sections in points of 100; None without weight."""
    defined = [(section.weight, share) for section, share in shares if share is not None]
    weight = sum(each for each, _ in defined)
    if weight <= 0:
        return None
    return round(100.0 * (sum(each * share for each, share in defined) / weight), DECIMALS)


def _outcome(form: Form, total: float | None, critical: tuple[str, ...]) -> str | None:
    if critical:
        return "fail"
    if total is None or form.pass_mark is None:
        return None
    return "pass" if total >= form.pass_mark else "fail"


def _band(form: Form, total: float) -> str | None:
    return next((band.name for band in form.bands if total >= band.threshold), None)
