"""Arguments and response schemas of the report on outcomes."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from qm.friction.models import OUTCOMES
from qm.reports.arguments import Day, UngroupedArguments
from qm.reports.outcomes_report import Programme
from qm.reports.schemas import count_field
from tenants.http.contract import AnswerSchema
from tenants.http.response_fields import Rounded
from tenants.http.validation_messages import SchemaMessage

_MAX_VALUE = 1_000_000_000


class OutcomesArguments(UngroupedArguments):
    """Period, filters and format, and a programme to compare before and after."""

    programme_on = Day(
        metadata={
            "description": "First day of a programme, in the period: before it is compared with after. The "
            "days before begin with the previous period.",
            "example": "2026-07-13",
        }
    )
    value_of = fields.String(
        validate=validate.OneOf(OUTCOMES),
        metadata={"description": "Which outcome `value_per_point` is of; csat unless given."},
    )
    value_per_point = fields.Float(
        validate=validate.Range(0, _MAX_VALUE),
        metadata={"description": "What one point of one answer is worth to the client, in any currency."},
    )

    @validates_schema(skip_on_field_errors=False)
    def check_programme(self, data: Mapping[str, Any], **_: Any) -> None:
        """Check that a value comes with the day of a programme."""
        for name in ("value_of", "value_per_point"):
            if name in data and "programme_on" not in data:
                fault = SchemaMessage("needs_programme_on", "Say since when the programme runs, too.")
                raise ValidationError({name: [fault]})


def programme_from_arguments(arguments: Mapping[str, Any]) -> Programme | None:
    """Return the programme of the arguments, if there is one."""
    on = arguments.get("programme_on")
    if on is None:
        return None
    return Programme(on, arguments.get("value_of", "csat"), arguments.get("value_per_point"))


class OutcomeMeasureSchema(AnswerSchema):
    """An outcome: how good it is, how it goes with empathy, and how it was before and after a programme."""

    measure = fields.String(
        validate=validate.OneOf(OUTCOMES),
        metadata={
            "description": "csat: mean of 1 to 5; nps: promoters minus detractors, from -100 to 100; "
            "first_contact, reopened: per cent."
        },
    )
    answered = count_field("Interactions of which it is known.")
    estimate = Rounded(2, "The outcome in the period.")
    low = Rounded(2, "Lower end of its 95 % interval.")
    high = Rounded(2, "Upper end of its 95 % interval.")
    compared = count_field("Of those, with an empathy score and others alike to compare with.")
    groups = count_field("Groups of interactions that are alike.")
    per_10_points = Rounded(2, "So much higher it is where empathy is 10 points higher, among alike ones.")
    per_10_low = Rounded(2, "Lower end of its 95 % interval.")
    per_10_high = Rounded(2, "Upper end of its 95 % interval.")
    before = Rounded(2, "The outcome before the programme.")
    after = Rounded(2, "The outcome from its first day on.")
    difference = Rounded(2, "After minus before among alike interactions, in the mixture of after.")
    difference_low = Rounded(2, "Lower end of its 95 % interval.")
    difference_high = Rounded(2, "Upper end of its 95 % interval.")
    suppressed = fields.Boolean(
        metadata={"description": "Kept back: fewer than five interactions could tell on people."}
    )


class ProgrammeSchema(AnswerSchema):
    """What a programme goes with, in money."""

    on = fields.Date(metadata={"description": "Its first day."})
    measure = fields.String(
        validate=validate.OneOf(OUTCOMES), metadata={"description": "The outcome that is valued."}
    )
    value_per_point = fields.Float(
        allow_none=True, metadata={"description": "As it was given: the worth of one point of one answer."}
    )
    answers_after = count_field("Answers from its first day on.")
    value = Rounded(2, "The difference times these answers times the value of a point.")
    value_low = Rounded(2, "The same at the lower end of the interval.")
    value_high = Rounded(2, "The same at the upper end of the interval.")


class OutcomesReportSchema(AnswerSchema):
    """What came of interactions, and how that goes with empathy."""

    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    interactions = count_field("Interactions that the machine has scored.")
    measures = fields.List(
        fields.Nested(OutcomeMeasureSchema), metadata={"description": "One entry for each outcome."}
    )
    programme = fields.Nested(
        ProgrammeSchema,
        allow_none=True,
        metadata={"description": "Null where no programme was asked for."},
    )
    method_note = fields.String(metadata={"description": "What the numbers rest on."})
