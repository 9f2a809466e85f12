"""Response schemas of the sentiment report."""

from marshmallow import fields, validate

from qm.reports.report_request import GROUPINGS
from qm.reports.schemas import count_field
from tenants.http.contract import AnswerSchema
from tenants.http.response_fields import Rounded


class SentimentFiguresSchema(AnswerSchema):
    """Customers' feelings at the beginning and at the end, as the machine reads them."""

    interactions = count_field("Interactions that the machine has scored.")
    measured = count_field("Those in which the customer spoke at least twice.")
    start = Rounded(2, "Mean feeling over the first third of a customer's turns, from -1 to 1.")
    end = Rounded(2, "Mean feeling over the last third of a customer's turns, from -1 to 1.")
    shift = Rounded(2, "Mean of end minus start, from -2 to 2.")
    low = Rounded(2, "Lower end of the 95 % interval of the shift.")
    high = Rounded(2, "Upper end of the 95 % interval of the shift.")
    recovery_rate = Rounded(description="Per cent of those that start below zero and end at or above it.")
    recovery_low = Rounded(description="Lower end of its Wilson 95 % interval.")
    recovery_high = Rounded(description="Upper end of its Wilson 95 % interval.")
    charged_share = Rounded(description="Per cent of the interactions that were emotionally charged.")
    suppressed = fields.Boolean(
        metadata={"description": "Kept back: fewer than five interactions could tell on people."}
    )


class SentimentReasonSchema(SentimentFiguresSchema):
    """The feelings of those who came for one reason."""

    reason = fields.String(
        allow_none=True, metadata={"description": "The intent they were pushed with; null: without one."}
    )


class SentimentPeriodSchema(SentimentFiguresSchema):
    """A day, week or month."""

    period = fields.String(metadata={"description": "Such as 2026-07-01, 2026-W28 or 2026-07."})


class SentimentGroupSchema(SentimentFiguresSchema):
    """A group."""

    value = fields.String()


class SentimentReportSchema(SentimentFiguresSchema):
    """The feelings of a period, by contact reason and by group."""

    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    group_by = fields.String(validate=validate.OneOf(GROUPINGS))
    reasons = fields.List(
        fields.Nested(SentimentReasonSchema),
        metadata={"description": "The largest first."},
    )
    series = fields.List(fields.Nested(SentimentPeriodSchema))
    groups = fields.List(fields.Nested(SentimentGroupSchema))
    method_note = fields.String(metadata={"description": "What the numbers rest on."})
