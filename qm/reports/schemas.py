"""Response schemas of reports; figures are rounded here and nowhere else."""

from typing import Any

from marshmallow import Schema, fields, validate

from qm.reports.empathy_report import NOT_MEASURED
from qm.reports.report_request import GROUPINGS

STATUSES = ("verified", "too_few_reviews", "unverified")


class Rounded(fields.Float):
    """A float rounded to some decimal places, one by default; never minus zero."""

    def __init__(self, places: int = 1, description: str = "", **kwargs: Any) -> None:
        """Set the decimal places and the description."""
        self.places = places
        super().__init__(
            allow_none=True, metadata={"description": description} if description else {}, **kwargs
        )

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> float | None:  # noqa: ARG002
        return None if value is None else round(float(value), self.places) + 0.0


def count_field(description: str) -> fields.Integer:
    """Return the field of a count; null if it is suppressed."""
    return fields.Integer(allow_none=True, metadata={"description": description})


def _status() -> fields.String:
    return fields.String(
        validate=validate.OneOf(STATUSES),
        metadata={
            "description": "verified: by people; too_few_reviews: no number yet; unverified: machine only."
        },
    )


def _suppressed() -> fields.Boolean:
    return fields.Boolean(
        metadata={"description": "Kept back: fewer than five interactions could tell on people."}
    )


class ReportIntervalSchema(Schema):
    """An estimate with its 95 % confidence interval, from 0 to 100."""

    estimate = Rounded()
    low = Rounded()
    high = Rounded()


class EmpathyEstimateSchema(ReportIntervalSchema):
    """The estimated mean that reviewers would give to all interactions."""

    method = fields.String(validate=validate.OneOf(("difference", "human_only", "machine_only")))
    lambda_ = Rounded(2, "Weight of the machine's scores; 0 is the human-only estimate.", data_key="lambda")
    effective_n = Rounded(0, "Reviews a human-only estimate would need for the same precision.")
    human_only = fields.Nested(ReportIntervalSchema)
    machine_only = Rounded(description="Mean of the machine's scores of all interactions.")
    status = _status()


class PillarFigureSchema(ReportIntervalSchema):
    """One of the four pillars of empathy."""

    key = fields.String()
    name = fields.String()
    machine_only = Rounded()
    status = fields.String(
        validate=validate.OneOf((*STATUSES, NOT_MEASURED)),
        metadata={"description": "As of empathy; not_asked: no scorecard of the period asks about it."},
    )


class EmpathyRowSchema(ReportIntervalSchema):
    """Empathy of one group, from its own reviews."""

    interactions = count_field("Interactions that began in the period.")
    scored = count_field("Those the machine has scored.")
    reviewed = count_field("Those people reviewed, drawn by chance.")
    machine_only = Rounded()
    status = _status()
    suppressed = _suppressed()


class SlaFigureSchema(Schema):
    """Clocks met and breached."""

    met = count_field("Clocks that stopped in time.")
    breached = count_field("Clocks that stopped late or run past due.")
    past_due = count_field("Those of the breached that still run.")
    running = count_field("Clocks that run with time left; not in the compliance.")
    compliance = Rounded(description="met / (met + breached), per cent.")
    low = Rounded(description="Lower end of the Wilson 95 % interval, per cent.")
    high = Rounded(description="Upper end of the Wilson 95 % interval, per cent.")
    goal = Rounded(description="Share to be met by the SLA policy in force, per cent.")
    gap = Rounded(description="compliance minus goal, in points.")
    suppressed = _suppressed()


class SlaTargetSchema(SlaFigureSchema):
    """SLA compliance of one target on one channel at one priority."""

    channel = fields.String()
    priority = fields.String()
    target = fields.String()


