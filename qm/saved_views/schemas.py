"""Request and response schemas of saved views."""

from typing import Any

from marshmallow import fields, validate

from qm.saved_views.models import LISTS
from scorecards.authoring.fields import StrictSchema, Text, text_field
from tenants.http.contract import AnswerSchema, PageArguments
from tenants.http.strict_fields import Flag

_QUERY = {
    "description": "Query of the list's address: the same filters as of its endpoint, and `columns`.",
    "example": "channel=chat&state=dead",
}
_SHARED = {"description": "Whether everybody of the provider sees it who sees the client."}


def _client(**options: Any) -> Text:
    return Text(
        validate=validate.Length(1, 63),
        metadata={"description": "Slug of the client whose list it is; null for a list of all clients."},
        **options,
    )


class SavedViewListArguments(PageArguments):
    """Filters of the list of saved views."""

    list = fields.String(
        load_default=None, validate=validate.OneOf(LISTS), metadata={"description": "Only views of this."}
    )
    client = Text(
        load_default=None,
        validate=validate.Length(1, 63),
        metadata={"description": "Slug or id of a client: only views of its lists."},
    )


class NewSavedViewSchema(StrictSchema):
    """A view of a list, to be saved."""

    list = Text(
        required=True, validate=validate.OneOf(LISTS), metadata={"description": "Which list it shows."}
    )
    client = _client(load_default=None, allow_none=True)
    name = text_field(80, required=True)
    query = Text(load_default="", validate=validate.Length(max=2000), metadata=_QUERY)
    shared = Flag(load_default=False, metadata=_SHARED)


class SavedViewChangeSchema(StrictSchema):
    """What is to be changed of a view."""

    name = text_field(80)
    query = Text(validate=validate.Length(max=2000), metadata=_QUERY)
    shared = Flag(metadata=_SHARED)


class SavedViewSchema(AnswerSchema):
    """A list as somebody likes to see it."""

    id = fields.UUID()
    list = fields.String(validate=validate.OneOf(LISTS), metadata={"description": "Which list it shows."})
    client = fields.String(
        allow_none=True,
        metadata={"description": "Slug of the client whose list it is; null for a list of all clients."},
    )
    name = fields.String()
    query = fields.String(metadata=_QUERY)
    shared = fields.Boolean(metadata=_SHARED)
    owner = fields.String(allow_none=True, metadata={"description": "Name of the person who saved it."})
    is_own = fields.Boolean(metadata={"description": "Whether the caller saved it, and may change it."})
    owner_left = fields.Boolean(
        metadata={"description": "Whether that person is disabled; who wants it may take it over."}
    )
    created_at = fields.AwareDateTime()


class SavedViewPageSchema(AnswerSchema):
    """A page of saved views."""

    data = fields.List(fields.Nested(SavedViewSchema))
    next_cursor = fields.String(allow_none=True)
