"""Query arguments of reports: period, breakdown, format and filters."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from qm.interactions.fields import CleanString, parse_time
from qm.reports.report_request import DEFAULT_DAYS, GROUPINGS, MAX_DAYS
from scorecards.definitions.conversation import CHANNELS
from tenants.http.strict_fields import StrictSchema
from tenants.http.validation_messages import SchemaMessage
from tenants.models import utc_now

EARLIEST, LATEST = date(1970, 1, 1), date(2200, 1, 1)
FORMATS = ("json", "csv")


class Day(fields.String):
    """A day such as 2026-07-01, or a time, which is converted to the UTC day at that end of the period."""

    def __init__(self, *, is_end: bool, **kwargs: Any) -> None:
        """Set whether a time ends the period: midnight then belongs to the day before."""
        self.is_end = is_end
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        day = _day(text, is_end=self.is_end)
        if not EARLIEST <= day < LATEST:
            raise ValidationError(SchemaMessage("out_of_range", "This day must lie between 1970 and 2200."))
        return day


def _day(text: str, *, is_end: bool) -> date:
    if text[10:11] in {"T", "t"}:
        at = parse_time(text.replace(" ", "+"))
        return (at - timedelta(microseconds=int(is_end))).astimezone(UTC).date()
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except (ValueError, UnicodeEncodeError):
        raise ValidationError(
            SchemaMessage("not_a_day", "This must be a day such as 2026-07-01, or a moment with offset.")
        ) from None


class ReportArguments(StrictSchema):
    """Period, filters, breakdown and format of a report."""

    from_ = Day(
        is_end=False,
        data_key="from",
        metadata={
            "description": f"First day (UTC); left out: {DEFAULT_DAYS} days that end with `to`.",
            "example": "2026-07-01",
        },
    )
    to = Day(
        is_end=True,
        metadata={
            "description": "Last day (UTC), included; left out: today. A moment ends the period before it.",
            "example": "2026-07-28",
        },
    )
    group_by = fields.String(
        load_default=None,
        validate=validate.OneOf(GROUPINGS),
        metadata={"description": "day, week and month fill `series`, the others `groups`; usually week."},
    )
    format = fields.String(
        load_default=None,
        validate=validate.OneOf(FORMATS),
        metadata={"description": "json, or csv for the table; `Accept: text/csv` asks for the same."},
    )
    channel = CleanString(validate=validate.OneOf(CHANNELS), metadata={"description": "Only this channel."})
    program = CleanString(
        validate=validate.Length(max=200),
        metadata={"description": "Only this program; empty: those without one."},
    )
    queue = CleanString(
        validate=validate.Length(max=200),
        metadata={"description": "Only this queue; empty: those without one."},
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_period(self, data: Mapping[str, Any], original: Mapping[str, Any], **_: Any) -> None:
        """Check the order and length of the period, unless one of its days is invalid itself."""
        if ("from" in original) != ("from_" in data) or ("to" in original) != ("to" in data):
            return
        first, last = period_from_arguments(data)
        if first > last:
            raise ValidationError(
                {"from": [SchemaMessage("after_to", f"The period ends before it begins: {last}.")]}
            )
        if (last - first).days >= MAX_DAYS:
            raise ValidationError(
                {"from": [SchemaMessage("too_long", f"A report covers at most {MAX_DAYS} days.")]}
            )


def period_from_arguments(data: Mapping[str, Any]) -> tuple[date, date]:
    """Return the first and last day of the arguments, with defaults relative to today."""
    last: date = data.get("to") or utc_now().date()
    return data.get("from_") or last - timedelta(days=DEFAULT_DAYS - 1), last
