"""Request and response schemas of corrective actions."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from qm.reports.arguments import Day
from scorecards.authoring.fields import StrictSchema, text_field
from tenants.http.contract import AnswerSchema
from tenants.http.strict_fields import WholeNumber
from tenants.http.validation_messages import SchemaMessage

MAX_TEXT = 10_000
_FIRST = "First day of the report's period."
_LAST = "Last day of the report's period, included. A client's own people read whole months."


class NewCorrectiveActionsSchema(StrictSchema):
    """What the provider does about the report of a period."""

    from_ = Day(data_key="from", required=True, metadata={"description": _FIRST, "example": "2026-07-01"})
    to = Day(required=True, metadata={"description": _LAST, "example": "2026-07-31"})
    text = text_field(
        MAX_TEXT,
        min_length=0,
        required=True,
        metadata={
            "description": "Plain text that the client reads. Empty takes back what was written.",
            "example": "Two agents practise naming the feeling first; we look again in September.",
        },
    )
    version = WholeNumber(
        load_default=None,
        allow_none=True,
        metadata={"description": "The version that was read; when there is a newer one, nothing is written."},
    )

    @validates_schema(skip_on_field_errors=False)
    def check_period(self, data: Mapping[str, Any], **_: Any) -> None:
        """Check that the period does not end before it begins."""
        if "from_" in data and "to" in data and data["from_"] > data["to"]:
            detail = f"The period ends before it begins: {data['to']}."
            raise ValidationError({"from": [SchemaMessage("after_to", detail)]})


class CorrectiveActionsVersionSchema(AnswerSchema):
    """One version of the text."""

    version = fields.Integer(metadata={"description": "Counts from 1; 0 where nothing is written."})
    text = fields.String(metadata={"description": "Plain text; empty where nothing is written."})
    author = fields.String(
        allow_none=True,
        metadata={"description": "Who wrote it; null for a client's own people, and for a machine's key."},
    )
    written_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When; null where nothing is written."}
    )


class CorrectiveActionsSchema(CorrectiveActionsVersionSchema):
    """What the provider does about the report of a period, with every version."""

    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    versions = fields.List(
        fields.Nested(CorrectiveActionsVersionSchema),
        metadata={"description": "Every version, the newest first."},
    )
