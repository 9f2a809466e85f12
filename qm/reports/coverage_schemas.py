"""Response schemas of the report on coverage."""

from marshmallow import fields

from qm.reports.schemas import SampleSchema, count_field
from tenants.http.contract import AnswerSchema
from tenants.http.response_fields import Rounded

_SUPPRESSED = "Kept back: fewer than five interactions could tell on people."


class CoverageRateSchema(AnswerSchema):
    """What became of the interactions that were drawn with the same probability."""

    rate = Rounded(4, "The probability of being drawn that the policy gave them, before quotas, 0 to 1.")
    judged = count_field("Interactions, and parts of shared ones, that may be drawn and had their turn.")
    later = count_field("Those that have not had their turn yet.")
    drawn = count_field("Of both, those that chance drew.")
    reviewed = count_field("Those that people have reviewed.")
    counted = count_field("Those reviewed in turn, on which estimates rest.")
    skipped = count_field("Those put aside for good.")
    waiting = count_field("Those that wait, or are being reviewed.")
    answered_share = Rounded(description="Per cent of what had its turn that was answered.")
    suppressed = fields.Boolean(metadata={"description": _SUPPRESSED})


class CoverageAgreementSchema(AnswerSchema):
    """How far the machine's empathy is from people's, over the drawn interactions that both scored."""

    n = count_field("Interactions that both scored.")
    machine_minus_human = Rounded(description="Mean of machine minus person, in points.")
    distance = Rounded(description="How far apart they are on average, up or down, in points.")


class CoverageQuestionsSchema(AnswerSchema):
    """Questions by how far the machine goes with them now."""

    human_only = fields.Integer(metadata={"description": "Questions that people alone answer."})
    assisted = fields.Integer(metadata={"description": "Questions of which the machine suggests an answer."})
    automatic = fields.Integer(metadata={"description": "Questions that the machine answers."})


class CoverageReportSchema(AnswerSchema):
    """How much of a period machine and people have judged, and what the numbers leave out."""

    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    suppressed = fields.Boolean(metadata={"description": _SUPPRESSED})
    finding = fields.String(
        metadata={"description": "What it comes to in a sentence, or what is missing and what to do."}
    )
    interactions = count_field("Interactions that began in the period.")
    scored = count_field("Those the machine has scored.")
    scored_share = Rounded(description="The same in per cent.")
    judged = count_field("What can be drawn: scored interactions, and parts of shared ones.")
    reviewed_share = Rounded(description="Per cent of these that were drawn and reviewed.")
    hand_picked = count_field("Reviews of the period that somebody picked; they are in no estimate.")
    sample = fields.Nested(SampleSchema, allow_none=True)
    agreement = fields.Nested(
        CoverageAgreementSchema,
        allow_none=True,
        metadata={"description": "Null where nothing was scored by both."},
    )
    questions = fields.Nested(
        CoverageQuestionsSchema,
        allow_none=True,
        metadata={"description": "Questions that have a gate, by its state now."},
    )
    rates = fields.List(
        fields.Nested(CoverageRateSchema),
        metadata={"description": "How it was drawn: an entry for each sampling rate, the highest first."},
    )
    method_note = fields.String(metadata={"description": "What the numbers rest on."})
