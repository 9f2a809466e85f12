"""Request schemas of interactions and of the events that arrive after them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from qm.interactions.fields import (
    AGENT_CHECKS,
    CLOCK_SKEW,
    MAX_NAME_LENGTH,
    NAME_CHECKS,
    CleanString,
    CustomFacts,
    PastInstant,
    Pattern,
    before_start,
    refuse_blank,
    without_nulls,
)
from qm.interactions.turn_schemas import StatusEvents, Turns
from scorecards.definitions.conversation import CHANNELS, PRIORITIES, STATUSES
from tenants.http.strict_fields import LANGUAGE, Flag, Number, StrictSchema, WholeNumber
from tenants.http.validation_messages import SchemaMessage

MAX_INTERACTION_BYTES = 1024 * 1024
MAX_EVENTS = 100
MAX_TAGS = 50
MAX_REDACTED_NAMES = 50
# As with language tags, $ and the lookahead together match only at the very end.
CURRENCY = r"^[A-Z]{3}$(?!\n)"
MAX_HANDLE_SECONDS = 366 * 24 * 3600.0


def name_field(
    *, required: bool = False, description: str | None = None, checks: Sequence[Any] = NAME_CHECKS
) -> CleanString:
    """Return the field of an id or a name: one to two hundred characters."""
    return CleanString(
        required=required,
        allow_none=not required,
        validate=checks,
        metadata={"description": description} if description else {},
    )


def flag_field() -> Flag:
    """Return the field of a fact that is true, false or unknown."""
    return Flag(allow_none=True)


class _Part(StrictSchema):
    @post_load
    def drop_nulls(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Treat null as not given."""
        return without_nulls(data)


class AgentSchema(_Part):
    """Who handled the interaction."""

    external_id = name_field(required=True, checks=AGENT_CHECKS)
    name = name_field()
    team = name_field()
    site = name_field(description="Where the agent works, such as a delivery centre.")


class CustomerSchema(_Part):
    """The customer; the external id is what an erasure request names."""

    external_id = name_field()
    segment = name_field()


class OutcomeSchema(_Part):
    """The outcome of an interaction, as far as known."""

    csat = WholeNumber(allow_none=True, validate=validate.Range(1, 5))
    nps = WholeNumber(allow_none=True, validate=validate.Range(0, 10))
    resolved = flag_field()
    first_contact = flag_field()
    reopened = flag_field()
    churned = flag_field()
    repurchased = flag_field()
    refunded = flag_field()


class HandlingSchema(_Part):
    """The handling time of the interaction and the agent's concurrency."""

    handle_seconds = Number(allow_none=True, validate=validate.Range(0, MAX_HANDLE_SECONDS))
    concurrency = Number(
        allow_none=True,
        validate=validate.Range(1, 1000),
        metadata={"description": "Interactions the agent held at the same time, this one included."},
    )


