"""Request and response schemas of kudos."""

from typing import Any

from marshmallow import Schema, fields, validate

from qm.kudos.models import SOURCES, STATES
from qm.reviews.schemas import PersonReferenceSchema
from scorecards.authoring.fields import StrictSchema, Text, choice_field, text_field
from tenants.http.contract import AnswerSchema, PageArguments
from tenants.http.response_fields import Rounded
from tenants.http.strict_fields import WholeNumber

_MAX_TURNS, _MAX_CHARACTERS = 10_000, 1_000_000


def said(description: str, **more: Any) -> dict[str, Any]:
    """Return the metadata that describe a property."""
    return {"description": description, **more}


class KudosListArguments(PageArguments):
    """Filters of the list of kudos."""

    client = Text(
        load_default=None, validate=validate.Length(1, 63), metadata=said("Slug or id of a client.")
    )
    state = choice_field(STATES, load_default=None, metadata=said("Only confirmed, or only declined ones."))


class QuotePlaceSchema(StrictSchema):
    """A place in a conversation: a turn of the agent, whole or from where to where."""

    turn = WholeNumber(
        required=True, validate=validate.Range(0, _MAX_TURNS), metadata=said("Number of the turn, from 0.")
    )
    start = WholeNumber(
        allow_none=True,
        validate=validate.Range(0, _MAX_CHARACTERS),
        metadata=said("First character; left out: of the whole turn.", **{"x-optional": True}),
    )
    end = WholeNumber(
        allow_none=True,
        validate=validate.Range(1, _MAX_CHARACTERS),
        metadata=said("The character after the last one.", **{"x-optional": True}),
    )


class ReviewKudosSchema(StrictSchema):
    """Praise by whoever reviewed an interaction."""

    quote = fields.Nested(
        QuotePlaceSchema, load_default=None, allow_none=True, metadata=said("What is praised.")
    )
    note = text_field(
        500, load_default=None, allow_none=True, metadata=said("What you want to say to the agent.")
    )


class NewKudosSchema(ReviewKudosSchema):
    """Praise for an interaction, or a proposal that is declined."""

    interaction = fields.UUID(required=True, metadata=said("Id of the interaction."))
    source = choice_field(
        SOURCES,
        load_default="hand",
        metadata=said("`machine` where it was proposed by the machine, `hand` otherwise."),
    )
    state = choice_field(
        STATES, load_default="confirmed", metadata=said("`declined`: it is proposed no more.")
    )


class KudosSchema(AnswerSchema):
    """Praise for an interaction."""

    id = fields.UUID()
    client = fields.String(metadata=said("Slug of the client."))
    state = fields.String(validate=validate.OneOf(STATES), metadata=said("What a person decided."))
    source = fields.String(validate=validate.OneOf(SOURCES), metadata=said("Who found it."))
    agent = fields.String(allow_none=True, metadata=said("Who is praised; null for a client's people."))
    agent_name = fields.String(
        allow_none=True, metadata=said("Name of the agent; null for a client's people.")
    )
    author = fields.Nested(PersonReferenceSchema, allow_none=True, metadata=said("Who decided."))
    interaction = fields.UUID(
        allow_none=True, metadata=said("Id of the interaction; null for a client's people.")
    )
    external_id = fields.String(
        allow_none=True,
        metadata=said("The sender's id of the interaction; null for a client's people."),
    )
    channel = fields.String(metadata=said("Channel of the interaction."))
    words = fields.String(allow_none=True, metadata=said("The words that are praised, masked."))
    note = fields.String(allow_none=True, metadata=said("What was said to the agent."))
    created_at = fields.AwareDateTime(metadata=said("When it was decided."))


class KudosPageSchema(Schema):
    """One page of kudos."""

    data = fields.List(fields.Nested(KudosSchema))
    next_cursor = fields.String(allow_none=True)


class KudosProposalSchema(AnswerSchema):
    """An interaction of exceptional empathy, by the machine."""

    client = fields.String(metadata=said("Slug of the client."))
    interaction = fields.UUID(metadata=said("Id of the interaction."))
    external_id = fields.String(metadata=said("The sender's id of the interaction."))
    channel = fields.String(metadata=said("Channel of the interaction."))
    started_at = fields.AwareDateTime(metadata=said("When the conversation began."))
    agent = fields.String(metadata=said("External id of the agent."))
    agent_name = fields.String(metadata=said("Name of the agent."))
    empathy = Rounded(description="Empathy by the machine, of 100.")
    confidence = Rounded(2, "How sure the machine is of its answers, 0-1.")
    quote = fields.Nested(
        QuotePlaceSchema, allow_none=True, metadata=said("The place that its surest answer rests on.")
    )
    words = fields.String(allow_none=True, metadata=said("The words there, masked."))
    strengths = fields.List(
        fields.String(), metadata=said("Questions of empathy that the machine answered at their best.")
    )


class KudosProposalsSchema(Schema):
    """Proposals, the highest empathy first."""

    data = fields.List(fields.Nested(KudosProposalSchema))
