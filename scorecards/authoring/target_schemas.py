"""Marshmallow schemas of quality targets."""

from scorecards.authoring.fields import Number, StrictSchema, choice_field, groups_of, text_field
from scorecards.definitions.quality_targets import MEASURES

_DAY = 10


class QualityTargetSchema(StrictSchema):
    """What one measure has to reach, and on which days."""

    measure = choice_field(
        MEASURES,
        required=True,
        metadata={
            "description": "What is measured. SLA promises have the goals of their own policy.",
            "example": "empathy",
        },
    )
    goal = Number(
        required=True,
        metadata={
            "description": "At least so much, from 0 to 100, of `csat` from 1 to 5; of a `critical_` rate at "
            "most so much.",
            "example": 75,
        },
    )
    from_ = text_field(
        _DAY,
        data_key="from",
        attribute="from",
        allow_none=True,
        metadata={"description": "First day it holds on; always when left out.", "example": "2026-07-01"},
    )
    until = text_field(
        _DAY,
        allow_none=True,
        metadata={
            "description": "Last day it holds on; no end when left out.",
            "example": "2026-12-31",
        },
    )


class QualityTargetsSchema(StrictSchema):
    """What a client's figures have to reach."""

    targets = groups_of(QualityTargetSchema, 100, required=True)
