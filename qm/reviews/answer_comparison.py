"""A person's answers beside the machine's, question by question (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scorecards.autoscore.answer_policy import MODEL, RULE
from scorecards.definitions.form import Form, Question
from scorecards.scoring.scoring import question_score

NOT_APPLICABLE = "n/a"
LEVELS: Mapping[str, str] = {"scale": "ordinal", "numeric": "interval"}
"""How far apart answers of a kind can be; of all other kinds they are the same or not."""
SOURCES = (RULE, MODEL)
"""What an automatic answer can come from."""


@dataclass(frozen=True, slots=True)
class Given:
    """What one of the two said: its class (the same class is agreement), and the question score in [0, 1]."""

    name: str
    score: float | None

    @property
    def na(self) -> bool:
        """Whether it was N/A."""
        return self.name == NOT_APPLICABLE


_NOT_APPLICABLE = Given(NOT_APPLICABLE, None)


@dataclass(frozen=True, slots=True)
class Compared:
    """One question as both met it; None: no answer (not asked, or abstained).

    `source` is what the machine's answer came from; before there were models there were rules alone.
    """

    question: Question
    human: Given | None
    machine: Given | None
    abstained: bool
    source: str = RULE

    @property
    def overridden(self) -> bool:
        """Whether the person said something else than the machine."""
        return self.human is not None and self.machine is not None and self.human.name != self.machine.name


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


def compared(
    form: Form, by_human: Sequence[Mapping[str, Any]], by_machine: Sequence[Mapping[str, Any]]
) -> list[Compared]:
    """Compare two lists of answers, over the questions of the form that are scored or critical.

    Examples
    --------
    >>> form = Form.from_body({"sections": [
    ...     {"key": "care", "questions": [{"key": "hears", "text": "Heard?", "kind": "yes_no"}]}]})
    >>> found = compared(form, [{"question": "hears", "value": "yes"}], [{"question": "hears", "na": True}])
    >>> [(each.human.name, each.machine.name, each.overridden) for each in found]
    [('yes', 'n/a', True)]
    """
    one = {answer["question"]: answer for answer in by_human}
    other = {answer["question"]: answer for answer in by_machine}
    return [
        Compared(
            question,
            given(question, one.get(key)),
            given(question, other.get(key)),
            bool(other.get(key, {}).get("abstained")),
            other.get(key, {}).get("source") or RULE,
        )
        for key, question in form.questions.items()
        if question.scored or question.critical
    ]


def given(question: Question, body: Mapping[str, Any] | None) -> Given | None:
    """Return what an answer says; numbers in bands of the same score say the same."""
    if body is None or body.get("abstained"):
        return None
    if body.get("na"):
        return _NOT_APPLICABLE
    value = body.get("value")
    if value is None:
        return None
    if isinstance(value, list):
        return Given(" + ".join(sorted(value)) or "none", question_score(question, tuple(value)))
    score = question_score(question, value)
    if question.kind == "numeric":
        return Given("none" if score is None else f"{score:g}", score)
    return Given(str(value), score)


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
        _question_comparison(each, human.get(each.question.key), automatic.get(each.question.key))
        for each in compared(form, list(human.values()), list(automatic.values()))
        if each.question.key in human or each.question.key in automatic
    )
    verdicts = [each.agrees for each in questions if each.agrees is not None]
    agreed = sum(verdicts)
    share = agreed / len(verdicts) if verdicts else None
    return Comparison(questions, len(verdicts), agreed, share)


def _question_comparison(
    both: Compared, human: Mapping[str, Any] | None, automatic: Mapping[str, Any] | None
) -> QuestionComparison:
    key, one, other = both.question.key, both.human, both.machine
    if one is None or other is None:
        return QuestionComparison(key, human, automatic, None, None)
    if one.na or other.na:
        return QuestionComparison(key, human, automatic, one.na and other.na, None)
    difference = None if one.score is None or other.score is None else one.score - other.score
    same = difference == 0.0 if both.question.kind == "numeric" else one.name == other.name
    return QuestionComparison(key, human, automatic, same, difference)
