"""Request and response schemas of listing and reading interactions."""

from marshmallow import Schema, fields, validate

from qm.interactions.fields import CleanString, Instant
from qm.interactions.models import STATES
from scorecards.definitions.conversation import CHANNELS
from scorecards.sla.clocks import UNANSWERED
from tenants.http.contract import PageArguments

_TEXT = validate.Length(1, 200)


class InteractionArguments(PageArguments):
    """Filters of the list of interactions."""

    start = Instant(data_key="from", metadata={"description": "Started at or after."})
    end = Instant(data_key="to", metadata={"description": "Started before."})
    channel = CleanString(validate=validate.OneOf(CHANNELS))
    program = CleanString(validate=_TEXT)
    agent = CleanString(validate=_TEXT, metadata={"description": "The agent's external id."})
    external_id = CleanString(validate=_TEXT)
    state = CleanString(validate=validate.OneOf(STATES))
    score_lt = fields.Float(
        validate=validate.Range(-1000, 10_000),
        metadata={"description": "Scored below this many points; with `agent`, the part of that one."},
    )
    charged = fields.Boolean(metadata={"description": "Emotionally charged or not."})
    sla = CleanString(validate=validate.OneOf(("met", "breached", "running", "paused", UNANSWERED)))
    q = CleanString(validate=validate.Length(1, 200), metadata={"description": "Words said, in any turn."})


class ShownAgentSchema(Schema):
    """The agent of an interaction."""

    external_id = fields.String()
    name = fields.String(allow_none=True)
    team = fields.String(allow_none=True)
    site = fields.String(allow_none=True)


class ShownCustomerSchema(Schema):
    """The customer of an interaction."""

    external_id = fields.String(allow_none=True)
    segment = fields.String(allow_none=True)


class InteractionSummarySchema(Schema):
    """An interaction as a list item."""

    id = fields.UUID()
    external_id = fields.String()
    channel = fields.String()
    language = fields.String()
    program = fields.String(allow_none=True)
    queue = fields.String(allow_none=True)
    priority = fields.String()
    intent = fields.String(allow_none=True)
    agent = fields.Nested(ShownAgentSchema, allow_none=True)
    customer = fields.Nested(ShownCustomerSchema)
    started_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    updated_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "The newest `updated_at` that was pushed."}
    )
    received_at = fields.AwareDateTime()
    state = fields.String(validate=validate.OneOf(STATES))
    attempts = fields.Integer()
    error = fields.String(allow_none=True, metadata={"description": "Why it could not be scored."})
    score = fields.Float(allow_none=True)
    empathy = fields.Float(allow_none=True)
    sentiment_shift = fields.Float(allow_none=True)
    charged = fields.Boolean(allow_none=True)
    sampled = fields.Boolean(allow_none=True)


class InteractionPageSchema(Schema):
    """A page of interactions."""

    data = fields.List(fields.Nested(InteractionSummarySchema))
    next_cursor = fields.String(allow_none=True)


class ShownTurnSchema(Schema):
    """One redacted turn."""

    at = fields.String(allow_none=True)
    speaker = fields.String()
    agent = fields.String(allow_none=True)
    text = fields.String()


class ShownStatusSchema(Schema):
    """One change of status."""

    at = fields.AwareDateTime()
    to = fields.String()


class ShownClockSchema(Schema):
    """The current state of one SLA clock."""

    target = fields.String()
    number = fields.Integer()
    rule = fields.String()
    calendar = fields.String()
    state = fields.String()
    started_at = fields.String()
    due_at = fields.String(allow_none=True)
    stopped_at = fields.String(allow_none=True)
    goal_seconds = fields.Integer()
    open_seconds = fields.Float()
    paused_seconds = fields.Float()


class InteractionPartSchema(Schema):
    """The part of one of several agents who spoke, which is scored, drawn and reviewed by itself."""

    id = fields.UUID(metadata={"description": "Reads as an interaction, with evaluations and reviews."})
    agent = fields.String(allow_none=True)
    score = fields.Float(allow_none=True)
    empathy = fields.Float(allow_none=True)
    sampled = fields.Boolean(allow_none=True)


class ShownInteractionSchema(InteractionSummarySchema):
    """An interaction with its transcript and clocks."""

    is_part = fields.Boolean(
        metadata={"description": "Whether this is the part of one of several agents who spoke."}
    )
    parts = fields.List(
        fields.Nested(InteractionPartSchema),
        metadata={"description": "Of an interaction in which several agents spoke, the part of each."},
    )
    turns = fields.List(fields.Nested(ShownTurnSchema))
    status = fields.List(fields.Nested(ShownStatusSchema))
    outcome = fields.Dict()
    handling = fields.Dict(allow_none=True)
    tags = fields.List(fields.String(), allow_none=True)
    custom = fields.Dict(allow_none=True)
    clocks = fields.List(fields.Nested(ShownClockSchema))
