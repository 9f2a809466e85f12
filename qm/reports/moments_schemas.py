"""Response schemas of the report of moments of truth."""

from marshmallow import fields, validate

from scorecards.definitions.conversation import CHANNELS
from tenants.http.contract import AnswerSchema
from tenants.http.response_fields import Rounded


class MomentQuoteSchema(AnswerSchema):
    """What somebody said, with personal data masked; for a client's own people agents' names too."""

    speaker = fields.String(
        validate=validate.OneOf(("customer", "agent")), metadata={"description": "Who said it."}
    )
    text = fields.String(metadata={"description": "A turn, cut after 280 characters."})
    question = fields.String(
        allow_none=True,
        metadata={"description": "The question that it was evidence for; null: it opens the conversation."},
    )


class MomentSchema(AnswerSchema):
    """An emotionally charged interaction as people judged it."""

    evaluation = fields.UUID(metadata={"description": "Id of the published evaluation."})
    started_at = fields.AwareDateTime()
    channel = fields.String(validate=validate.OneOf(CHANNELS))
    reason = fields.String(
        allow_none=True, metadata={"description": "The intent it was pushed with; null: without one."}
    )
    empathy = Rounded(description="What people gave, points of 100.")
    score = Rounded(description="The total score, points of 100.")
    band = fields.String(allow_none=True)
    distress = Rounded(2, "The customer's highest distress, from 0 to 1, as the machine reads it.")
    quotes = fields.List(fields.Nested(MomentQuoteSchema), metadata={"description": "In their own words."})


class MomentsReportSchema(AnswerSchema):
    """Moments of truth: what the worst and the best of the charged interactions sound like."""

    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    worst = fields.List(
        fields.Nested(MomentSchema), metadata={"description": "At most three, the lowest empathy first."}
    )
    best = fields.List(
        fields.Nested(MomentSchema), metadata={"description": "At most three others, the highest first."}
    )
    method_note = fields.String(metadata={"description": "How they were chosen."})
