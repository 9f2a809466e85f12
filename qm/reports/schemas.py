"""The contract of reports. Numbers are rounded here and nowhere before."""

from typing import Any

from marshmallow import Schema, fields, validate

from qm.reports.empathy import NOT_ASKED
from qm.reports.request import GROUPINGS

STATUSES = ("verified", "too_few_reviews", "unverified")


class Rounded(fields.Float):
    """A number as people read it: to one place, and never minus zero."""

    def __init__(self, places: int = 1, description: str = "", **kwargs: Any) -> None:
        """Keep the places and say what the number is."""
        self.places = places
        super().__init__(
            allow_none=True, metadata={"description": description} if description else {}, **kwargs
        )

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> float | None:  # noqa: ARG002
        return None if value is None else round(float(value), self.places) + 0.0


def count(description: str) -> fields.Integer:
    """Return the field of a count; null when it is kept back."""
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
    """An estimate with its 95 % interval, in points of 100."""

    estimate = Rounded()
    low = Rounded()
    high = Rounded()


class EmpathyEstimateSchema(ReportIntervalSchema):
    """What human reviewers would say of every interaction."""

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
        validate=validate.OneOf((*STATUSES, NOT_ASKED)),
        metadata={"description": "As of empathy; not_asked: no scorecard of the period asks about it."},
    )


class EmpathyRowSchema(ReportIntervalSchema):
    """Empathy of one group, from its own reviews."""

    interactions = count("Interactions that began in the period.")
    scored = count("Those the machine has scored.")
    reviewed = count("Those people reviewed, drawn by chance.")
    machine_only = Rounded()
    status = _status()
    suppressed = _suppressed()


class SlaFigureSchema(Schema):
    """Clocks met and breached."""

    met = count("Clocks that stopped in time.")
    breached = count("Clocks that stopped late or run past due.")
    past_due = count("Those of the breached that still run.")
    running = count("Clocks that run with time left; not in the compliance.")
    compliance = Rounded(description="met / (met + breached), per cent.")
    low = Rounded(description="Lower end of the Wilson 95 % interval, per cent.")
    high = Rounded(description="Upper end of the Wilson 95 % interval, per cent.")
    goal = Rounded(description="Share to be met by the SLA policy in force, per cent.")
    gap = Rounded(description="compliance minus goal, in points.")
    suppressed = _suppressed()


class SlaTargetSchema(SlaFigureSchema):
    """One promise: a target on a channel at a priority."""

    channel = fields.String()
    priority = fields.String()
    target = fields.String()


class FiguresSchema(Schema):
    """The plain figures of a period or group."""

    interactions = count("Interactions that began in the period.")
    scored = count("Those the machine has scored.")
    reviewed = count("Those people reviewed, drawn by chance.")
    scored_share = Rounded(description="Per cent of the interactions.")
    reviewed_share = Rounded(description="Per cent of the interactions.")
    sentiment_shift = Rounded(2, "Mean of customer sentiment at the end minus at the start, from -2 to 2.")
    recovery_rate = Rounded(description="Per cent of those that start below zero and end at or above it.")
    charged_share = Rounded(description="Per cent of the scored that were emotionally charged.")
    score_mean = Rounded(description="Mean scorecard score by the machine, points of 100.")
    pass_share = Rounded(description="Per cent of the interactions with a score.")


class ComparedSchema(FiguresSchema):
    """The figures that are compared with the period before."""

    empathy = Rounded(description="The estimate, points of 100.")
    sla_compliance = Rounded(description="Per cent of the clocks.")


class PreviousPeriodSchema(ComparedSchema):
    """The same figures of the period before, of the same length."""

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


def _with(base: type[Schema], name: str, key: str, meaning: str) -> type[Schema]:
    """Return the schema of a row that begins with what names its group."""
    return type(
        name,
        (base,),
        {
            "__doc__": base.__doc__,
            "__module__": __name__,
            key: fields.String(required=True, metadata={"description": meaning}),
        },
    )


_PERIOD = ("period", "2026-07-01, 2026-W27 or 2026-07.")
_VALUE = ("value", "The channel, program, queue or agent; empty: not known.")
EmpathyPeriodSchema = _with(EmpathyRowSchema, "EmpathyPeriodSchema", *_PERIOD)
EmpathyGroupSchema = _with(EmpathyRowSchema, "EmpathyGroupSchema", *_VALUE)
SlaPeriodSchema = _with(SlaFigureSchema, "SlaPeriodSchema", *_PERIOD)
SlaGroupSchema = _with(SlaFigureSchema, "SlaGroupSchema", *_VALUE)
OverviewPeriodSchema = _with(OverviewRowSchema, "OverviewPeriodSchema", *_PERIOD)
OverviewGroupSchema = _with(OverviewRowSchema, "OverviewGroupSchema", *_VALUE)


class _Heading(Schema):
    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    group_by = fields.String(validate=validate.OneOf(GROUPINGS))
    suppressed = _suppressed()
    method_note = fields.String(metadata={"description": "What the numbers rest on."})


class EmpathyReportSchema(_Heading):
    """Empathy as human reviewers would see it, with what makes it credible."""

    interactions = count("Interactions that began in the period.")
    reviewed = count("Those people reviewed, drawn by chance.")
    scored = count("Those the machine has scored.")
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
    """The period at a glance."""

    finding = fields.String(metadata={"description": "What the period shows, in one sentence."})
    empathy = fields.Nested(EmpathyEstimateSchema)
    sla = fields.Nested(SlaFigureSchema)
    previous = fields.Nested(PreviousPeriodSchema)
    change = fields.Nested(
        ComparedSchema, metadata={"description": "This period minus the one before; null where unknown."}
    )
    series = fields.List(fields.Nested(OverviewPeriodSchema))
    groups = fields.List(fields.Nested(OverviewGroupSchema))
