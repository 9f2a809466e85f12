"""Request and response schemas of webhooks."""

from typing import Any

from marshmallow import fields, validate

from qm.webhooks.addresses import MAX_URL_LENGTH
from qm.webhooks.delivery_claims import MAX_ERROR_LENGTH
from qm.webhooks.events import EVENT_TYPES, TEST
from qm.webhooks.listening import MAX_FETCHED
from qm.webhooks.models import DELIVERY_STATES, DISABLED_BECAUSE, KINDS, STATES
from scorecards.authoring.fields import StrictSchema, Text, text_field
from tenants.http.contract import AnswerSchema, PageArguments
from tenants.http.strict_fields import Flag, WholeNumber

_MAX_CLIENTS = 200
_MAX_DESCRIPTION = 200
_KIND = {
    "description": "`http`: events are sent to an address. `listen`: they are fetched, as `qm listen` does."
}
_URL = {"description": "Where events are sent; null for one that is listened to."}
_EVENTS = {"description": "Which events it gets."}
_CLIENTS = {"description": "Slugs of the clients whose events it gets; null for every client."}
_STATE = {"description": "Whether it gets events."}


def _url(**more: Any) -> Text:
    return Text(allow_none=True, validate=validate.Length(1, MAX_URL_LENGTH), metadata=_URL, **more)


def _description(**more: Any) -> Text:
    return text_field(_MAX_DESCRIPTION, min_length=0, metadata={"description": "What it is for."}, **more)


def _events(**more: Any) -> fields.List[Any]:
    return fields.List(
        fields.String(validate=validate.OneOf(EVENT_TYPES)),
        validate=validate.Length(max=3 * len(EVENT_TYPES)),
        metadata=_EVENTS,
        **more,
    )


def _clients(**more: Any) -> fields.List[Any]:
    return fields.List(
        Text(validate=validate.Length(1, 63)),
        allow_none=True,
        validate=validate.Length(max=_MAX_CLIENTS),
        metadata=_CLIENTS,
        **more,
    )


class WebhookChangeSchema(StrictSchema):
    """What is to be changed of a webhook."""

    url = _url()
    description = _description()
    events = _events()
    clients = _clients()
    state = fields.String(validate=validate.OneOf(STATES), metadata=_STATE)


class NewWebhookSchema(StrictSchema):
    """A webhook to add."""

    kind = fields.String(load_default="http", validate=validate.OneOf(KINDS), metadata=_KIND)
    url = _url(load_default=None)
    description = _description(load_default="")
    events = _events(required=True)
    clients = _clients(load_default=None)


class WebhookSchema(AnswerSchema):
    """A webhook, without its secret."""

    id = fields.UUID()
    kind = fields.String(validate=validate.OneOf(KINDS), metadata=_KIND)
    url = fields.String(allow_none=True, metadata=_URL)
    description = fields.String(metadata={"description": "What it is for."})
    events = fields.List(fields.String(validate=validate.OneOf(EVENT_TYPES)), metadata=_EVENTS)
    clients = fields.List(fields.String(), allow_none=True, metadata=_CLIENTS)
    state = fields.String(validate=validate.OneOf(STATES), metadata=_STATE)
    disabled_because = fields.String(
        allow_none=True,
        validate=validate.OneOf((*DISABLED_BECAUSE, None)),
        metadata={
            "description": "Why it is disabled: by a person, because it failed for five days, or because it"
            " answered 410 Gone."
        },
    )
    failing_since = fields.AwareDateTime(
        allow_none=True,
        metadata={"description": "Since when no attempt succeeded; null if the last one did."},
    )
    attempts_succeeded = fields.Integer(metadata={"description": "How many attempts succeeded."})
    attempts_failed = fields.Integer(metadata={"description": "How many attempts failed."})
    old_secret_until = fields.AwareDateTime(
        allow_none=True,
        metadata={
            "description": "Until when the secret before the present one signs too; null if none does."
        },
    )
    created_at = fields.AwareDateTime()


class WebhookWithSecretSchema(WebhookSchema):
    """A webhook with its new secret, which is shown this once."""

    secret = fields.String(
        metadata={
            "description": "Signs what is sent; a replayed answer lacks it.",
            "example": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "x-optional": True,
        }
    )


