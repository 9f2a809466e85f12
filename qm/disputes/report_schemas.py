"""Schemas of the report of disputes."""

from marshmallow import fields, validate

from qm.disputes.dispute_report import GROUPINGS
from qm.reports.agreement_schemas import SUPPRESSED
from qm.reports.arguments import TableArguments
from qm.reports.schemas import count_field
from tenants.http.contract import AnswerSchema
from tenants.http.response_fields import Rounded


class DisputeReportArguments(TableArguments):
    """Period, breakdown and format."""

    group_by = fields.String(
        load_default="question",
        validate=validate.OneOf(GROUPINGS),
        metadata={
            "description": "What `groups` are of: the question, the reviewer, for whom it was opened, the "
            "outcome, or the days to the first decision."
        },
    )


class DisputeFiguresSchema(AnswerSchema):
    """Figures of disputes that were opened in the period."""

    suppressed = fields.Boolean(metadata=SUPPRESSED)
    disputes = count_field("Disputes that were opened.")
    answers = count_field("Answers that were disputed.")
    decided = count_field("Disputed answers with a decision.")
    kept = count_field("Answers that were kept.")
    as_proposed = count_field("Answers that became what was proposed.")
    other = count_field("Answers that became something else.")
    changed_share = Rounded(4, "Share of decided answers that did not stay, 0-1.")
    changed_low = Rounded(4, "Lower bound of its 95 % interval.")
    changed_high = Rounded(4, "Upper bound of its 95 % interval.")
    days = Rounded(1, "Median days to the first decision.")
    score_change = Rounded(2, "Mean change of the scores of decided disputes, in points.")


class DisputeGroupSchema(DisputeFiguresSchema):
    """Figures of one group."""

    value = fields.String(
        metadata={"description": "Key of the question, id of the reviewer, or name of the group."}
    )
    text = fields.String(
        allow_none=True, metadata={"description": "The question in words, or the reviewer's name."}
    )


class DisputeReportSchema(DisputeFiguresSchema):
    """The report of disputes."""

    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    group_by = fields.String(
        validate=validate.OneOf(GROUPINGS), metadata={"description": "What the groups are of."}
    )
    waiting = count_field("Disputes that wait for a decision.")
    appealed = count_field("Disputes whose decision was appealed.")
    lapsed = count_field("Disputes that wait, of evaluations that are void or were taken back.")
    withdrawn = count_field("Disputes that were taken back before they were decided.")
    groups = fields.List(fields.Nested(DisputeGroupSchema))
    method_note = fields.String(metadata={"description": "What the figures rest on."})
