"""Maps stored answers to another version of a scorecard, and scores them under it (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass

from scorecards.definitions.form import Form, Question, Value
from scorecards.scoring.scoring import FormScore, automatic_score, question_score, score

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
    """The value of a stored answer, or that it was N/A."""

    value: Value
    na: bool


@dataclass(frozen=True, slots=True)
class Rescored:
    """A score under another form, and why each applicable question without a usable answer has none."""

    score: FormScore
    missing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FormMapping:
    """The mapping from the form that was answered to another one, for automatic or for human answers.

    `unusable` holds the questions that no stored answer fits, each with its reason (see `REASONS`).
    """

    earlier: Form
    form: Form
    automatic: bool
    unusable: Mapping[str, str]

    @classmethod
    def between(cls, earlier: Form, form: Form, *, automatic: bool) -> "FormMapping":
        """Build the mapping; questions that are new or incompatible become unusable."""
        reasons = {
            key: incompatibility(earlier.questions.get(key), question, automatic=automatic)
            for key, question in form.questions.items()
            if question.kind not in _NEVER_SCORED
        }
        return cls(earlier, form, automatic, {key: reason for key, reason in reasons.items() if reason})

    @property
    def reworded(self) -> tuple[str, ...]:
        """Keys of the questions whose answers are mapped although their text has changed."""
        before = self.earlier.questions
        return tuple(
            key
            for key, question in self.form.questions.items()
            if key in before and key not in self.unusable and question.text != before[key].text
        )

    @property
    def removed(self) -> tuple[str, ...]:
        """Keys of the questions that are not on the other form."""
        return tuple(key for key in self.earlier.questions if key not in self.form.questions)


def incompatibility(earlier: Question | None, now: Question, *, automatic: bool) -> str | None:
    """Return why answers to an earlier version of a question do not fit this one; None if they do.

    Weights, option values, ranges, required selections, critical rules and conditions may all differ: they
    affect the score of an answer, not its meaning.

    Examples
    --------
    >>> was = Question("hears", "Heard?", "yes_no")
    >>> incompatibility(was, Question("hears", "Heard?", "yes_no", weight=3), automatic=False)
    >>> incompatibility(was, Question("hears", "Heard?", "scale"), automatic=False)
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


def rescore_answers(
    mapping: FormMapping, answers: Mapping[str, StoredAnswer], *, channel: str | None, intent: str | None
) -> Rescored:
    """Score stored answers under the other form.

    Parameters
    ----------
    mapping : FormMapping
        From the form that was answered to the other form.
    answers : mapping of str to StoredAnswer
        The stored answers by question; an abstained one has the value None and is left out, as before.
    channel, intent : str or None
        Attributes that decide, besides earlier answers, which questions apply.

    Returns
    -------
    Rescored
        A question without a usable answer is left out of the score as if it had no weight, and is in
        `missing` if it applies. With two equal forms only unanswered questions are missing, and the score
        is that of the stored evaluation.

    Examples
    --------
    >>> def one(**more):
    ...     question = {"key": "hears", "text": "Heard?", "kind": "yes_no", **more}
    ...     return Form.from_body({"sections": [{"key": "care", "questions": [question]}]})
    >>> halved = one(options=[{"key": "no", "value": 0.5}])
    >>> mapping = FormMapping.between(one(), halved, automatic=False)
    >>> answers = {"hears": StoredAnswer("no", na=False)}
    >>> rescore_answers(mapping, answers, channel=None, intent=None).score.total
    50.0
    """
    usable: dict[str, StoredAnswer] = {}
    missing: dict[str, str] = {}
    for key, question in mapping.form.questions.items():
        answer = answers.get(key)
        reason = mapping.unusable.get(key) or _unusable_reason(mapping, question, answer)
        if reason is not None:
            missing[key] = reason
        elif answer is not None:
            usable[key] = answer
    scored = automatic_score if mapping.automatic else score
    result = scored(mapping.form, usable, channel=channel, intent=intent)
    return Rescored(result, {key: missing[key] for key in result.shown if key in missing})


def _unusable_reason(mapping: FormMapping, question: Question, answer: StoredAnswer | None) -> str | None:
    """Return why this answer cannot be used for a question whose versions are compatible."""
    if question.kind in _NEVER_SCORED:
        return None
    if answer is None:
        # Automatic scoring never answers questions without a rule or model, before or after.
        return None if mapping.automatic and question.auto is None else "not_asked"
    before = mapping.earlier.questions[question.key]
    if answer.na:
        return "na_not_allowed" if before.na_allowed and not question.na_allowed else None
    if question.kind == "numeric" and question.scored and answer.value is not None:
        lost = question_score(before, answer.value) is not None
        return "no_range" if lost and question_score(question, answer.value) is None else None
    return None
