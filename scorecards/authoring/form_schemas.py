"""Marshmallow schemas of a scorecard, used for validation and in the OpenAPI document."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, pre_load, validate

from scorecards.authoring import template_library
from scorecards.authoring.fields import (
    Number,
    StrictSchema,
    choice_field,
    groups_of,
    key_field,
    list_of,
    text_field,
)
from scorecards.definitions.conversation import CHANNELS
from scorecards.definitions.form import AREAS, KINDS, NOT_APPLICABLE, PILLARS, RULES
from tenants.http.strict_fields import Flag

SHARE = validate.Range(min=0, max=1, error="Expected a number from 0 to 1.")
WEIGHT = validate.Range(min=-1000, max=1000, error="Expected a weight of at most 1000.")
POINTS = validate.Range(min=0, max=1000, error="Expected 0 to 1000 points.")
PROGRAM_LENGTH = 200


class AppliesToSchema(StrictSchema):
    """The channels and programs a definition applies to; an empty list means all."""

    channels = list_of(choice_field(CHANNELS), len(CHANNELS), metadata={"example": ["chat", "email"]})
    programs = list_of(text_field(PROGRAM_LENGTH), 100, metadata={"example": ["billing"]})


class OptionSchema(StrictSchema):
    """One answer option of a question."""

    key = key_field(required=True, metadata={"example": "no"})
    label = text_field(200, metadata={"example": "No"})
    value = Number(
        allow_none=True,
        validate=SHARE,
        metadata={"description": "Question score in [0, 1]; null when the question is not scored."},
    )
    reasons = list_of(
        key_field(), 50, metadata={"description": "Root causes to choose from.", "example": ["too_late"]}
    )
    reason_required = Flag(metadata={"description": "Whether this answer needs a reason."})


class RangeBandSchema(StrictSchema):
    """A half-open range [from, to) of numbers and the question score it earns."""

    from_ = Number(data_key="from", attribute="from", allow_none=True, metadata={"example": 0})
    to = Number(allow_none=True, metadata={"description": "Not included; null for no end.", "example": 5})
    value = Number(required=True, validate=SHARE, metadata={"example": 1})


class CriticalSchema(StrictSchema):
    """What a critical answer does, and whose error it is."""

    rule = choice_field(
        RULES,
        required=True,
        metadata={"description": "fail_form: total 0; fail_section: section 0; flag: outcome 'fail' only."},
    )
    area = choice_field(AREAS, required=True, metadata={"example": "compliance"})
    options = list_of(
        key_field(), 50, metadata={"description": "Failing answers; 'no' by default.", "example": ["no"]}
    )


class ConditionSchema(StrictSchema):
    """A display condition of a question; every part that is given has to match."""

    question = key_field(metadata={"description": "An earlier question of the form."})
    options = list_of(
        key_field(), 50, metadata={"description": "Answers to that question.", "example": ["yes"]}
    )
    channels = list_of(choice_field(CHANNELS), len(CHANNELS), metadata={"example": ["voice"]})
    intents = list_of(text_field(200), 100, metadata={"example": ["complaint"]})


class QuestionSchema(StrictSchema):
    """One question of a section."""

    key = key_field(required=True, metadata={"example": "validates_feeling"})
    text = text_field(1000, required=True, metadata={"example": "Did the agent name the customer's feeling?"})
    kind = choice_field(KINDS, required=True, metadata={"description": "What an answer looks like."})
    weight = Number(
        validate=WEIGHT, metadata={"description": "Share of the section; 1 by default, 0 with a bonus."}
    )
    na_allowed = Flag(metadata={"description": "Whether N/A may be answered; false by default."})
    options = groups_of(
        OptionSchema, 50, metadata={"description": "Yes/no questions have theirs by default."}
    )
    bands = groups_of(RangeBandSchema, 50, metadata={"description": "Of a numeric question."})
    required = list_of(
        key_field(), 50, metadata={"description": "Of a multi question: what has to be selected."}
    )
    critical = fields.Nested(CriticalSchema, allow_none=True)
    bonus = Number(validate=POINTS, metadata={"description": "Points on the total for full marks."})
    show_when = fields.Nested(ConditionSchema, allow_none=True)
    help = text_field(
        4000, min_length=0, metadata={"description": "What a reviewer reads beside the question."}
    )
    examples = list_of(text_field(1000), 50, metadata={"description": "What a good answer sounds like."})
    auto = key_field(
        allow_none=True,
        metadata={
            "description": "Name of an automatic judgement; null for people only.",
            "example": "validates_feeling",
        },
    )


def _known_scorecard(name: str) -> None:
    _known(name, template_library.scorecards())


def _known_section(name: str) -> None:
    _known(name, template_library.sections())


def _known(name: str, templates: Mapping[str, Any]) -> None:
    validate.OneOf(tuple(templates), error="There is no template '{input}'; there are: {choices}.")(name)


class SectionSchema(StrictSchema):
    """A weighted group of questions."""

    template = text_field(
        130,
        check=_known_section,
        metadata={
            "description": "A ready-made section to start from; what is given here replaces its fields.",
            "example": "empathy/listen_validate",
        },
    )
    key = key_field(required=True, metadata={"example": "listen_validate"})
    name = text_field(200, metadata={"example": "Listen & Validate"})
    pillar = choice_field(
        PILLARS, allow_none=True, metadata={"description": "The empathy pillar it measures."}
    )
    weight = Number(validate=WEIGHT, metadata={"description": "Share of the total; 1 by default."})
    questions = groups_of(QuestionSchema, 100)

    @pre_load
    def expand(self, body: Any, **_: Any) -> Any:
        """Merge the section over the template it names."""
        return template_library.expand_section(body) if isinstance(body, Mapping) else body


class BandSchema(StrictSchema):
    """A name for the totals from a threshold up."""

    name = text_field(100, required=True, metadata={"example": "Good"})
    from_ = Number(data_key="from", attribute="from", required=True, metadata={"example": 70})


class ScorecardSchema(StrictSchema):
    """A scorecard: sections of questions, and how answers become a score."""

    template = text_field(
        64,
        check=_known_scorecard,
        metadata={
            "description": "A ready-made scorecard to start from; what is given here replaces its fields.",
            "example": "empathy",
        },
    )
    key = key_field(metadata={"description": "Unique among the client's scorecards.", "example": "empathy"})
    name = text_field(200, metadata={"example": "Empathy"})
    applies_to = fields.Nested(AppliesToSchema)
    not_applicable = choice_field(
        NOT_APPLICABLE,
        metadata={"description": "exclude (default): N/A is left out; pass: N/A earns full marks."},
    )
    maximum = Number(metadata={"description": "Most points with bonus, 100 to 1000; 100 by default."})
    pass_mark = Number(allow_none=True, metadata={"description": "Points from which the outcome is 'pass'."})
    bands = groups_of(BandSchema, 20)
    sections = groups_of(SectionSchema, 50)

    @pre_load
    def expand(self, body: Any, **_: Any) -> Any:
        """Merge the scorecard over the template it names."""
        return (
            template_library.expand(body, template_library.scorecards())
            if isinstance(body, Mapping)
            else body
        )
