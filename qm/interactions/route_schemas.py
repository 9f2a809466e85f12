"""The contract around interactions: filters, results, what is shown."""

from collections.abc import Mapping
from typing import Any

import msgspec
from marshmallow import Schema, fields, validate

from qm.interactions.decoding import load_events, load_interaction
from qm.interactions.fields import Words
from qm.interactions.importers.documents import FORMATS
from qm.interactions.schemas import EventsSchema, InteractionSchema
from tenants.http.contract import FaultSchema

_TEXT = validate.Length(1, 200)


class PushedInteractionSchema(InteractionSchema):
    """One conversation on one channel, loaded by the fast road with the same answers."""

    def load(self, data: Any, **_: Any) -> dict[str, Any]:
        """Load by `qm.interactions.decoding`, which proves itself equal to the declared schema."""
        return load_interaction(data)


class PushedEventsSchema(EventsSchema):
    """Later facts: `{"events": [...]}`, or one event alone."""

    def load(self, data: Any, **_: Any) -> Any:
        """Load one event or several."""
        return load_events(data)


class ImportArguments(Schema):
    """Which foreign format the body is in."""

    format = Words(required=True, validate=validate.OneOf(sorted(FORMATS)))


class RecordedSchema(Schema):
    """What became of a pushed interaction."""

    id = fields.UUID(attribute="interaction_id")
    external_id = fields.String()
    status = fields.String(validate=validate.OneOf(("created", "updated", "unchanged")))


class LineResultSchema(Schema):
    """What became of one line."""

    line = fields.Integer(metadata={"description": "Counted from 1."})
    external_id = fields.String(allow_none=True)
    id = fields.UUID(allow_none=True)
    status = fields.String(validate=validate.OneOf(("created", "updated", "unchanged", "rejected")))
    errors = fields.List(fields.Nested(FaultSchema))


class BulkResultSchema(Schema):
    """What became of each line of a bulk push."""

    data = fields.List(fields.Nested(LineResultSchema))
    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    rejected = fields.Integer()

    def dump(self, obj: Any, **_: Any) -> Any:
        """Write thousands of results at once; what is handed in has the declared shape already."""
        return msgspec.to_builtins(obj)


class ImportedFileSchema(LineResultSchema):
    """What became of one imported document, and where it strays from its format."""

    deviations = fields.List(fields.Nested(FaultSchema))


class ImportResultSchema(BulkResultSchema):
    """What became of each imported document."""

    data = fields.List(fields.Nested(ImportedFileSchema))


class ShownEventSchema(Schema):
    """A later fact as it was kept."""

    id = fields.UUID(attribute="event_id")
    at = fields.AwareDateTime()
    kind = fields.String()
    value = fields.Raw(allow_none=True)
    received_at = fields.AwareDateTime()


class EventsAddedSchema(Schema):
    """The facts that were new."""

    data = fields.List(fields.Nested(ShownEventSchema))


class RetriedSchema(Schema):
    """How many dead interactions were given another try."""

    retried = fields.Integer()


def binary_body(*kinds: str, description: str) -> Mapping[str, Any]:
    """Return the description of a body that is not one JSON object."""
    content = {kind: {"schema": {"type": "string"}} for kind in kinds}
    return {"required": True, "description": description, "content": content}
