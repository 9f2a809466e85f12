"""Request and response schemas of listing and reading interactions."""

from marshmallow import fields, validate

from qm.browsing.search import HIT_KINDS
from qm.interactions.fields import CleanString, Instant
from qm.interactions.models import STATES
from scorecards.definitions.conversation import CHANNELS, PRIORITIES
from scorecards.sla.clocks import UNANSWERED
from scorecards.sla.policy import TARGETS
from tenants.http.contract import AnswerSchema, PageArguments
from tenants.http.strict_fields import StrictSchema

_TEXT = validate.Length(1, 200)


class InteractionArguments(PageArguments):
    """Filters of the list of interactions."""

    start = Instant(data_key="from", metadata={"description": "Started at or after."})
    end = Instant(data_key="to", metadata={"description": "Started before."})
    updated_since = Instant(
        metadata={"description": "Changed at or after; the list is then ordered by change, oldest first."}
    )
    channel = CleanString(validate=validate.OneOf(CHANNELS))
    program = CleanString(validate=_TEXT)
    queue = CleanString(validate=_TEXT)
    language = CleanString(validate=_TEXT, metadata={"description": "BCP 47 tag, as it was pushed."})
    priority = CleanString(validate=validate.OneOf(PRIORITIES))
    customer = CleanString(validate=_TEXT, metadata={"description": "The customer's external id."})
    team = CleanString(validate=_TEXT, metadata={"description": "Team of the agent."})
    tag = CleanString(validate=_TEXT, metadata={"description": "One of the sender's tags."})
    intent = CleanString(validate=_TEXT, metadata={"description": "The contact reason, as it was pushed."})
    theme = CleanString(
        validate=_TEXT, metadata={"description": "The friction theme, as `reports/friction` names it."}
    )
    csat = fields.Integer(
        validate=validate.Range(1, 5), metadata={"description": "Customer satisfaction now."}
    )
    agent = CleanString(
        validate=_TEXT,
        metadata={
            "description": "External id of an agent who spoke; turns that name nobody are the interaction's."
        },
    )
    external_id = CleanString(validate=_TEXT)
    state = CleanString(validate=validate.OneOf(STATES))
    score_lt = fields.Float(
        validate=validate.Range(-1000, 10_000),
        metadata={"description": "Scored below this many points; with `agent`, the part of that one."},
    )
    charged = fields.Boolean(metadata={"description": "Emotionally charged or not."})
    sla = CleanString(validate=validate.OneOf(("met", "breached", "running", "paused", UNANSWERED)))
    sla_rule = CleanString(
        validate=_TEXT, metadata={"description": "Key of the rule of the SLA policy that it fell under."}
    )
    breached = CleanString(
        validate=validate.OneOf(TARGETS), metadata={"description": "The SLA clock that was late."}
    )
    q = CleanString(validate=validate.Length(1, 200), metadata={"description": "Words said, in any turn."})


class AllInteractionsArguments(InteractionArguments):
    """Filters of the list of interactions of all clients."""

    client = CleanString(
        validate=validate.Length(1, 63), metadata={"description": "Slug or id of a client: only of this one."}
    )


class ShownAgentSchema(AnswerSchema):
    """The agent of an interaction."""

    external_id = fields.String()
    name = fields.String(allow_none=True)
    team = fields.String(allow_none=True)
    site = fields.String(allow_none=True)


class ShownCustomerSchema(AnswerSchema):
    """The customer of an interaction."""

    external_id = fields.String(allow_none=True)
    segment = fields.String(allow_none=True)


class SearchArguments(StrictSchema):
    """What is looked for."""

    q = CleanString(
        required=True,
        validate=validate.Length(1, 200),
        metadata={
            "description": "An external id of an interaction or a customer, or the id of an interaction, "
            "review or evaluation; the whole of it.",
            "example": "ticket-4711",
        },
    )


class SearchHitSchema(AnswerSchema):
    """Something that is called so."""

    kind = fields.String(validate=validate.OneOf(HIT_KINDS), metadata={"description": "What it is."})
    id = fields.UUID(allow_none=True, metadata={"description": "Its id; a customer has none of ours."})
    client = fields.String(metadata={"description": "The client's slug."})
    external_id = fields.String(metadata={"description": "The interaction's or the customer's external id."})
    count = fields.Integer(
        allow_none=True, metadata={"description": "Of a customer, how many interactions, at most 1,000."}
    )
    started_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When the interaction began; of a customer the last one."}
    )


class SearchResultSchema(AnswerSchema):
    """All that is called so, at most 50 of each kind."""

    data = fields.List(fields.Nested(SearchHitSchema))


class InteractionSummarySchema(AnswerSchema):
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
    changed_at = fields.AwareDateTime(
        metadata={"description": "When anything of it last changed here, such as its state or a later fact."}
    )
    state = fields.String(validate=validate.OneOf(STATES))
    attempts = fields.Integer()
    error = fields.String(allow_none=True, metadata={"description": "Why it could not be scored."})
    score = fields.Float(allow_none=True)
    empathy = fields.Float(allow_none=True)
    sentiment_shift = fields.Float(allow_none=True)
    charged = fields.Boolean(allow_none=True)
    sampled = fields.Boolean(
        allow_none=True,
        metadata={"description": "Drawn for review; where several agents spoke: the part of one of them is."},
    )


class InteractionPageSchema(AnswerSchema):
    """A page of interactions."""

    data = fields.List(fields.Nested(InteractionSummarySchema))
    next_cursor = fields.String(allow_none=True)


class ListedInteractionSchema(InteractionSummarySchema):
    """An interaction as an item of the list of all clients."""

    client = fields.String()


class ListedInteractionPageSchema(AnswerSchema):
    """A page of interactions of all clients."""

    data = fields.List(fields.Nested(ListedInteractionSchema))
    next_cursor = fields.String(allow_none=True)


class ShownTurnSchema(AnswerSchema):
    """One redacted turn."""

    at = fields.String(allow_none=True)
    speaker = fields.String()
    agent = fields.String(allow_none=True)
    text = fields.String()
    quoted = fields.String(
        allow_none=True,
        metadata={"description": "Quoted history and signatures, which nobody judges.", "x-optional": True},
    )


class ShownStatusSchema(AnswerSchema):
    """One change of status."""

    at = fields.AwareDateTime()
    to = fields.String()


class ShownPauseSchema(AnswerSchema):
    """A period in which a clock stood still."""

    start = fields.String()
    end = fields.String(allow_none=True, metadata={"description": "Null while it lasts."})


class ShownClockSchema(AnswerSchema):
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
    pauses = fields.List(
        fields.Nested(ShownPauseSchema), metadata={"description": "When it stood still, in order."}
    )


class InteractionPartSchema(AnswerSchema):
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
