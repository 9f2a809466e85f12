"""Fields of turns and status events: their schemas, length limits and order in time."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from qm.interactions.fields import AGENT_CHECKS, EARLIEST, CleanString, PastInstant, without_nulls
from scorecards.definitions.conversation import SPEAKERS, STATUSES
from tenants.http.strict_fields import StrictSchema
from tenants.http.validation_messages import SchemaMessage

MAX_TURNS = 2_000
MAX_STATUS_EVENTS = 1_000

Messages = dict[int, Any]


class TurnSchema(StrictSchema):
    """One message or utterance."""

    at = PastInstant(
        allow_none=True,
        metadata={"description": "When it was said; left out where a transcript carries no times."},
    )
    speaker = CleanString(required=True, validate=validate.OneOf(SPEAKERS))
    agent = CleanString(
        allow_none=True,
        validate=AGENT_CHECKS,
        metadata={"description": "External id of the agent who spoke, where several did."},
    )
    text = CleanString(
        required=True,
        metadata={
            "description": "What was said: plain text, HTML or a MIME message. Of mails and tickets, quoted "
            "history and signatures are set aside in `quoted`."
        },
    )
    quoted = CleanString(
        allow_none=True,
        metadata={
            "description": "Quoted history and signatures: kept to read, masked, and nobody's new words."
        },
    )

    @post_load
    def drop_nulls(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Treat null as not given."""
        return without_nulls(data)


class StatusEventSchema(StrictSchema):
    """A change of status."""

    at = PastInstant(required=True)
    to = CleanString(required=True, validate=validate.OneOf(STATUSES))


class _Timeline(fields.Nested):
    """A nested list with length limits, in non-decreasing order of time."""

    def __init__(
        self, schema: type[Schema], *, min_items: int, max_items: int, noun: str, **kwargs: Any
    ) -> None:
        """Set the length limits and the noun of the items."""
        super().__init__(schema, many=True, validate=validate.Length(min_items, max_items), **kwargs)
        self.min_items, self.max_items, self.noun = min_items, max_items, noun

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, partial: Any = None, **kwargs: Any
    ) -> Any:
        if isinstance(value, list):
            self._check_length(len(value))
        messages: Messages = {}
        try:
            items = super()._deserialize(value, attr, data, partial=partial, **kwargs)
        except ValidationError as error:
            if not isinstance(value, list) or not isinstance(error.messages, dict):
                raise
            messages, items = error.messages, error.valid_data
        for index, found in self._order_messages(items).items():
            _merge(messages, index, found)
        if messages:
            raise ValidationError(messages, valid_data=items)
        return items

    def _check_length(self, length: int) -> None:
        """Check the length before the items: a hundred thousand invalid turns are one fault."""
        if length > self.max_items:
            raise ValidationError(
                SchemaMessage("too_many", f"There must be at most {self.max_items} {self.noun}s.")
            )
        if length < self.min_items:
            raise ValidationError(
                SchemaMessage("too_few", f"There must be at least {self.min_items} {self.noun}.")
            )

    def _order_messages(self, items: Sequence[Any]) -> Messages:
        messages: Messages = {}
        latest = EARLIEST
        for index, item in enumerate(items):
            at = item.get("at") if isinstance(item, Mapping) else None
            if at is None:
                continue
            if at < latest:
                detail = f"This {self.noun} is earlier than a {self.noun} before it."
                messages[index] = {"at": [SchemaMessage("out_of_order", detail)]}
            else:
                latest = at
        return messages


class Turns(_Timeline):
    """The turns in order of time, no turn directly repeated."""

    def __init__(self, **kwargs: Any) -> None:
        """Nest turns."""
        super().__init__(TurnSchema, min_items=1, max_items=MAX_TURNS, noun="turn", **kwargs)

    def _order_messages(self, items: Sequence[Any]) -> Messages:
        messages = super()._order_messages(items)
        for index, (before, item) in enumerate(pairwise(items), 1):
            # Without a time, a repeated "yes" is most likely two turns, not a duplicate.
            if _identity(item) is not None and _identity(item) == _identity(before):
                detail = f"This turn repeats turn {index - 1}: same time, speaker and text."
                _merge(messages, index, {"_schema": [SchemaMessage("duplicate", detail)]})
        return messages


def _identity(turn: Any) -> tuple[Any, ...] | None:
    if not isinstance(turn, Mapping) or not {"at", "speaker", "text"} <= turn.keys() or turn["at"] is None:
        return None
    return turn["at"], turn["speaker"], turn.get("agent"), turn["text"]


class StatusEvents(_Timeline):
    """The status events in order of time."""

    def __init__(self, **kwargs: Any) -> None:
        """Nest status events."""
        super().__init__(
            StatusEventSchema, min_items=0, max_items=MAX_STATUS_EVENTS, noun="status event", **kwargs
        )


def _merge(messages: Messages, index: int, found: dict[str, Any]) -> None:
    messages[index] = {**messages.get(index, {}), **found}
