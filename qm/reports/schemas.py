"""Response schemas of reports; figures are rounded as they are told and nowhere else."""

from marshmallow import Schema, fields, validate

from qm.reports.empathy_report import NOT_MEASURED
from qm.reports.estimates import REVIEWER_VARIANCE
from qm.reports.overview_report import ESTIMATED
from qm.reports.report_request import GROUPINGS
from qm.reports.reviewed_sample import EMPATHY_MEASURES
from scorecards.statistics.difference_estimator import EXPECTED_DEVIATION
from tenants.http.contract import AnswerSchema
from tenants.http.response_fields import Rounded

CORRECTED = tuple(dict.fromkeys((*EMPATHY_MEASURES, *ESTIMATED)))
STATUSES = ("verified", "too_few_reviews", "unverified")


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


class ReportIntervalSchema(AnswerSchema):
    """An estimate with its 95 % confidence interval, from 0 to 100."""

    estimate = Rounded()
    low = Rounded()
    high = Rounded()


class EmpathyEstimateSchema(ReportIntervalSchema):
    """The estimated mean that reviewers would give to all interactions."""

    anytime_low = Rounded(description="Lower limit that holds whenever somebody chooses to look or to stop.")
    anytime_high = Rounded(description="Upper limit that holds whenever somebody chooses to look or to stop.")
    method = fields.String(validate=validate.OneOf(("difference", "human_only", "machine_only")))
    lambda_ = Rounded(2, "Weight of the machine's scores; 0 is the human-only estimate.", data_key="lambda")
    effective_n = Rounded(
        0,
        "Reviews a human-only estimate would need for the same width; shrunk towards the number of reviews.",
    )
    human_only = fields.Nested(ReportIntervalSchema)
    machine_only = Rounded(description="Mean of the machine's scores of all interactions.")
    status = _status()


class GroupDifferenceSchema(AnswerSchema):
    """How the empathy of a group differs from all others, or that of a period from the one before it.

    The intervals of all rows hold together.
    """

    difference = Rounded(description="In points; null where one of the two has no number.")
    difference_low = Rounded()
    difference_high = Rounded()
    difference_clear = fields.Boolean(
        allow_none=True, metadata={"description": "Whether the interval leaves out 0."}
    )


class SampleSchema(AnswerSchema):
    """The reviewed sample: how much of what was drawn is done, and what is left out of the number."""

    drawn = count_field("Interactions drawn by chance.")
    reviewed = count_field("Those people reviewed.")
    counted = count_field("Interactions that the number rests on: those whose review was done in turn.")
    skipped = count_field("Those put aside for good; they count as missing.")
    waiting = count_field("Those that still wait, or are being reviewed.")
    outdated = count_field(
        "Interactions with a review of words that have changed since; each counts under its new review, too."
    )
    waiting_since = fields.Date(
        allow_none=True, metadata={"description": "The day from which the oldest of them waits."}
    )
    reached = fields.AwareDateTime(
        allow_none=True,
        metadata={"description": "What arrived until then has had its turn; null: everything has."},
    )
    unreached = count_field("Interactions that arrived later; they are not in the number.")
    undrawable = count_field("Interactions under no sampling policy; they are not in the number.")
    expected_width = Rounded(
        description="How wide the interval will be when nothing waits any more: by the present interval;"
        f" while there is none, as if scores had a standard deviation of {EXPECTED_DEVIATION} points."
    )
    worst_low = Rounded(description="Lower limit if all that was passed over had the lowest score.")
    worst_high = Rounded(description="Upper limit if all that was passed over had the highest score.")


class CorrectedMeasureSchema(AnswerSchema):
    """By how much the severity of reviewers moved one measure."""

    measure = fields.String(validate=validate.OneOf(CORRECTED), metadata={"description": "What was moved."})
    by = Rounded(description="Points that were added.")


class SeverityCorrectionSchema(AnswerSchema):
    """What was taken out of the estimates for the severity of reviewers, as calibration measured it."""

    by = Rounded(description="Points that were added to empathy; above 0 where reviewers were severe.")
    standard_error = Rounded(description="How sure that is; it is in the interval.")
    reviews_corrected = count_field("Reviews by people whose severity is known.")
    reviews_uncorrected = count_field("Reviews by people without a calibration, which stay as they are.")
    sessions = count_field("Calibration sessions it rests on.")
    measures = fields.List(
        fields.Nested(CorrectedMeasureSchema), metadata={"description": "One entry for each measure."}
    )


