"""The contract of what a reviewer answers: values, their evidence, and how the customer felt."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from qm.reviews.malformed_lists import MalformedList
from scorecards.authoring.fields import Number, StrictSchema, Text, groups_of, list_of, text_field
from scorecards.autoscore.models.sentiment_model import SENTIMENT_CLASSES
from tenants.http.strict_fields import Flag, WholeNumber
from tenants.http.validation_messages import faults_from_messages

_KEY_LENGTH = 64
_LONGEST_ANSWER = 10_000
_MOST_OPTIONS = 200
_FURTHEST = 2**31 - 1
_VALUE = {
    "description": "Option key, number, list of option keys, date or text, as asked; null for N/A.",
    "anyOf": [
        {"type": "string", "maxLength": _LONGEST_ANSWER},
        {"type": "number"},
        {"type": "array", "items": {"type": "string", "maxLength": 200}, "maxItems": _MOST_OPTIONS},
        {"type": "null"},
    ],
}


class AnswerValue(fields.Field[Any]):
    """What is answered: text, a number or several option keys; whether it fits is for the form to say."""

    _text = Text(validate=validate.Length(max=_LONGEST_ANSWER))
    _number = Number()
    _keys = list_of(Text(validate=validate.Length(max=200)), _MOST_OPTIONS)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str):
            return self._text.deserialize(value, attr, data, **kwargs)
        if isinstance(value, list):
            return self._keys.deserialize(value, attr, data, **kwargs)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._number.deserialize(value, attr, data, **kwargs)
        raise ValidationError("Expected a text, a number or a list of option keys.")


class ReviewEvidenceSchema(StrictSchema):
    """A place in the conversation; without start and end the whole turn."""

    turn = WholeNumber(required=True, validate=validate.Range(0, _FURTHEST))
    start = WholeNumber(load_default=None, allow_none=True, validate=validate.Range(0, _FURTHEST))
    end = WholeNumber(load_default=None, allow_none=True, validate=validate.Range(0, _FURTHEST))


class ReviewAnswerSchema(StrictSchema):
    """A person's answer to one question."""

    question = text_field(_KEY_LENGTH, required=True)
    value = AnswerValue(load_default=None, allow_none=True, metadata=_VALUE)
    na = Flag(load_default=False)
    reasons = list_of(text_field(200), 50, load_default=list)
    note = text_field(_LONGEST_ANSWER, min_length=0, load_default="")
    evidence = groups_of(ReviewEvidenceSchema, 50, load_default=list)


class FeelingSchema(StrictSchema):
    """How the customer felt in one turn."""

    turn = WholeNumber(
        required=True, validate=validate.Range(0, _FURTHEST), metadata={"description": "Its place, from 0."}
    )
    feeling = fields.String(required=True, validate=validate.OneOf(SENTIMENT_CLASSES))


class _Checked(fields.Nested):
    """Groups of fields whose faults of shape are not raised at once: see `Unsound`."""

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        try:
            return super().deserialize(value, attr, data, **kwargs)
        except ValidationError as error:
            parts = error.valid_data if isinstance(error.valid_data, list) else []
            messages: Mapping[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
            return MalformedList(faults_from_messages(messages), parts)


def checked_later(schema: type[Schema], most: int, **options: Any) -> fields.Nested:
    """Return a field for a list of at most `most` groups that is `Unsound` where its shape is not sound.

    A reviewer is then told at once what is wrong with the shape and what does not fit the interaction.
    """
    checks = validate.Length(max=most)
    return _Checked(
        schema, many=True, validate=checks, error_messages={"type": "Expected a list."}, **options
    )