class WebhookPageSchema(AnswerSchema):
    """A page of webhooks."""

    data = fields.List(fields.Nested(WebhookSchema))
    next_cursor = fields.String(allow_none=True)


class RotationSchema(StrictSchema):
    """How a secret is rotated."""

    at_once = Flag(
        load_default=False,
        metadata={"description": "Whether the secret before is void now, and not only after 24 hours."},
    )


class DeliveryListArguments(PageArguments):
    """Filters of the list of deliveries."""

    state = fields.String(
        load_default=None,
        validate=validate.OneOf(DELIVERY_STATES),
        metadata={"description": "Only deliveries in this state."},
    )
    type = fields.String(
        load_default=None,
        validate=validate.OneOf((*EVENT_TYPES, TEST)),
        metadata={"description": "Only events of this type."},
    )


class WebhookDeliverySchema(AnswerSchema):
    """One event for one webhook, and what became of it."""

    id = fields.UUID(metadata={"description": "Id of the event: the `webhook-id` of every attempt."})
    client = fields.String(allow_none=True, metadata={"description": "Slug of the client; null for a test."})
    type = fields.String(
        validate=validate.OneOf((*EVENT_TYPES, TEST)), metadata={"description": "Type of the event."}
    )
    timestamp = fields.AwareDateTime(metadata={"description": "When it happened."})
    data = fields.Dict(metadata={"description": "What is sent as `data`."})
    state = fields.String(
        validate=validate.OneOf(DELIVERY_STATES),
        metadata={
            "description": "`pending`: waits, or is tried again. `delivered`. `failed`: every attempt failed."
        },
    )
    attempts = fields.Integer(
        metadata={"description": "How often it was tried since it was made or replayed."}
    )
    next_attempt_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When it is tried next, at the earliest."}
    )
    attempted_at = fields.AwareDateTime(allow_none=True, metadata={"description": "When it was tried last."})
    status_code = fields.Integer(
        allow_none=True, metadata={"description": "What the receiver answered last; null without an answer."}
    )
    error = fields.String(allow_none=True, metadata={"description": "Why there was no answer."})
    created_at = fields.AwareDateTime()


class WebhookDeliveryPageSchema(AnswerSchema):
    """A page of deliveries, the newest first."""

    data = fields.List(fields.Nested(WebhookDeliverySchema))
    next_cursor = fields.String(allow_none=True)


class ListenOutcomeSchema(StrictSchema):
    """What became of an event that was fetched."""

    event_id = fields.UUID(required=True, metadata={"description": "Id of the event."})
    status_code = WholeNumber(
        load_default=None,
        allow_none=True,
        validate=validate.Range(100, 599),
        metadata={"description": "What the local receiver answered; null without an answer."},
    )
    error = Text(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, MAX_ERROR_LENGTH),
        metadata={"description": "Why there was no answer."},
    )


class ListenSchema(StrictSchema):
    """What became of the events fetched last."""

    token = fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "The `token` that they came with."}
    )
    outcomes = fields.List(
        fields.Nested(ListenOutcomeSchema),
        load_default=list,
        validate=validate.Length(max=MAX_FETCHED),
        metadata={"description": "One entry for each of them."},
    )


class FetchedEventSchema(AnswerSchema):
    """An event to be posted as it is."""

    id = fields.UUID(attribute="event_id", metadata={"description": "Id of the event."})
    type = fields.String(
        validate=validate.OneOf((*EVENT_TYPES, TEST)), metadata={"description": "Type of the event."}
    )
    headers = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={
            "description": "Header fields to send: `webhook-id`, `webhook-timestamp`, `webhook-signature`."
        },
    )
    body = fields.String(metadata={"description": "Body to send, to the byte, as `application/json`."})


class FetchedEventsSchema(AnswerSchema):
    """Events for whoever listens."""

    token = fields.UUID(
        allow_none=True, metadata={"description": "To report what became of them; null when there are none."}
    )
    data = fields.List(fields.Nested(FetchedEventSchema))
