"""The contract of an interaction and of the facts that arrive after it."""

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from qm.interactions.fields import (
    NAME_LENGTH,
    Custom,
    Instant,
    Words,
    Written,
    without_nulls,
)
from qm.interactions.turns import StatusEvents, Turns
from scorecards.definitions.conversation import CHANNELS, PRIORITIES, STATUSES
from tenants.http.strict_fields import LANGUAGE, Flag, Number, StrictSchema, WholeNumber
from tenants.http.validation_messages import SchemaMessage

LARGEST_INTERACTION = 1024 * 1024
MOST_EVENTS = 100
MOST_TAGS = 50
MOST_NAMES = 50
# As with language tags, $ and the look-ahead together mean the very end.
CURRENCY = r"^[A-Z]{3}$(?!\n)"
LONGEST_HANDLING = 366 * 24 * 3600.0


def not_blank(value: str) -> None:
    """Refuse a name that is nothing but white space."""
    if value.isspace():
        raise ValidationError(SchemaMessage("blank", "This must not be blank."))


def naming(*, required: bool = False, description: str | None = None) -> Words:
    """Return the field of an id or a name: one to two hundred characters."""
    return Words(
        required=required,
        allow_none=not required,
        validate=[validate.Length(1, NAME_LENGTH), not_blank],
        metadata={"description": description} if description else {},
    )


def yes_or_no() -> Flag:
    """Return the field of a fact that is true, false or not known."""
    return Flag(allow_none=True)


