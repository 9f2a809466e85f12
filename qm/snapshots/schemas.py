"""Request and response schemas of frozen reports, their schedules, share links and deliveries."""

from marshmallow import ValidationError, fields, validate

from qm.reports.arguments import Day
from qm.snapshots.fixed_periods import MAX_DAYS_AFTER
from qm.snapshots.models import DELIVERY_STATES, FROZEN_BY, UNITS
from scorecards.authoring.fields import StrictSchema, Text, list_of, text_field
from tenants.http.contract import AnswerSchema
from tenants.http.strict_fields import WholeNumber

INTERVALS = ("anytime", "fixed_time")
SHARE_STATES = ("open", "expired", "revoked")
MAX_ADDRESSES = 20
MAX_ADDRESS = 254
_WHOLE = "Of a calendar month, or of a week from Monday to Sunday, that is over in the client's time zone."
_FROZEN_BY = "calendar: at a date that was fixed beforehand; hand: when somebody chose to."


class NewSnapshotSchema(StrictSchema):
    """The period whose report is to be frozen now, by hand."""

    from_ = Day(
        data_key="from",
        required=True,
        metadata={"description": f"First day. {_WHOLE}", "example": "2026-07-01"},
    )
    to = Day(
        required=True, metadata={"description": f"Last day, included. {_WHOLE}", "example": "2026-07-31"}
    )


class ReportSnapshotSummarySchema(AnswerSchema):
    """A report that is frozen, without what is in it."""

    id = fields.UUID(metadata={"description": "Id of the snapshot."})
    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    frozen_by = fields.String(
        validate=validate.OneOf(FROZEN_BY),
        metadata={"description": f"{_FROZEN_BY} Credits and penalties follow those by calendar alone."},
    )
    interval = fields.String(
        validate=validate.OneOf(INTERVALS),
        metadata={
            "description": "fixed_time: intervals for a moment that was fixed beforehand; anytime: wider "
            "ones that hold at all moments together, whoever chose this one."
        },
    )
    due_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "The date that was fixed; null where there was none."}
    )
    frozen_at = fields.AwareDateTime(metadata={"description": "When it was frozen."})
    for_client = fields.Boolean(
        metadata={
            "description": "Whether the client's own people may read it; not a week that, subtracted from "
            "its months, would tell of fewer than five interactions."
        }
    )
    content_hash = fields.String(
        metadata={"description": "SHA-256 of `content` in UTF-8, in hexadecimal.", "example": "9f86d0"}
    )
    voided_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "Since when it holds no longer; null while it does."}
    )
    void_reason = fields.String(allow_none=True, metadata={"description": "Why it holds no longer."})


class ReportSnapshotSchema(ReportSnapshotSummarySchema):
    """A report that is frozen."""

    content = fields.String(
        metadata={
            "description": "All reports of the period with versions and method, as canonical JSON: keys in "
            "order, no spaces. Its bytes in UTF-8 have the hash.",
            "example": "{}",
        }
    )


class ReportSnapshotPageSchema(AnswerSchema):
    """A page of frozen reports."""

    data = fields.List(fields.Nested(ReportSnapshotSummarySchema))
    next_cursor = fields.String(allow_none=True)


class SnapshotVoidSchema(StrictSchema):
    """Why a frozen report holds no longer."""

    reason = text_field(
        500,
        required=True,
        metadata={"description": "The client reads it.", "example": "A week of chats was pushed twice."},
    )


class NewReportShareSchema(StrictSchema):
    """A link to a frozen report, to be made."""

    expires_at = fields.AwareDateTime(
        required=True,
        metadata={"description": "When it ends, in a year at most.", "example": "2026-09-30T00:00:00Z"},
    )
    password = Text(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "What has to be typed before the report is shown, of 8 to 200 characters; null: "
            "whoever has the link reads it.",
            "example": "a kettle of herring",
        },
    )


