"""Query arguments of an export."""

from marshmallow import fields, validate

from qm.export.selection import FORMATS
from qm.export.tables import KINDS
from qm.reports.arguments import Day
from tenants.http.strict_fields import StrictSchema

MAX_ROWS = 1_000_000


class ExportArguments(StrictSchema):
    """Kinds of records, period, format, and where to go on."""

    kind = fields.List(
        fields.String(validate=validate.OneOf(tuple(KINDS))),
        load_default=(),
        metadata={
            "description": "Only this kind of record; may be given again. Left out: all that "
            "reports are computed from."
        },
    )
    from_ = Day(
        data_key="from",
        metadata={
            "description": "First day, as in reports; left out: from the beginning.",
            "example": "2026-07-01",
        },
    )
    to = Day(
        metadata={"description": "Last day, included; left out: to the end.", "example": "2026-07-28"},
    )
    format = fields.String(
        load_default=FORMATS[0],
        validate=validate.OneOf(FORMATS),
        metadata={"description": "ndjson: a line of JSON for each record; csv: a table of one kind."},
    )
    bom = fields.Boolean(
        load_default=False, metadata={"description": "Begin a CSV table with a byte order mark, for Excel."}
    )
    transcripts = fields.Boolean(
        load_default=False, metadata={"description": "With the turns of interactions, redacted as stored."}
    )
    cursor = fields.String(
        load_default=None,
        validate=validate.Length(1, 200),
        metadata={"description": "`cursor` of the last record you have: the export goes on after it."},
    )
    limit = fields.Integer(
        load_default=None,
        validate=validate.Range(1, MAX_ROWS),
        metadata={"description": "Most records; left out: all."},
    )
