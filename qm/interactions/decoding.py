"""Loads interactions fast: msgspec converts valid ones, the marshmallow schema reports faults of others."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import msgspec
from marshmallow import ValidationError
from msgspec import Meta

from qm.interactions.fields import (
    CLOCK_SKEW,
    EARLIEST,
    MAX_NAME_LENGTH,
    Aware,
    custom_field_errors,
    is_reserved_agent,
    latest_moment,
    parse_time,
)
from qm.interactions.schemas import (
    MAX_EVENTS,
    MAX_HANDLE_SECONDS,
    MAX_INTERACTION_BYTES,
    MAX_REDACTED_NAMES,
    MAX_TAGS,
    EventSchema,
    EventsSchema,
    InteractionSchema,
    blank_interaction,
)
from qm.interactions.turn_schemas import MAX_STATUS_EVENTS, MAX_TURNS
from qm.interactions.turn_texts import extract_turn_texts
from tenants.http.faults import Fault, Invalid
from tenants.http.strict_fields import LANGUAGE
from tenants.http.validation_messages import SCHEMA_KEY, faults_from_messages

_Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH)]
_PARTS = ("agent", "customer", "outcome", "handling")
_schema = InteractionSchema()
_event_schema = EventSchema()
_events_schema = EventsSchema()


class _Turn(TypedDict):
    at: NotRequired[Aware | None]
    speaker: Literal["customer", "agent", "bot", "system"]
    agent: NotRequired[_Name | None]
    text: str
    quoted: NotRequired[str | None]


class _StatusEvent(TypedDict):
    at: Aware
    to: Literal["open", "pending", "on_hold", "resolved", "reopened", "closed"]


class _Agent(TypedDict):
    external_id: _Name
    name: NotRequired[_Name | None]
    team: NotRequired[_Name | None]
    site: NotRequired[_Name | None]


class _Customer(TypedDict):
    external_id: NotRequired[_Name | None]
    segment: NotRequired[_Name | None]


class _Outcome(TypedDict):
    csat: NotRequired[Annotated[int, Meta(ge=1, le=5)] | None]
    nps: NotRequired[Annotated[int, Meta(ge=0, le=10)] | None]
    resolved: NotRequired[bool | None]
    first_contact: NotRequired[bool | None]
    reopened: NotRequired[bool | None]
    churned: NotRequired[bool | None]
    repurchased: NotRequired[bool | None]
    refunded: NotRequired[bool | None]


class _Handling(TypedDict):
    handle_seconds: NotRequired[Annotated[float, Meta(ge=0, le=MAX_HANDLE_SECONDS)] | None]
    concurrency: NotRequired[Annotated[float, Meta(ge=1, le=1000)] | None]


class _Interaction(TypedDict):
    external_id: _Name
    channel: Literal["chat", "email", "voice", "ticket", "social", "sms"]
    language: NotRequired[Annotated[str, Meta(pattern=LANGUAGE)] | None]
    started_at: Aware
    ended_at: NotRequired[Aware | None]
    updated_at: NotRequired[Aware | None]
    agent: NotRequired[_Agent | None]
    customer: NotRequired[_Customer | None]
    program: NotRequired[_Name | None]
    queue: NotRequired[_Name | None]
    priority: NotRequired[Literal["urgent", "high", "normal", "low"] | None]
    intent: NotRequired[_Name | None]
    turns: Annotated[list[_Turn], Meta(min_length=1, max_length=MAX_TURNS)]
    status: NotRequired[Annotated[list[_StatusEvent], Meta(max_length=MAX_STATUS_EVENTS)] | None]
    outcome: NotRequired[_Outcome | None]
    handling: NotRequired[_Handling | None]
    tags: NotRequired[Annotated[list[_Name], Meta(max_length=MAX_TAGS)] | None]
    custom: NotRequired[dict[str, Any] | None]
    redact: NotRequired[
        Annotated[
            list[Annotated[str, Meta(min_length=2, max_length=MAX_NAME_LENGTH)]],
            Meta(max_length=MAX_REDACTED_NAMES),
        ]
        | None
    ]


def load_interaction(data: Any, *, texts_extracted: bool = False) -> dict[str, Any]:
    """
    Return an interaction as plain values with aware UTC times, or raise Invalid with every fault.

    The contract is `InteractionSchema`. For valid data msgspec returns the same result as the schema, but
    faster; all other data is loaded by the schema, which alone produces error messages. The texts of turns
    are read out of HTML, MIME and mail, unless that has been done.
    """
    loaded = convert_valid(data)
    loaded = _load_by_schema(data) if loaded is None else loaded
    return loaded if texts_extracted else extract_turn_texts(loaded)


def load_by_schema(data: Any) -> dict[str, Any]:
    """Load an interaction by `InteractionSchema` alone."""
    return extract_turn_texts(_load_by_schema(data))


def _load_by_schema(data: Any) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = _schema.load(data)
    except ValidationError as error:
        raise _invalid(error) from None
    return loaded


def load_events(data: Any) -> list[dict[str, Any]]:
    """Return events, sent as one event or as `{"events": [...]}`, or raise Invalid."""
    many = isinstance(data, Mapping) and "events" in data
    if many and isinstance(data["events"], list) and len(data["events"]) > MAX_EVENTS:
        # Checked before the items, as with turns.
        raise Invalid([Fault("/events", "too_many", f"There must be at most {MAX_EVENTS} events.")])
    try:
        if many:
            events: list[dict[str, Any]] = _events_schema.load(data)["events"]
            return events
        return [_event_schema.load(data)]
    except ValidationError as error:
        raise _invalid(error) from None


def stated_moments(events: Any) -> list[datetime | None]:
    """Return when each of the events happened by its own account; None where that cannot be read."""
    if not isinstance(events, list) or len(events) > MAX_EVENTS:
        return []
    return [_stated_moment(event) for event in events]


def _stated_moment(event: Any) -> datetime | None:
    try:
        return parse_time(event["at"])
    except (KeyError, TypeError, ValidationError):
        return None


def _invalid(error: ValidationError) -> Invalid:
    messages = error.messages if isinstance(error.messages, Mapping) else {SCHEMA_KEY: error.messages}
    return Invalid(faults_from_messages(messages))


def convert_valid(data: Any) -> dict[str, Any] | None:
    """Return the interaction if it is certainly valid, otherwise None."""
    try:
        # One encoding checks three things: the size, NUL characters and lone surrogates.
        encoded = msgspec.json.encode(data)
        if len(encoded) > MAX_INTERACTION_BYTES or b"\\u0000" in encoded:
            return None
        loaded: dict[str, Any] = msgspec.convert(data, _Interaction)
    except (msgspec.ValidationError, UnicodeEncodeError, RecursionError):
        return None
    # A TypedDict drops what it does not know: a shorter result had an unknown field.
    valid = (
        len(loaded) == len(data)
        and _are_parts_valid(loaded, data)
        and _is_header_valid(loaded)
        and _are_times_valid(loaded, latest := latest_moment())
        and _are_turns_valid(loaded["turns"], data["turns"], earliest := _earliest(loaded), latest)
        and _are_status_events_valid(loaded.get("status") or [], data.get("status") or [], earliest, latest)
    )
    return _with_defaults(loaded) if valid else None


def _are_parts_valid(loaded: dict[str, Any], data: Mapping[str, Any]) -> bool:
    for key in _PARTS:
        part = loaded.get(key)
        if part is None:
            continue
        if len(part) != len(data[key]):
            return False
        for name, value in list(part.items()):
            if value is None:
                del part[name]
            elif type(value) is str and value.isspace():
                return False
    return True


def _is_header_valid(loaded: dict[str, Any]) -> bool:
    if loaded.get("agent") and is_reserved_agent(loaded["agent"]["external_id"]):
        return False
    for value in loaded.values():
        if type(value) is str and value.isspace():
            return False
    for key in ("tags", "redact"):
        if any(map(str.isspace, loaded.get(key) or ())):
            return False
    custom = loaded.get("custom")
    return not custom or next(custom_field_errors(custom), None) is None


def _are_times_valid(loaded: dict[str, Any], limit: datetime) -> bool:
    started_at = loaded["started_at"]
    if not EARLIEST <= started_at <= limit:
        return False
    earliest = {"started_at": started_at, "ended_at": started_at, "updated_at": _earliest(loaded)}
    for name, bound in earliest.items():
        at = loaded.get(name)
        if at is None:
            continue
        if not bound <= at <= limit:
            return False
        loaded[name] = at.astimezone(UTC)
    return True


def _earliest(loaded: Mapping[str, Any]) -> datetime:
    """Return the earliest moment that something of an interaction can have."""
    started_at: datetime = loaded["started_at"]
    return max(EARLIEST, started_at - CLOCK_SKEW)


def _are_turns_valid(
    turns: list[dict[str, Any]], given: list[Mapping[str, Any]], earliest: datetime, limit: datetime
) -> bool:
    latest, said_before = earliest, None
    for turn, original in zip(turns, given, strict=True):
        if len(turn) != len(original):
            return False
        for name in ("agent", "quoted"):
            if name in turn and turn[name] is None:
                del turn[name]
        if "agent" in turn and not _is_agent_valid(turn["agent"]):
            return False
        at = turn.get("at")
        if at is None:
            turn.pop("at", None)
            said_before = None
            continue
        said = (at, turn["speaker"], turn.get("agent"), turn["text"])
        if at < latest or at > limit or said == said_before:
            return False
        latest, said_before = at, said
        if at.tzinfo is not UTC:
            turn["at"] = at.astimezone(UTC)
    return True


def _is_agent_valid(agent: str) -> bool:
    return not agent.isspace() and not is_reserved_agent(agent)


def _are_status_events_valid(
    events: list[dict[str, Any]], given: list[Mapping[str, Any]], earliest: datetime, limit: datetime
) -> bool:
    latest = earliest
    for event, original in zip(events, given, strict=True):
        at = event["at"]
        if len(event) != len(original) or not latest <= at <= limit:
            return False
        latest = at
        event["at"] = at.astimezone(UTC)
    return True


def _with_defaults(loaded: dict[str, Any]) -> dict[str, Any]:
    filled = blank_interaction()
    for key, value in loaded.items():
        if value is not None:
            filled[key] = value
    return filled
