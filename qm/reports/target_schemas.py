"""Response schemas of the report of quality targets."""

from typing import Any

from marshmallow import fields, validate

from qm.reports.schemas import STATUSES, ReportIntervalSchema, SlaPromiseSchema, count_field
from scorecards.definitions.quality_targets import CSAT, MEASURES
from scorecards.statistics.verdict import VERDICTS
from tenants.http.contract import AnswerSchema
from tenants.http.response_fields import Rounded

_VERDICT = "met: all of the interval reaches the goal; missed: none of it does; open: it cannot be told yet."


TARGET_STATUSES = (*STATUSES, "too_few_answers")


class _ByMeasure(Rounded):
    """A figure as its measure is told: of satisfaction two decimal places, of all others one."""

    def __init__(self, description: str) -> None:
        """Set the description."""
        super().__init__(1, description)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> float | None:
        if value is not None and obj["measure"] == CSAT:
            return round(float(value), 2)
        return super()._serialize(value, attr, obj, **options)


class TargetVerdictSchema(ReportIntervalSchema):
    """A quality target with what the period says of it; the limits of all targets hold together."""

    measure = fields.String(validate=validate.OneOf(MEASURES), metadata={"description": "What is measured."})
    goal = _ByMeasure("What is to be reached, from 0 to 100; of `csat` from 1 to 5.")
    estimate = _ByMeasure("What the period says of it.")
    low = _ByMeasure("Lower end of its interval.")
    high = _ByMeasure("Upper end of its interval.")
    lower_is_better = fields.Boolean(metadata={"description": "Whether the goal is the most it may come to."})
    from_ = fields.Date(
        data_key="from",
        attribute="from",
        allow_none=True,
        metadata={"description": "First day the target holds on; null: it has held always."},
    )
    until = fields.Date(
        allow_none=True, metadata={"description": "Last day the target holds on; null: it has no end."}
    )
    status = fields.String(
        validate=validate.OneOf(TARGET_STATUSES),
        metadata={"description": "Only what people confirm, `verified`, can meet or miss a target."},
    )
    verdict = fields.String(validate=validate.OneOf(VERDICTS), metadata={"description": _VERDICT})
    reviews_missing = count_field("Of an open one, how many more reviews decide it, if the estimate stays.")
    answers_missing = count_field("Of an open one of `csat`, how many more answers of customers decide it.")
    known_by = fields.Date(
        allow_none=True,
        metadata={"description": "The day on which they are done at the pace of the last four weeks."},
    )


class TargetReportSchema(AnswerSchema):
    """Which targets and promises of a period are met."""

    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    suppressed = fields.Boolean(
        metadata={"description": "Kept back: fewer than five interactions could tell on people."}
    )
    finding = fields.String(metadata={"description": "The verdict in one sentence."})
    met = count_field("Targets and SLA promises that are met.")
    missed = count_field("Targets and SLA promises that are missed.")
    open = count_field("Targets of which it cannot be told yet.")
    targets = fields.List(fields.Nested(TargetVerdictSchema))
    promises = fields.List(
        fields.Nested(SlaPromiseSchema),
        metadata={"description": "The SLA promises with a goal, each against its own."},
    )
    method_note = fields.String(metadata={"description": "How it was judged."})
