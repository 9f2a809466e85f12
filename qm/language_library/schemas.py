"""Request and response schemas of language libraries."""

from typing import Any

from marshmallow import Schema, fields, validate

from qm.language_library.models import EMOTIONS, KINDS, STATES
from qm.reviews.schemas import PersonReferenceSchema
from scorecards.authoring.fields import StrictSchema, choice_field, key_field, text_field
from tenants.http.contract import AnswerSchema, PageArguments
from tenants.http.strict_fields import WholeNumber

_MAX_TURNS, _MAX_CHARACTERS = 10_000, 1_000_000


def said(description: str, **more: Any) -> dict[str, Any]:
    """Return the metadata that describe a property."""
    return {"description": description, **more}


class LibraryListArguments(PageArguments):
    """Filters of a library."""

    kind = choice_field(KINDS, load_default=None, metadata=said("Only phrases, or only scenarios."))
    emotion = choice_field(EMOTIONS, load_default=None, metadata=said("What the customer feels."))
    question = key_field(load_default=None, metadata=said("Key of the question that it is an example of."))
    state = choice_field(
        STATES, load_default="confirmed", metadata=said("Declined ones are shown to those who decide.")
    )


class LibraryPlaceSchema(StrictSchema):
    """A place in a conversation: of a phrase a turn or characters of it, of a scenario several turns."""

    turn = WholeNumber(
        required=True, validate=validate.Range(0, _MAX_TURNS), metadata=said("Number of the turn, from 0.")
    )
    start = WholeNumber(
        validate=validate.Range(0, _MAX_CHARACTERS),
        metadata=said("First character of a phrase.", **{"x-optional": True}),
    )
    end = WholeNumber(
        validate=validate.Range(1, _MAX_CHARACTERS),
        metadata=said("The character after the last one.", **{"x-optional": True}),
    )
    last = WholeNumber(
        validate=validate.Range(0, _MAX_TURNS),
        metadata=said("Last turn of a scenario.", **{"x-optional": True}),
    )


class NewLibraryEntrySchema(StrictSchema):
    """A phrase or scenario that is confirmed or declined."""

    evaluation = fields.UUID(required=True, metadata=said("Id of the evaluation by a person it is from."))
    question = key_field(
        required=True,
        metadata=said("Key of the question it is an example of.", example="validates_feeling"),
    )
    kind = choice_field(KINDS, load_default="phrase", metadata=said("A phrase, or several turns."))
    place = fields.Nested(LibraryPlaceSchema, required=True, metadata=said("Where the words are."))
    emotion = choice_field(
        EMOTIONS, load_default=None, allow_none=True, metadata=said("What the customer feels.")
    )
    note = text_field(500, load_default=None, allow_none=True, metadata=said("When to say it."))
    state = choice_field(
        STATES, load_default="confirmed", metadata=said("`declined`: it is proposed no more.")
    )


class LibraryTurnSchema(Schema):
    """A turn of a scenario."""

    speaker = fields.String(metadata=said("Who speaks."))
    text = fields.String(metadata=said("What is said, masked and without the agent's name."))


class LibraryEntrySchema(AnswerSchema):
    """A phrase or scenario of a library."""

    id = fields.UUID()
    client = fields.String(metadata=said("Slug of the client."))
    kind = fields.String(validate=validate.OneOf(KINDS), metadata=said("A phrase, or several turns."))
    state = fields.String(validate=validate.OneOf(STATES), metadata=said("What a person decided."))
    question = fields.String(metadata=said("Key of the question it is an example of."))
    text = fields.String(metadata=said("The question as it is asked."))
    emotion = fields.String(
        allow_none=True, validate=validate.OneOf(EMOTIONS), metadata=said("What the customer feels.")
    )
    words = fields.String(
        allow_none=True,
        metadata=said("The words, masked and without the agent's name; null once the conversation changed."),
    )
    turns = fields.List(fields.Nested(LibraryTurnSchema), metadata=said("The turns of a scenario."))
    channel = fields.String(metadata=said("Channel of the interaction."))
    note = fields.String(allow_none=True, metadata=said("When to say it."))
    author = fields.Nested(
        PersonReferenceSchema, allow_none=True, metadata=said("Who decided; null for those who do not.")
    )
    interaction = fields.UUID(
        allow_none=True, metadata=said("Where it is from; null for those who do not decide.")
    )
    created_at = fields.AwareDateTime(metadata=said("When it was decided."))


class LibraryPageSchema(Schema):
    """One page of a library."""

    data = fields.List(fields.Nested(LibraryEntrySchema))
    next_cursor = fields.String(allow_none=True)


class LibraryProposalSchema(Schema):
    """What could be in the library."""

    client = fields.String(metadata=said("Slug of the client."))
    kind = fields.String(validate=validate.OneOf(KINDS), metadata=said("A phrase, or several turns."))
    evaluation = fields.UUID(metadata=said("Id of the evaluation by a person it is from."))
    interaction = fields.UUID(metadata=said("Where it is from."))
    external_id = fields.String(metadata=said("The sender's id of the interaction."))
    channel = fields.String(metadata=said("Channel of the interaction."))
    question = fields.String(metadata=said("Key of the question it is an example of."))
    text = fields.String(metadata=said("The question as it is asked."))
    place = fields.Nested(LibraryPlaceSchema, metadata=said("Where the words are."))
    words = fields.String(metadata=said("The words, masked."))
    turns = fields.List(fields.Nested(LibraryTurnSchema), metadata=said("The turns of a scenario."))


class LibraryProposalsSchema(Schema):
    """Proposals, those of the best interactions first."""

    data = fields.List(fields.Nested(LibraryProposalSchema))