class FiguresSchema(Schema):
    """The descriptive figures of a period or group."""

    interactions = count_field("Interactions that began in the period.")
    scored = count_field("Those the machine has scored.")
    reviewed = count_field("Those people reviewed, drawn by chance.")
    scored_share = Rounded(description="Per cent of the interactions.")
    reviewed_share = Rounded(description="Per cent of the interactions.")
    sentiment_shift = Rounded(2, "Mean of customer sentiment at the end minus at the start, from -2 to 2.")
    recovery_rate = Rounded(description="Per cent of those that start below zero and end at or above it.")
    charged_share = Rounded(description="Per cent of the scored that were emotionally charged.")
    score_mean = Rounded(description="Mean scorecard score by the machine, points of 100.")
    pass_share = Rounded(description="Per cent of the interactions with a score.")


class ComparedSchema(FiguresSchema):
    """The figures that are compared with the previous period."""

    empathy = Rounded(description="The estimate, points of 100.")
    sla_compliance = Rounded(description="Per cent of the clocks.")


class PreviousPeriodSchema(ComparedSchema):
    """The same figures of the previous period of the same length."""

    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    status = _status()


class OverviewRowSchema(FiguresSchema):
    """The figures of one group."""

    empathy = Rounded()
    empathy_low = Rounded()
    empathy_high = Rounded()
    status = _status()
    suppressed = _suppressed()


def _row_schema(base: type[Schema], name: str, key: str, description: str) -> type[Schema]:
    """Return the schema of a row that begins with the name of its group."""
    return type(
        name,
        (base,),
        {
            "__doc__": base.__doc__,
            "__module__": __name__,
            key: fields.String(required=True, metadata={"description": description}),
        },
    )


_PERIOD = ("period", "2026-07-01, 2026-W27 or 2026-07.")
_VALUE = ("value", "The channel, program, queue or agent; empty: not known.")
EmpathyPeriodSchema = _row_schema(EmpathyRowSchema, "EmpathyPeriodSchema", *_PERIOD)
EmpathyGroupSchema = _row_schema(EmpathyRowSchema, "EmpathyGroupSchema", *_VALUE)
SlaPeriodSchema = _row_schema(SlaFigureSchema, "SlaPeriodSchema", *_PERIOD)
SlaGroupSchema = _row_schema(SlaFigureSchema, "SlaGroupSchema", *_VALUE)
OverviewPeriodSchema = _row_schema(OverviewRowSchema, "OverviewPeriodSchema", *_PERIOD)
OverviewGroupSchema = _row_schema(OverviewRowSchema, "OverviewGroupSchema", *_VALUE)


class _Heading(Schema):
    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    group_by = fields.String(validate=validate.OneOf(GROUPINGS))
    suppressed = _suppressed()
    method_note = fields.String(metadata={"description": "What the numbers rest on."})


class EmpathyReportSchema(_Heading):
    """The empathy estimate with its interval, its pillars and the sizes of its samples."""

    interactions = count_field("Interactions that began in the period.")
    reviewed = count_field("Those people reviewed, drawn by chance.")
    scored = count_field("Those the machine has scored.")
    empathy = fields.Nested(EmpathyEstimateSchema)
    pillars = fields.List(fields.Nested(PillarFigureSchema))
    series = fields.List(fields.Nested(EmpathyPeriodSchema))
    groups = fields.List(fields.Nested(EmpathyGroupSchema))


class SlaReportSchema(_Heading, SlaFigureSchema):
    """SLA compliance against the goals of the policy."""

    targets = fields.List(fields.Nested(SlaTargetSchema))
    series = fields.List(fields.Nested(SlaPeriodSchema))
    groups = fields.List(fields.Nested(SlaGroupSchema))


class OverviewReportSchema(_Heading, FiguresSchema):
    """The overview of a period."""

    finding = fields.String(metadata={"description": "What the period shows, in one sentence."})
    empathy = fields.Nested(EmpathyEstimateSchema)
    sla = fields.Nested(SlaFigureSchema)
    previous = fields.Nested(PreviousPeriodSchema)
    change = fields.Nested(
        ComparedSchema, metadata={"description": "This period minus the one before; null where unknown."}
    )
    series = fields.List(fields.Nested(OverviewPeriodSchema))
    groups = fields.List(fields.Nested(OverviewGroupSchema))
