"""The turns and status events of an interaction as declared: fields, bounds and the order in time."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from qm.interactions.fields import EARLIEST, NAME_LENGTH, Instant, Words, without_nulls
from scorecards.definitions.conversation import SPEAKERS, STATUSES
from tenants.http.strict_fields import StrictSchema
from tenants.http.validation_messages import SchemaMessage

MAX_TURNS = 2_000
MAX_STATUS_EVENTS = 1_000

Messages = dict[int, Any]


class TurnSchema(StrictSchema):
    """One message or utterance."""

    at = Instant(
        allow_none=True,
        metadata={"description": "When it was said; left out where a transcript carries no times."},
    )
    speaker = Words(required=True, validate=validate.OneOf(SPEAKERS))
    agent = Words(
        allow_none=True,
        validate=validate.Length(1, NAME_LENGTH),
        metadata={"description": "External id of the agent who spoke, where several did."},
    )
    text = Words(required=True)

    @post_load
    def drop_nulls(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Treat null as not given."""
        return without_nulls(data)


class StatusEventSchema(StrictSchema):
    """The interaction went into a status."""

    at = Instant(required=True)
    to = Words(required=True, validate=validate.OneOf(STATUSES))


class _Timeline(fields.Nested):
    """A bounded list of timed items in non-decreasing order of time."""

    def __init__(self, schema: type[Schema], *, fewest: int, most: int, noun: str, **kwargs: Any) -> None:
        """Set the bounds and what the items are called."""
        super().__init__(schema, many=True, validate=validate.Length(fewest, most), **kwargs)
        self.fewest, self.most, self.noun = fewest, most, noun

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
        """Judge the length before the items: a hundred thousand wrong turns are one fault."""
        if length > self.most:
            raise ValidationError(
                SchemaMessage("too_many", f"There must be at most {self.most} {self.noun}s.")
            )
        if length < self.fewest:
            raise ValidationError(
                SchemaMessage("too_few", f"There must be at least {self.fewest} {self.noun}.")
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
    """What was said, in order, nothing twice."""

    def __init__(self, **kwargs: Any) -> None:
        """Nest turns."""
        super().__init__(TurnSchema, fewest=1, most=MAX_TURNS, noun="turn", **kwargs)

    def _order_messages(self, items: Sequence[Any]) -> Messages:
        messages = super()._order_messages(items)
        first: dict[tuple[Any, ...], int] = {}
        for index, item in enumerate(items):
            if not isinstance(item, Mapping) or not {"at", "speaker", "text"} <= item.keys():
                continue
            # Without a time a repeated "yes" is most likely said twice, not sent twice.
            if item["at"] is None:
                continue
            earlier = first.setdefault((item["at"], item["speaker"], item["text"]), index)
            if earlier != index:
                detail = f"This turn repeats turn {earlier}: same time, speaker and text."
                _merge(messages, index, {"_schema": [SchemaMessage("duplicate", detail)]})
        return messages


class StatusEvents(_Timeline):
    """What became of the interaction, in order."""

    def __init__(self, **kwargs: Any) -> None:
        """Nest status events."""
        super().__init__(StatusEventSchema, fewest=0, most=MAX_STATUS_EVENTS, noun="status event", **kwargs)


def _merge(messages: Messages, index: int, found: dict[str, Any]) -> None:
    messages[index] = {**messages.get(index, {}), **found}