class MeasureEstimateSchema(ReportIntervalSchema):
    """The estimate of one measure, as of empathy."""

    measure = fields.String(validate=validate.OneOf(ESTIMATED))
    machine_only = Rounded()
    status = _status()


class ChangeSchema(AnswerSchema):
    """How an estimate has changed since the previous period; the intervals of all hold together."""

    measure = fields.String(validate=validate.OneOf(ESTIMATED))
    difference = Rounded(description="This period minus the one before, in points.")
    low = Rounded()
    high = Rounded()
    clear = fields.Boolean(metadata={"description": "Whether the interval leaves out 0."})


class PillarFigureSchema(ReportIntervalSchema):
    """One of the four pillars of empathy."""

    key = fields.String()
    name = fields.String()
    machine_only = Rounded()
    status = fields.String(
        validate=validate.OneOf((*STATUSES, NOT_MEASURED)),
        metadata={"description": "As of empathy; not_asked: no scorecard of the period asks about it."},
    )


class EmpathyRowSchema(ReportIntervalSchema, GroupDifferenceSchema):
    """Empathy of one group: `estimate` from its own reviews, and beside it shrunk."""

    interactions = count_field("Interactions that began in the period.")
    scored = count_field("Those the machine has scored.")
    reviewed = count_field("Those people reviewed, drawn by chance.")
    counted = count_field("Reviews that the number rests on: those that were done in turn.")
    shrunk = fields.Boolean(
        metadata={"description": "Whether there is an estimate that is shrunk towards the mean of groups."}
    )
    shrunk_estimate = Rounded(description="That one; null with fewer than ten reviews, which give a range.")
    shrunk_low = Rounded(description="Lower end of its 95 % interval.")
    shrunk_high = Rounded(description="Upper end of its 95 % interval.")
    machine_only = Rounded()
    status = _status()
    suppressed = _suppressed()


class SlaFigureSchema(AnswerSchema):
    """Clocks by what became of them."""

    met = count_field("Clocks that stopped in time.")
    breached = count_field("Clocks that stopped late or run past due.")
    past_due = count_field("Those of the breached that still run.")
    running = count_field("Clocks that run with time left; not in the compliance.")
    paused = count_field("Clocks that stand still with time left; not in the compliance.")
    closed_unanswered = count_field(
        "Customers' turns that nobody answered before the interaction was closed in time; as little in it."
    )
    compliance = Rounded(description="met / (met + breached), per cent.")
    low = Rounded(description="Lower end of the Wilson 95 % interval, per cent.")
    high = Rounded(description="Upper end of the Wilson 95 % interval, per cent.")
    suppressed = _suppressed()


class SlaPromiseSchema(SlaFigureSchema):
    """A target of a rule, measured against its own goal."""

    rule = fields.String(metadata={"description": "Key of the rule in the SLA policy."})
    target = fields.String(metadata={"description": "first_response, next_response or resolution."})
    goal_seconds = count_field("The time limit, in open seconds of the calendar.")
    goal = Rounded(description="Share of clocks that should be met, per cent.")
    days = fields.String(
        allow_none=True,
        metadata={"description": "The days of its interactions, such as 2026-07-01 to 2026-07-14."},
    )
    gap = Rounded(description="compliance minus goal, in points.")
    missed = fields.Boolean(
        allow_none=True,
        metadata={"description": "Whether compliance is below the goal; null without either."},
    )


class SlaTargetSchema(SlaPromiseSchema):
    """A promise on one channel at one priority."""

    channel = fields.String()
    priority = fields.String()


class SlaOverviewSchema(SlaFigureSchema):
    """All clocks of the period together, and each promise against its own goal."""

    promises = fields.List(fields.Nested(SlaPromiseSchema))


class FiguresSchema(AnswerSchema):
    """The descriptive figures of a period or group."""

    interactions = count_field("Interactions that began in the period.")
    scored = count_field("Those the machine has scored.")
    reviewed = count_field("Those people reviewed, drawn by chance.")
    scored_share = Rounded(description="Per cent of the interactions.")
    reviewed_share = Rounded(
        description="Per cent of what can be reviewed: interactions, and each agent's part of shared ones."
    )
    sentiment_shift = Rounded(2, "Mean of customer sentiment at the end minus at the start, from -2 to 2.")
    recovery_rate = Rounded(description="Per cent of those that start below zero and end at or above it.")
    charged_share = Rounded(
        description="Per cent of the scored whole interactions that were emotionally charged."
    )


