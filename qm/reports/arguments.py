"""Query arguments of reports: period, breakdown, format and filters."""

import re
from collections.abc import Mapping
from datetime import date, timedelta, tzinfo
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from qm.interactions.fields import CleanString
from qm.reports.report_request import DEFAULT_DAYS, GROUPINGS, MAX_DAYS, Period
from scorecards.definitions.conversation import CHANNELS
from tenants.days import day_of
from tenants.http.faults import Fault, Invalid
from tenants.http.strict_fields import StrictSchema
from tenants.http.validation_messages import SchemaMessage
from tenants.models import utc_now

EARLIEST, LATEST = date(1970, 1, 1), date(2200, 1, 1)
FORMATS = ("json", "csv", "xlsx")
DOCUMENT_FORMATS = (*FORMATS, "pdf")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOSE_DAY = "Days are those of the client's `time_zone`."


class Day(fields.String):
    """A day such as 2026-07-01; which moments it has is up to the client's time zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        day = _day(super()._deserialize(value, attr, data, **kwargs))
        if not EARLIEST <= day < LATEST:
            raise ValidationError(SchemaMessage("out_of_range", "This day must lie between 1970 and 2200."))
        return day


def _day(text: str) -> date:
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass  # such as 30 February
    raise ValidationError(
        SchemaMessage("not_a_day", "This must be a day such as 2026-07-01, without a time.")
    )


class PeriodArguments(StrictSchema):
    """The period of a report."""

    from_ = Day(
        data_key="from",
        metadata={
            "description": f"First day; left out: {DEFAULT_DAYS} days that end with `to`. {_WHOSE_DAY}",
            "example": "2026-07-01",
        },
    )
    to = Day(
        metadata={
            "description": f"Last day, included; left out: today. {_WHOSE_DAY}",
            "example": "2026-07-28",
        },
    )

    @validates_schema(skip_on_field_errors=False)
    def check_period(self, data: Mapping[str, Any], **_: Any) -> None:
        """Check the order and length of a period whose days are both given and valid."""
        if "from_" in data and "to" in data:
            fault = _period_fault(data["from_"], data["to"])
            if fault is not None:
                raise ValidationError({"from": [SchemaMessage(*fault)]})


class TableArguments(PeriodArguments):
    """Period and format of a report."""

    format = fields.String(
        load_default=None,
        validate=validate.OneOf(FORMATS),
        metadata={"description": "json, or csv or xlsx (Excel) for the table; `Accept` asks for the same."},
    )
    bom = fields.Boolean(
        load_default=False,
        metadata={"description": "Begin a CSV table with a byte order mark, by which Excel knows UTF-8."},
    )


class FilteredArguments(PeriodArguments):
    """Period and filters of a report."""

    channel = CleanString(validate=validate.OneOf(CHANNELS), metadata={"description": "Only this channel."})
    program = CleanString(
        validate=validate.Length(max=200),
        metadata={"description": "Only this program; empty: those without one."},
    )
    queue = CleanString(
        validate=validate.Length(max=200),
        metadata={"description": "Only this queue; empty: those without one."},
    )


class ReportArguments(TableArguments, FilteredArguments):
    """Period, filters, breakdown and format of a report."""

    group_by = fields.String(
        load_default=None,
        validate=validate.OneOf(GROUPINGS),
        metadata={"description": "day, week and month fill `series`, the others `groups`; usually week."},
    )


class DocumentArguments(ReportArguments):
    """Period, filters, breakdown and format of a report that there is as a document too."""

    format = fields.String(
        load_default=None,
        validate=validate.OneOf(DOCUMENT_FORMATS),
        metadata={
            "description": "json, csv or xlsx (Excel) for the table, or pdf: the whole report with its "
            "figures, to print and to send on; `Accept` asks for the same."
        },
    )


class UngroupedArguments(ReportArguments):
    """Period, filters and format of a report that has no other breakdown than its own."""

    class Meta(ReportArguments.Meta):
        """All but the breakdown."""

        exclude = ("group_by",)


def period_from_arguments(data: Mapping[str, Any], time_zone: tzinfo) -> Period:
    """Return the period of the arguments, with defaults relative to today in this time zone.

    Raises
    ------
    Invalid
        When the period has no `to` and begins after today, or too long before.
    """
    last: date = data.get("to") or day_of(utc_now(), time_zone)
    first: date = data.get("from_") or last - timedelta(days=DEFAULT_DAYS - 1)
    fault = _period_fault(first, last)
    if fault is not None:
        raise Invalid([Fault("/query/from", *fault)])
    return Period(first, last, time_zone)


def _period_fault(first: date, last: date) -> tuple[str, str] | None:
    if first > last:
        return "after_to", f"The period ends before it begins: {last}."
    if (last - first).days >= MAX_DAYS:
        return "too_long", f"A report covers at most {MAX_DAYS} days."
    return None