class ReportShareSchema(AnswerSchema):
    """A link to a frozen report, without the address that opens it."""

    id = fields.UUID(metadata={"description": "Id of the link."})
    state = fields.String(
        validate=validate.OneOf(SHARE_STATES), metadata={"description": "Whether it opens the report."}
    )
    with_password = fields.Boolean(metadata={"description": "Whether it asks for a password."})
    created_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime(metadata={"description": "When it ends by itself."})
    revoked_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When somebody ended it; null where nobody did."}
    )


class MadeReportShareSchema(ReportShareSchema):
    """A new link to a frozen report; no other answer contains its address."""

    link = fields.String(
        metadata={
            "description": "Address of the report; whoever has it, and the password, reads it.",
            "example": "https://qm.example.com/shared/acme/…",
        }
    )


class ReportSharesSchema(AnswerSchema):
    """All links to a frozen report, the newest first."""

    data = fields.List(fields.Nested(ReportShareSchema))


def _check_address(value: str) -> None:
    name, at, domain = value.rpartition("@")
    plain = value.isascii() and value.isprintable() and not any(each in ' ,;<>"' for each in value)
    if not (name and at and "." in domain and plain):
        raise ValidationError("Expected an e-mail address such as jo@example.com.")


class NewReportScheduleSchema(StrictSchema):
    """When the reports of weeks or months are frozen from now on."""

    unit = Text(
        required=True,
        validate=validate.OneOf(UNITS),
        metadata={
            "description": "Whether each calendar month is frozen, or each week from Monday to Sunday."
        },
    )
    days_after = WholeNumber(
        load_default=7,
        validate=validate.Range(0, MAX_DAYS_AFTER),
        metadata={
            "description": "So many whole days after the last one the report is frozen, at the beginning of "
            "the next day in the client's time zone: time to finish reviews."
        },
    )
    addresses = list_of(
        text_field(MAX_ADDRESS, check=_check_address),
        MAX_ADDRESSES,
        load_default=list,
        metadata={"description": "Who gets each frozen report by e-mail.", "example": ["jo@example.com"]},
    )


class ReportScheduleSchema(AnswerSchema):
    """When a client's reports are frozen."""

    id = fields.UUID(metadata={"description": "Id of the schedule."})
    unit = fields.String(validate=validate.OneOf(UNITS), metadata={"description": "What is frozen."})
    days_after = fields.Integer(metadata={"description": "Whole days between the period and its date."})
    addresses = fields.List(
        fields.String(), metadata={"description": "Who gets it by e-mail; empty for the client's own people."}
    )
    created_at = fields.AwareDateTime()
    next_from = fields.Date(metadata={"description": "First day of the period that is frozen next."})
    next_to = fields.Date(metadata={"description": "Last day of the period that is frozen next."})
    next_at = fields.AwareDateTime(metadata={"description": "When that is."})


class ReportSchedulesSchema(AnswerSchema):
    """The schedules of a client that have not ended."""

    data = fields.List(fields.Nested(ReportScheduleSchema))


class ReportDeliverySchema(AnswerSchema):
    """A frozen report that is mailed to one address, and what became of it."""

    id = fields.UUID(metadata={"description": "Id of the delivery."})
    snapshot = fields.UUID(metadata={"description": "Id of the frozen report."})
    address = fields.String(metadata={"description": "To whom.", "example": "jo@example.com"})
    state = fields.String(
        validate=validate.OneOf(DELIVERY_STATES),
        metadata={"description": "waiting: not sent yet; failed: given up after six attempts."},
    )
    attempts = fields.Integer(metadata={"description": "How often it was tried."})
    next_attempt_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When it is tried next; null when that is over."}
    )
    error = fields.String(
        allow_none=True,
        metadata={
            "description": "What went wrong last; null where nothing did.",
            "example": "ConnectionRefusedError",
        },
    )
    created_at = fields.AwareDateTime()
    sent_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When the mail server took it; null where it did not."}
    )


class ReportDeliveryPageSchema(AnswerSchema):
    """A page of deliveries."""

    data = fields.List(fields.Nested(ReportDeliverySchema))
    next_cursor = fields.String(allow_none=True)
