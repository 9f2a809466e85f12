"""A scorecard as a form: sections, questions, options, critical rules and the answers to them (pure)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scorecards.definitions.applicability import EVERYTHING, AppliesTo
from scorecards.definitions.question_conditions import Condition, Critical
from tenants.http.faults import Fault, Invalid

PILLARS = ("listen_validate", "acknowledge_own", "resolve_personalize", "follow_up_reassure")
KINDS = ("yes_no", "scale", "numeric", "single", "multi", "date", "text")
OPTION_KINDS = ("yes_no", "scale", "single", "multi")
RULES = ("fail_form", "fail_section", "flag")
AREAS = ("customer", "business", "compliance")
NOT_APPLICABLE = ("exclude", "pass")

_YES_NO: tuple[Mapping[str, Any], ...] = (
    {"key": "yes", "label": "Yes", "value": 1},
    {"key": "no", "label": "No", "value": 0},
)


@dataclass(frozen=True, slots=True)
class Option:
    """One answer option; `value` in [0, 1] is its question score, None when it is not scored."""

    key: str
    label: str
    value: float | None = None
    reasons: tuple[str, ...] = ()
    reason_required: bool = False


@dataclass(frozen=True, slots=True)
class RangeBand:
    """A half-open range [start, end) of numbers and its question score; None is an open end."""

    start: float | None
    end: float | None
    value: float

    def holds(self, number: float) -> bool:
        """Tell whether the number lies in the range."""
        return (self.start is None or self.start <= number) and (self.end is None or number < self.end)


@dataclass(frozen=True, slots=True)
class Band:
    """A named band of totals that starts at `threshold` points."""

    name: str
    threshold: float


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `by_key`, `values` and `scored` are derived once, because scoring is a hot path."""

    key: str
    text: str
    kind: str
    weight: float = 1.0
    na_allowed: bool = False
    options: tuple[Option, ...] = ()
    ranges: tuple[RangeBand, ...] = ()
    required: frozenset[str] = frozenset()
    critical: Critical | None = None
    bonus: float = 0.0
    show_when: Condition | None = None
    help: str = ""
    examples: tuple[str, ...] = ()
    auto: str | None = None
    by_key: Mapping[str, Option] = field(init=False, repr=False, compare=False)
    values: Mapping[str, float] = field(init=False, repr=False, compare=False)
    scored: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Derive the score of each option and whether the question is scored at all."""
        values = {option.key: option.value for option in self.options if option.value is not None}
        by_kind = {"numeric": bool(self.ranges), "multi": bool(self.required), "date": False, "text": False}
        object.__setattr__(self, "by_key", {option.key: option for option in reversed(self.options)})
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "scored", by_kind.get(self.kind, bool(values)))

    def option(self, key: object) -> Option | None:
        """Return the option with this key, or None."""
        return self.by_key.get(key) if isinstance(key, str) else None


@dataclass(frozen=True, slots=True)
class Section:
    """A weighted group of questions; `pillar` names the empathy pillar it measures, if any."""

    key: str
    name: str
    weight: float = 1.0
    pillar: str | None = None
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """One version of a scorecard; `questions` is every question in order, `bands` highest first."""

    key: str
    name: str
    applies_to: AppliesTo = EVERYTHING
    not_applicable: str = "exclude"
    maximum: float = 100.0
    pass_mark: float | None = None
    bands: tuple[Band, ...] = ()
    sections: tuple[Section, ...] = ()
    questions: Mapping[str, Question] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the questions by key, in the order they are asked."""
        by_key = {question.key: question for section in self.sections for question in section.questions}
        object.__setattr__(self, "questions", by_key)

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> "Form":
        """Build from a validated scorecard body whose templates are expanded."""
        mark = body.get("pass_mark")
        bands = [Band(each["name"], float(each["from"])) for each in body.get("bands") or ()]
        return cls(
            key=body.get("key") or "",
            name=body.get("name") or body.get("key") or "",
            applies_to=AppliesTo.from_body(body.get("applies_to")),
            not_applicable=body.get("not_applicable") or "exclude",
            maximum=float(body.get("maximum", 100)),
            pass_mark=None if mark is None else float(mark),
            bands=tuple(sorted(bands, key=lambda band: -band.threshold)),
            sections=tuple(_section(each) for each in body.get("sections") or ()),
        )


