"""Response schemas of the report on calibration."""

from marshmallow import fields, validate

from qm.calibration.deviations import LEANINGS
from qm.reports.schemas import count_field
from scorecards.statistics.agreement import ZONES
from tenants.http.contract import AnswerSchema
from tenants.http.response_fields import Rounded

_SEVERE = "Points above (+) or below (-) the reference, below 0 severe."


class CalibrationRaterSeveritySchema(AnswerSchema):
    """How severe one rater of a session is; the machine is number 0."""

    number = fields.Integer(metadata={"description": "Its number in the session; 0 is the machine."})
    name = fields.String(metadata={"description": "Its name; of the provider's people none to a client's."})
    side = fields.String(metadata={"description": "provider, client or machine."})
    answered = count_field("Interactions it answered.")
    severity = Rounded(description=_SEVERE)
    severity_low = Rounded(description="Lower end of its 95 % interval.")
    severity_high = Rounded(description="Upper end of its 95 % interval.")
    leaning = fields.String(
        validate=validate.OneOf(LEANINGS), metadata={"description": "Which way, if more than chance shows."}
    )


class CalibrationSessionFiguresSchema(AnswerSchema):
    """How far the people of one session agree, and how the machine compares with them."""

    calibration = fields.UUID(metadata={"description": "Id of the session."})
    name = fields.String(metadata={"description": "Name of the session."})
    ended_at = fields.AwareDateTime(metadata={"description": "When it ended."})
    interactions = count_field("Interactions of the session.")
    people = count_field("People who take part.")
    n = count_field("Interactions that several answered.")
    percent = Rounded(description="Per cent of pairs of answers that are the same, mean over questions.")
    alpha = Rounded(3, "Krippendorff's alpha, mean over questions: 1 is perfect, 0 is chance.")
    alpha_low = Rounded(3, "Lower end of its 95 % interval.")
    alpha_high = Rounded(3, "Upper end of its 95 % interval.")
    zone = fields.String(
        allow_none=True,
        validate=validate.OneOf(tuple(ZONES)),
        metadata={"description": "What that allows to conclude."},
    )
    zone_note = fields.String(allow_none=True, metadata={"description": "The same in a sentence."})
    machine_severity = Rounded(description=f"Of the machine. {_SEVERE}")
    machine_low = Rounded(description="Lower end of its 95 % interval.")
    machine_high = Rounded(description="Upper end of its 95 % interval.")
    machine_leaning = fields.String(
        allow_none=True,
        validate=validate.OneOf(LEANINGS),
        metadata={"description": "Which way, if more than chance shows."},
    )
    suppressed = fields.Boolean(
        metadata={"description": "Kept back: fewer than five interactions could tell on people."}
    )


class CalibrationSessionRowSchema(CalibrationSessionFiguresSchema):
    """The same with each rater."""

    raters = fields.List(
        fields.Nested(CalibrationRaterSeveritySchema),
        metadata={"description": "Each rater, the machine too."},
    )


class DisputedQuestionSchema(AnswerSchema):
    """A question on which people differ, over the sessions of the period."""

    scorecard = fields.String()
    question = fields.String()
    text = fields.String(metadata={"description": "What is asked."})
    sessions = count_field("Sessions that asked it.")
    n = count_field("Interactions in which several answered it.")
    percent = Rounded(description="Per cent of pairs of answers that are the same.")


class CalibrationReportSchema(AnswerSchema):
    """How far people agree in the calibration sessions of a period."""

    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    finding = fields.String(
        metadata={"description": "What it comes to in a sentence, or what is missing and what to do."}
    )
    sessions = fields.List(
        fields.Nested(CalibrationSessionRowSchema),
        metadata={"description": "Sessions that ended in the period, the newest first, at most twelve."},
    )
    more_sessions = fields.Integer(metadata={"description": "Older ones of the period that are not shown."})
    disputed = fields.List(
        fields.Nested(DisputedQuestionSchema),
        metadata={"description": "Questions on which people differ most, at most ten."},
    )
    method_note = fields.String(metadata={"description": "What the numbers rest on."})