class _Part(StrictSchema):
    @post_load
    def drop_nulls(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Treat null as not given."""
        return without_nulls(data)


class AgentSchema(_Part):
    """Who handled the interaction."""

    external_id = naming(required=True)
    name = naming()
    team = naming()
    site = naming(description="Where the agent works, such as a delivery centre.")


class CustomerSchema(_Part):
    """Who asked; the reference is what an erasure request names."""

    external_id = naming()
    segment = naming()


class OutcomeSchema(_Part):
    """What became of it, as far as known."""

    csat = WholeNumber(allow_none=True, validate=validate.Range(1, 5))
    nps = WholeNumber(allow_none=True, validate=validate.Range(0, 10))
    resolved = yes_or_no()
    first_contact = yes_or_no()
    reopened = yes_or_no()
    churned = yes_or_no()
    repurchased = yes_or_no()
    refunded = yes_or_no()


class HandlingSchema(_Part):
    """What the interaction cost the agent."""

    handle_seconds = Number(allow_none=True, validate=validate.Range(0, LONGEST_HANDLING))
    concurrency = Number(
        allow_none=True,
        validate=validate.Range(1, 1000),
        metadata={"description": "Interactions the agent held at the same time, this one included."},
    )


class InteractionSchema(StrictSchema):
    """One conversation on one channel."""

    external_id = naming(required=True, description="The sender's own key, unique per client.")
    channel = Words(required=True, validate=validate.OneOf(CHANNELS))
    language = Words(
        allow_none=True,
        validate=Written(LANGUAGE, "a language tag such as en or pt-BR"),
        metadata={"description": "BCP 47 tag; left out: the client's first language."},
    )
    started_at = Instant(required=True)
    ended_at = Instant(allow_none=True)
    agent = fields.Nested(AgentSchema, allow_none=True)
    customer = fields.Nested(CustomerSchema, allow_none=True)
    program = naming()
    queue = naming()
    priority = Words(allow_none=True, validate=validate.OneOf(PRIORITIES))
    intent = naming()
    turns = Turns(required=True)
    status = StatusEvents(allow_none=True)
    outcome = fields.Nested(OutcomeSchema, allow_none=True)
    handling = fields.Nested(HandlingSchema, allow_none=True)
    tags = fields.List(naming(required=True), allow_none=True, validate=validate.Length(max=MOST_TAGS))
    custom = Custom(allow_none=True)
    redact = fields.List(
        Words(validate=[validate.Length(2, NAME_LENGTH), not_blank]),
        allow_none=True,
        validate=validate.Length(max=MOST_NAMES),
        metadata={"description": "Names to mask in the text before it is stored; the list is not kept."},
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_whole(self, data: Mapping[str, Any], original: Any, **_: Any) -> None:
        """Check what no single field can see."""
        messages: dict[str, list[str]] = {}
        if document_size(original) > LARGEST_INTERACTION:
            detail = f"An interaction must not take more than {LARGEST_INTERACTION} bytes."
            messages["_schema"] = [SchemaMessage("too_large", detail)]
        started_at, ended_at = data.get("started_at"), data.get("ended_at")
        if started_at is not None and ended_at is not None and ended_at < started_at:
            messages["ended_at"] = [SchemaMessage("out_of_order", "It must not end before it starts.")]
        if messages:
            raise ValidationError(messages)

    @post_load
    def fill_in(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Give every top-level key a value, so that readers need not ask."""
        return blank_interaction() | without_nulls(data)


def blank_interaction() -> dict[str, Any]:
    """Return what an interaction says about itself where it says nothing."""
    return {
        "language": None,
        "ended_at": None,
        "agent": None,
        "customer": None,
        "program": None,
        "queue": None,
        "priority": "normal",
        "intent": None,
        "status": [],
        "outcome": {},
        "handling": {},
        "tags": [],
        "custom": {},
        "redact": [],
    }


def document_size(document: Any) -> int:
    """Return the bytes of a document as compact JSON; nesting without end counts as too large."""
    try:
        return len(msgspec.json.encode(document))
    except UnicodeEncodeError:
        # Lone surrogates are refused with their place by the fields; the length need not be exact.
        return 0
    except RecursionError:
        return LARGEST_INTERACTION + 1


class DiscretionSchema(_Part):
    """A use of the discretion that a playbook allows."""

    key = naming(required=True)
    amount = Number(allow_none=True, validate=validate.Range(0, 1e9))
    currency = Words(
        allow_none=True,
        validate=Written(CURRENCY, "a currency code such as USD"),
    )

    @validates_schema
    def check_currency(self, data: Mapping[str, Any], **_: Any) -> None:
        """An amount means nothing without its currency."""
        if data.get("amount") is not None and data.get("currency") is None:
            raise ValidationError({"currency": [SchemaMessage("required", "An amount needs its currency.")]})


class EventSchema(StrictSchema):
    """One later fact about an interaction."""

    VALUES: ClassVar[dict[str, fields.Field[Any]]] = {
        "status": Words(validate=validate.OneOf(STATUSES)),
        "csat": WholeNumber(validate=validate.Range(1, 5)),
        "nps": WholeNumber(validate=validate.Range(0, 10)),
        "resolved": Flag(),
        "reopened": Flag(),
        "churned": Flag(),
        "repurchased": Flag(),
        "refunded": Flag(),
        "discretion_used": fields.Nested(DiscretionSchema),
    }

    at = Instant(required=True)
    kind = Words(required=True, validate=validate.OneOf(tuple(VALUES)))
    value = fields.Raw(
        required=True,
        metadata={
            "description": "A status for `status`; 1 to 5 for `csat`; 0 to 10 for `nps`; "
            "`{key, amount, currency}` for `discretion_used`; true or false for the rest."
        },
    )

    @validates_schema(skip_on_field_errors=False)
    def check_value(self, data: dict[str, Any], **_: Any) -> None:
        """Check the value as its kind demands; what the kind makes of it takes its place."""
        field = self.VALUES.get(data.get("kind", ""))
        if field is None or "value" not in data:
            return
        try:
            data["value"] = field.deserialize(data["value"], "value", data)
        except ValidationError as error:
            raise ValidationError({"value": error.messages}) from None


class EventsSchema(StrictSchema):
    """Several later facts about one interaction."""

    events = fields.List(fields.Nested(EventSchema), required=True, validate=validate.Length(1, MOST_EVENTS))