class InteractionSchema(StrictSchema):
    """One conversation on one channel."""

    external_id = name_field(required=True, description="The sender's own key, unique per client.")
    channel = CleanString(required=True, validate=validate.OneOf(CHANNELS))
    language = CleanString(
        allow_none=True,
        validate=Pattern(LANGUAGE, "a language tag such as en or pt-BR"),
        metadata={"description": "BCP 47 tag; left out: the client's first language."},
    )
    started_at = PastInstant(required=True)
    ended_at = PastInstant(allow_none=True)
    updated_at = PastInstant(
        allow_none=True,
        metadata={
            "description": "When the sender last changed it. A push with an earlier one than is known "
            "changes nothing; left out, the last push counts."
        },
    )
    agent = fields.Nested(AgentSchema, allow_none=True)
    customer = fields.Nested(CustomerSchema, allow_none=True)
    program = name_field()
    queue = name_field()
    priority = CleanString(allow_none=True, validate=validate.OneOf(PRIORITIES))
    intent = name_field()
    turns = Turns(required=True)
    status = StatusEvents(allow_none=True)
    outcome = fields.Nested(OutcomeSchema, allow_none=True)
    handling = fields.Nested(HandlingSchema, allow_none=True)
    tags = fields.List(name_field(required=True), allow_none=True, validate=validate.Length(max=MAX_TAGS))
    custom = CustomFacts(allow_none=True)
    redact = fields.List(
        CleanString(validate=[validate.Length(2, MAX_NAME_LENGTH), refuse_blank]),
        allow_none=True,
        validate=validate.Length(max=MAX_REDACTED_NAMES),
        metadata={"description": "Names to mask in the text before it is stored; the list is not kept."},
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_whole(self, data: Mapping[str, Any], original: Any, **_: Any) -> None:
        """Check the size of the document and the order of its times."""
        messages: dict[str, Any] = {}
        if document_size(original) > MAX_INTERACTION_BYTES:
            detail = f"An interaction must not take more than {MAX_INTERACTION_BYTES} bytes."
            messages["_schema"] = [SchemaMessage("too_large", detail)]
        started_at, ended_at = data.get("started_at"), data.get("ended_at")
        if started_at is not None and ended_at is not None and ended_at < started_at:
            messages["ended_at"] = [SchemaMessage("out_of_order", "It must not end before it starts.")]
        if started_at is not None:
            messages |= _before_start(data, started_at - CLOCK_SKEW)
        if messages:
            raise ValidationError(messages)

    @post_load
    def fill_in(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Fill in the defaults of all top-level keys."""
        return blank_interaction() | without_nulls(data)


def _before_start(data: Mapping[str, Any], earliest: datetime) -> dict[str, Any]:
    """Return a message for each turn, change of status and version that lies before the start."""
    messages: dict[str, Any] = {}
    for key in ("turns", "status"):
        items = data.get(key)
        found = {
            index: {"at": [before_start]}
            for index, item in enumerate(items if isinstance(items, list) else ())
            if isinstance(item, Mapping) and isinstance(item.get("at"), datetime) and item["at"] < earliest
        }
        if found:
            messages[key] = found
    if data.get("updated_at") is not None and data["updated_at"] < earliest:
        messages["updated_at"] = [before_start]
    return messages


def blank_interaction() -> dict[str, Any]:
    """Return the defaults of an interaction's optional keys."""
    return {
        "language": None,
        "ended_at": None,
        "updated_at": None,
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
    """Return the size of a document as compact JSON in bytes; endless nesting counts as too large."""
    try:
        return len(msgspec.json.encode(document))
    except UnicodeEncodeError:
        # Lone surrogates are rejected with their place by the fields; the size need not be exact.
        return 0
    except RecursionError:
        return MAX_INTERACTION_BYTES + 1


class DiscretionSchema(_Part):
    """A use of an agent's discretion that a playbook allows."""

    key = name_field(required=True)
    amount = Number(allow_none=True, validate=validate.Range(0, 1e9))
    currency = CleanString(
        allow_none=True,
        validate=Pattern(CURRENCY, "a currency code such as USD"),
    )

    @validates_schema
    def check_currency(self, data: Mapping[str, Any], **_: Any) -> None:
        """Require a currency for an amount."""
        if data.get("amount") is not None and data.get("currency") is None:
            raise ValidationError({"currency": [SchemaMessage("required", "An amount needs its currency.")]})


class EventSchema(StrictSchema):
    """One event after an interaction."""

    VALUES: ClassVar[dict[str, fields.Field[Any]]] = {
        "status": CleanString(validate=validate.OneOf(STATUSES)),
        "csat": WholeNumber(validate=validate.Range(1, 5)),
        "nps": WholeNumber(validate=validate.Range(0, 10)),
        "resolved": Flag(),
        "reopened": Flag(),
        "churned": Flag(),
        "repurchased": Flag(),
        "refunded": Flag(),
        "discretion_used": fields.Nested(DiscretionSchema),
    }

    at = PastInstant(required=True)
    kind = CleanString(required=True, validate=validate.OneOf(tuple(VALUES)))
    value = fields.Raw(
        required=True,
        metadata={
            "description": "A status for `status`; 1 to 5 for `csat`; 0 to 10 for `nps`; "
            "`{key, amount, currency}` for `discretion_used`; true or false for the rest."
        },
    )

    @validates_schema(skip_on_field_errors=False)
    def check_value(self, data: dict[str, Any], **_: Any) -> None:
        """Validate and convert the value by the field of its kind."""
        field = self.VALUES.get(data.get("kind", ""))
        if field is None or "value" not in data:
            return
        try:
            data["value"] = field.deserialize(data["value"], "value", data)
        except ValidationError as error:
            raise ValidationError({"value": error.messages}) from None


class EventsSchema(StrictSchema):
    """Several events of one interaction."""

    events = fields.List(fields.Nested(EventSchema), required=True, validate=validate.Length(1, MAX_EVENTS))