class ComparedSchema(FiguresSchema):
    """The figures that are compared with the previous period."""

    empathy = Rounded(description="The estimate, points of 100.")
    score = Rounded(description="The estimate of the total score, points of 100.")
    pass_rate = Rounded(description="The estimate of the share that passes, per cent.")
    critical_customer = Rounded(description="The estimate of the customer critical error rate, per cent.")
    critical_business = Rounded(description="The estimate of the business critical error rate, per cent.")
    critical_compliance = Rounded(description="The estimate of the compliance critical error rate, per cent.")
    sla_compliance = Rounded(description="Per cent of the clocks.")


class PreviousPeriodSchema(ComparedSchema):
    """The same figures of the previous period of the same length."""

    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    status = _status()


class OverviewRowSchema(FiguresSchema, GroupDifferenceSchema):
    """The figures of one group."""

    counted = count_field("Reviews that the number rests on: those that were done in turn.")
    empathy = Rounded()
    empathy_low = Rounded()
    empathy_high = Rounded()
    status = _status()
    suppressed = _suppressed()


def _reviewer_variance() -> fields.String:
    return fields.String(
        allow_none=True,
        validate=validate.OneOf(REVIEWER_VARIANCE),
        metadata={
            "description": "Whether the interval of `empathy` knows how far reviewers differ: "
            "`not_in_interval`, it is what these very reviewers would say; `severity_corrected`, their "
            "severity is taken out, and what is uncertain of that is in the interval. Null without one."
        },
    )


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


class _Heading(AnswerSchema):
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
    sample = fields.Nested(SampleSchema, allow_none=True)
    corrected_for_severity = fields.Nested(
        SeverityCorrectionSchema,
        allow_none=True,
        metadata={"description": "Null where the client's setting is off, or nothing is known."},
    )
    reviewer_variance = _reviewer_variance()
    pillars = fields.List(fields.Nested(PillarFigureSchema))
    series = fields.List(fields.Nested(EmpathyPeriodSchema))
    groups = fields.List(fields.Nested(EmpathyGroupSchema))


class SlaReportSchema(_Heading, SlaFigureSchema):
    """Each SLA promise against its own goal, and all clocks together."""

    promises = fields.List(fields.Nested(SlaPromiseSchema))
    targets = fields.List(fields.Nested(SlaTargetSchema))
    series = fields.List(fields.Nested(SlaPeriodSchema))
    groups = fields.List(fields.Nested(SlaGroupSchema))


class OverviewReportSchema(_Heading, FiguresSchema):
    """The overview of a period."""

    finding = fields.String(metadata={"description": "What the period shows, in one sentence."})
    empathy = fields.Nested(EmpathyEstimateSchema)
    estimates = fields.List(fields.Nested(MeasureEstimateSchema))
    sample = fields.Nested(SampleSchema)
    corrected_for_severity = fields.Nested(
        SeverityCorrectionSchema,
        allow_none=True,
        metadata={"description": "Null where the client's setting is off, or nothing is known."},
    )
    reviewer_variance = _reviewer_variance()
    sla = fields.Nested(SlaOverviewSchema)
    previous = fields.Nested(PreviousPeriodSchema)
    change = fields.Nested(
        ComparedSchema, metadata={"description": "This period minus the one before; null where unknown."}
    )
    changes = fields.List(
        fields.Nested(ChangeSchema),
        metadata={"description": "The changes of the estimates, with intervals that hold together."},
    )
    series = fields.List(fields.Nested(OverviewPeriodSchema))
    groups = fields.List(fields.Nested(OverviewGroupSchema))


class NumberHealthSchema(AnswerSchema):
    """How good a client's number is now, and when it will be good enough."""

    client = fields.String(metadata={"description": "The client's slug."})
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    empathy = fields.Nested(EmpathyEstimateSchema)
    sample = fields.Nested(SampleSchema)
    width = Rounded(description="Width of the interval, in points; null while there is none.")
    limit = Rounded(description="The client's `interval_limit`: how wide it may be to be useful.")
    good_enough = fields.Boolean(metadata={"description": "Whether the interval is that narrow."})
    missing = count_field("So many more reviews, done in turn, make it that narrow.")
    reviews_per_week = Rounded(description="Drawn reviews submitted in a week, mean of the last four.")
    weeks = Rounded(description="How long the missing ones take at that pace; null without any.")
