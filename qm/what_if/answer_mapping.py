"""Which stored answers another version of a scorecard can still use, and their score under it (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass

from scorecards.definitions.form import Form, Question, Value
from scorecards.scoring.scoring import FormScore, question_score, score

REASONS: Mapping[str, str] = {
    "new": "the question did not exist when the evaluation was made",
    "kind_changed": "it was another kind of question",
    "options_changed": "it had other options to choose from",
    "other_judgement": "the machine answered it by another judgement",
    "not_asked": "it was not asked of this interaction then",
    "na_not_allowed": "the answer was N/A, which is no longer allowed",
    "no_range": "the number lies in none of the ranges",
}
_NEVER_SCORED = frozenset({"date", "text"})


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What is needed of a stored answer: its value, or that it was N/A."""

    value: Value
    na: bool


@dataclass(frozen=True, slots=True)
class Rescored:
    """A score under another form, and why each question that was shown had no usable answer."""

    score: FormScore
    missing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FormMapping:
    """The way from the form that was answered to another one, for the answers of one kind of judge.

    `closed` names the questions no stored answer can serve, each with its reason (see `REASONS`).
    """

    earlier: Form
    form: Form
    automatic: bool
    unusable: Mapping[str, str]

    @classmethod
    def between(cls, earlier: Form, form: Form, *, automatic: bool) -> "FormMapping":
        """Find the questions that are new, of another kind, with other options, or judged otherwise."""
        found = {
            key: incompatibility(earlier.questions.get(key), question, automatic=automatic)
            for key, question in form.questions.items()
            if question.kind not in _NEVER_SCORED
        }
        return cls(earlier, form, automatic, {key: reason for key, reason in found.items() if reason})

    @property
    def reworded(self) -> tuple[str, ...]:
        """Keys of the questions whose answers are used although their text has changed."""
        before = self.earlier.questions
        return tuple(
            key
            for key, question in self.form.questions.items()
            if key in before and key not in self.unusable and question.text != before[key].text
        )

    @property
    def removed(self) -> tuple[str, ...]:
        """Keys of the questions that are no longer asked."""
        return tuple(key for key in self.earlier.questions if key not in self.form.questions)


def incompatibility(earlier: Question | None, now: Question, *, automatic: bool) -> str | None:
    """Return why answers to a question as it was do not answer it as it is; None when they do.

    Weights, option values, ranges, what a multi question requires, critical rules and conditions may
    all differ: they say what an answer counts, not what was asked.

    Examples
    --------
    >>> was = Question("hears", "Heard?", "yes_no")
    >>> why_not(was, Question("hears", "Heard?", "yes_no", weight=3), automatic=False)
    >>> why_not(was, Question("hears", "Heard?", "scale"), automatic=False)
    'kind_changed'
    """
    if earlier is None:
        return "new"
    if earlier.kind != now.kind:
        return "kind_changed"
    if {option.key for option in earlier.options} != {option.key for option in now.options}:
        return "options_changed"
    if automatic and earlier.auto != now.auto:
        return "other_judgement"
    return None


def rescored(
    crossing: FormMapping, answers: Mapping[str, StoredAnswer], *, channel: str | None, intent: str | None
) -> Rescored:
    """Score stored answers under the other form.

    Parameters
    ----------
    crossing : Crossing
        From the form the answers were given to.
    answers : mapping of str to Kept
        The stored answers by question; an abstained one has the value None and is left out, as before.
    channel, intent : str or None
        What decides, besides earlier answers, which questions are shown.

    Returns
    -------
    Rescored
        A question without a usable answer is left out of the score as if it had no weight, and is named
        in `missing` if it would have been shown. With two equal forms nothing is missing but what was
        never answered, and the score is the one the answers had.

    Examples
    --------
    >>> def one(**more):
    ...     question = {"key": "hears", "text": "Heard?", "kind": "yes_no", **more}
    ...     return Form.from_body({"sections": [{"key": "care", "questions": [question]}]})
    >>> halved = one(options=[{"key": "no", "value": 0.5}])
    >>> way = Crossing.between(one(), halved, automatic=False)
    >>> rescored(way, {"hears": Kept("no", na=False)}, channel=None, intent=None).score.total
    50.0
    """
    usable: dict[str, StoredAnswer] = {}
    missing: dict[str, str] = {}
    for key, question in crossing.form.questions.items():
        answer = answers.get(key)
        reason = crossing.unusable.get(key) or _reason(crossing, question, answer)
        if reason is not None:
            missing[key] = reason
        elif answer is not None:
            usable[key] = answer
    result = score(crossing.form, usable, channel=channel, intent=intent)
    return Rescored(result, {key: missing[key] for key in result.shown if key in missing})


def _reason(crossing: FormMapping, question: Question, answer: StoredAnswer | None) -> str | None:
    """Return why this one answer cannot serve a question that is otherwise open."""
    if question.kind in _NEVER_SCORED:
        return None
    if answer is None:
        # What the machine is not asked, it does not answer now or then.
        return None if crossing.automatic and question.auto is None else "not_asked"
    before = crossing.earlier.questions[question.key]
    if answer.na:
        return "na_not_allowed" if before.na_allowed and not question.na_allowed else None
    if question.kind == "numeric" and question.scored and answer.value is not None:
        lost = question_score(before, answer.value) is not None
        return "no_range" if lost and question_score(question, answer.value) is None else None
    return None
