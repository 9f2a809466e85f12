"""Request and response schemas of the routes of interactions."""

from collections.abc import Mapping
from typing import Any

import msgspec
from marshmallow import Schema, fields, validate

from qm.interactions.decoding import load_events, load_interaction, stated_moments
from qm.interactions.events import PushedEvents
from qm.interactions.fields import CleanString
from qm.interactions.importers.documents import FORMATS
from qm.interactions.ndjson import MAX_LINES
from qm.interactions.schemas import EventsSchema, InteractionSchema
from tenants.http.contract import FaultSchema
from tenants.http.faults import Invalid

_TEXT = validate.Length(1, 200)


class PushedInteractionSchema(InteractionSchema):
    """One conversation on one channel, loaded by the faster equivalent of `InteractionSchema`."""

    def load(self, data: Any, **_: Any) -> dict[str, Any]:
        """Load by `qm.interactions.decoding`, which tests prove equivalent to the declared schema."""
        return load_interaction(data)


class PushedEventsSchema(EventsSchema):
    """Events: `{"events": [...]}`, or one event alone."""

    def load(self, data: Any, **_: Any) -> Any:
        """Load one event or several; their faults are told with those that only their interaction shows."""
        listed = isinstance(data, Mapping) and "events" in data
        moments = stated_moments(data["events"] if listed else [data])
        try:
            return PushedEvents(load_events(data), moments, listed)
        except Invalid as error:
            return PushedEvents([], moments, listed, error.faults)


class InteractionBatchSchema(Schema):
    """Interactions that are pushed together; a bad one never harms a good one."""

    interactions = fields.List(
        fields.Nested(PushedInteractionSchema), required=True, validate=validate.Length(1, MAX_LINES)
    )


class ImportArguments(Schema):
    """The format of the body."""

    format = CleanString(required=True, validate=validate.OneOf(sorted(FORMATS)))


class RecordedSchema(Schema):
    """The result of a pushed interaction."""

    id = fields.UUID(attribute="interaction_id")
    external_id = fields.String()
    status = fields.String(validate=validate.OneOf(("created", "updated", "unchanged")))


class LineResultSchema(Schema):
    """The result of one line."""

    line = fields.Integer(metadata={"description": "Counted from 1."})
    external_id = fields.String(allow_none=True)
    id = fields.UUID(allow_none=True)
    status = fields.String(validate=validate.OneOf(("created", "updated", "unchanged", "rejected")))
    errors = fields.List(fields.Nested(FaultSchema))


class BulkResultSchema(Schema):
    """The results of a bulk push by line."""

    data = fields.List(fields.Nested(LineResultSchema))
    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    rejected = fields.Integer()

    def dump(self, obj: Any, **_: Any) -> Any:
        """Serialize results by msgspec, which is faster; they have the declared fields already."""
        return msgspec.to_builtins(obj)


class ImportedFileSchema(LineResultSchema):
    """The result of one imported document, with its deviations from the format."""

    deviations = fields.List(fields.Nested(FaultSchema))


class ImportResultSchema(BulkResultSchema):
    """The results of an import by document."""

    data = fields.List(fields.Nested(ImportedFileSchema))


class ShownEventSchema(Schema):
    """A stored event."""

    id = fields.UUID(attribute="event_id")
    at = fields.AwareDateTime()
    kind = fields.String()
    value = fields.Raw(allow_none=True)
    received_at = fields.AwareDateTime()


class EventsAddedSchema(Schema):
    """The events that were new."""

    data = fields.List(fields.Nested(ShownEventSchema))


class EventListSchema(Schema):
    """All later facts of an interaction."""

    data = fields.List(fields.Nested(ShownEventSchema))


class RetriedSchema(Schema):
    """How many dead interactions were set back to pending."""

    retried = fields.Integer()