def _section(body: Mapping[str, Any]) -> Section:
    return Section(
        key=body["key"],
        name=body.get("name") or body["key"],
        weight=float(body.get("weight", 1)),
        pillar=body.get("pillar"),
        questions=tuple(question_from_body(each) for each in body.get("questions") or ()),
    )


def question_from_body(body: Mapping[str, Any]) -> Question:
    """Build one question from its part of a scorecard body."""
    bonus = float(body.get("bonus", 0))
    return Question(
        key=body["key"],
        text=body["text"],
        kind=body["kind"],
        weight=float(body.get("weight", 0 if bonus else 1)),
        na_allowed=bool(body.get("na_allowed", False)),
        options=tuple(_option(each) for each in _option_bodies(body)),
        ranges=tuple(
            RangeBand(each.get("from"), each.get("to"), float(each["value"]))
            for each in body.get("bands") or ()
        ),
        required=frozenset(body.get("required") or ()),
        critical=Critical.from_body(body),
        bonus=bonus,
        show_when=Condition.from_body(body.get("show_when")),
        help=body.get("help") or "",
        examples=tuple(body.get("examples") or ()),
        auto=body.get("auto"),
    )


def _option_bodies(body: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Return the options of a question; those of a yes/no question are merged over the two defaults."""
    given = body.get("options") or ()
    if body["kind"] != "yes_no":
        return given
    by_key = {each["key"]: each for each in given}
    return [{**default, **by_key.get(default["key"], {})} for default in _YES_NO]


def _option(body: Mapping[str, Any]) -> Option:
    value = body.get("value")
    return Option(
        key=body["key"],
        label=body.get("label") or body["key"],
        value=None if value is None else float(value),
        reasons=tuple(body.get("reasons") or ()),
        reason_required=bool(body.get("reason_required", False)),
    )


@dataclass(frozen=True, slots=True)
class Span:
    """A span of a conversation: characters [start, end) of a turn, or the whole turn without them."""

    turn: int
    start: int | None = None
    end: int | None = None

    def to_json(self) -> dict[str, int]:
        """Return the span as JSON."""
        if self.start is None or self.end is None:
            return {"turn": self.turn}
        return {"turn": self.turn, "start": self.start, "end": self.end}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Span":
        """Read a span from JSON."""
        return cls(body["turn"], body.get("start"), body.get("end"))


Value = str | float | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question: an option key, a number, several keys, a date or text."""

    question: str
    value: Value = None
    na: bool = False
    reasons: tuple[str, ...] = ()
    note: str = ""
    evidence: tuple[Span, ...] = ()

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Answer":
        """Read an answer from JSON; fields of automatic answers are ignored."""
        value = body.get("value")
        return cls(
            question=body["question"],
            value=tuple(value) if isinstance(value, list | tuple) else value,
            na=bool(body.get("na", False)),
            reasons=tuple(body.get("reasons") or ()),
            note=body.get("note") or "",
            evidence=tuple(Span.from_json(each) for each in body.get("evidence") or ()),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the answer as JSON."""
        return {
            "question": self.question,
            "value": list(self.value) if isinstance(self.value, tuple) else self.value,
            "na": self.na,
            "reasons": list(self.reasons),
            "note": self.note,
            "evidence": [span.to_json() for span in self.evidence],
        }


def read_answers(bodies: Iterable[Mapping[str, Any]]) -> dict[str, Answer]:
    """Read answers into a mapping by question, in their order; raise Invalid on a duplicate."""
    answers: dict[str, Answer] = {}
    faults: list[Fault] = []
    for index, body in enumerate(bodies):
        answer = Answer.from_json(body)
        if answer.question in answers:
            faults.append(
                Fault(f"/{index}/question", "duplicate_answer", f"'{answer.question}' is answered twice.")
            )
        answers[answer.question] = answer
    if faults:
        raise Invalid(faults)
    return answers
