"""Response schemas of the what-if of gates."""

from marshmallow import fields, validate

from qm.learning.effective_gates import WAITING
from qm.learning.gate_schemas import STATE_WORDS, WAITING_WORDS, BoundsSchema
from scorecards.automation.gate import STATES
from tenants.http.contract import AnswerSchema


class GateCapOutcomeSchema(AnswerSchema):
    """What would come of one cap."""

    highest = fields.String(validate=validate.OneOf(STATES), metadata={"description": "The cap."})
    state = fields.String(validate=validate.OneOf(STATES), metadata=STATE_WORDS)
    share = fields.Float(metadata={"description": "Share of its answers that would stand, from 0 to 1."})
    alpha = fields.Nested(
        BoundsSchema, allow_none=True, metadata={"description": "Krippendorff's alpha of what it would say."}
    )
    ac1 = fields.Nested(
        BoundsSchema, allow_none=True, metadata={"description": "Gwet's AC1 of what it would say."}
    )
    wrong_at_most = fields.Float(
        allow_none=True,
        metadata={"description": "Upper bound of the share that people would answer otherwise."},
    )
    standing_per_week = fields.Float(
        allow_none=True, metadata={"description": "Answers a week that would stand without a person."}
    )
    left_to_people_per_week = fields.Float(
        allow_none=True,
        metadata={"description": "Reviews a week that it would take for people to answer all others."},
    )


class GateWhatIfSchema(AnswerSchema):
    """What would become of a question under each cap; nothing is stored."""

    scorecard = fields.String()
    question = fields.String()
    text = fields.String()
    state = fields.String(validate=validate.OneOf(STATES), metadata=STATE_WORDS)
    waiting = fields.String(allow_none=True, validate=validate.OneOf(tuple(WAITING)), metadata=WAITING_WORDS)
    highest = fields.String(validate=validate.OneOf(STATES), metadata={"description": "The cap now."})
    interactions_per_week = fields.Float(
        allow_none=True,
        metadata={"description": "Judged with the scorecard, on average over four weeks."},
    )
    caps = fields.List(
        fields.Nested(GateCapOutcomeSchema), metadata={"description": "Each cap with what would come of it."}
    )
