"""Request schemas of reviewers' answers: values, evidence and sentiment labels."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from qm.reviews.malformed_lists import MalformedList
from scorecards.authoring.fields import Number, StrictSchema, Text, groups_of, list_of, text_field
from scorecards.autoscore.models.sentiment_model import SENTIMENT_CLASSES
from tenants.http.strict_fields import Flag, WholeNumber
from tenants.http.validation_messages import faults_from_messages

_MAX_KEY_LENGTH = 64
_MAX_ANSWER_LENGTH = 10_000
_MAX_OPTIONS = 200
_MAX_INTEGER = 2**31 - 1
_VALUE = {
    "description": "Option key, number, list of option keys, date or text, as asked; null for N/A.",
    "anyOf": [
        {"type": "string", "maxLength": _MAX_ANSWER_LENGTH},
        {"type": "number"},
        {"type": "array", "items": {"type": "string", "maxLength": 200}, "maxItems": _MAX_OPTIONS},
        {"type": "null"},
    ],
}


class AnswerValueField(fields.Field[Any]):
    """The value of an answer: text, a number or option keys; it is validated against the form later."""

    _text = Text(validate=validate.Length(max=_MAX_ANSWER_LENGTH))
    _number = Number()
    _keys = list_of(Text(validate=validate.Length(max=200)), _MAX_OPTIONS)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str):
            return self._text.deserialize(value, attr, data, **kwargs)
        if isinstance(value, list):
            return self._keys.deserialize(value, attr, data, **kwargs)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._number.deserialize(value, attr, data, **kwargs)
        raise ValidationError("Expected a text, a number or a list of option keys.")


class ReviewEvidenceSchema(StrictSchema):
    """A span of a turn; without start and end the whole turn."""

    turn = WholeNumber(required=True, validate=validate.Range(0, _MAX_INTEGER))
    start = WholeNumber(load_default=None, allow_none=True, validate=validate.Range(0, _MAX_INTEGER))
    end = WholeNumber(load_default=None, allow_none=True, validate=validate.Range(0, _MAX_INTEGER))


class ReviewAnswerSchema(StrictSchema):
    """A reviewer's answer to one question."""

    question = text_field(_MAX_KEY_LENGTH, required=True)
    value = AnswerValueField(load_default=None, allow_none=True, metadata=_VALUE)
    na = Flag(load_default=False)
    reasons = list_of(text_field(200), 50, load_default=list)
    note = text_field(_MAX_ANSWER_LENGTH, min_length=0, load_default="")
    evidence = groups_of(ReviewEvidenceSchema, 50, load_default=list)


class FeelingSchema(StrictSchema):
    """The sentiment label of one customer turn."""

    turn = WholeNumber(
        required=True,
        validate=validate.Range(0, _MAX_INTEGER),
        metadata={"description": "Its place, from 0."},
    )
    feeling = fields.String(required=True, validate=validate.OneOf(SENTIMENT_CLASSES))


class _DeferredNested(fields.Nested):
    """A nested field whose validation errors are collected as a `MalformedList` instead of raised."""

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        try:
            return super().deserialize(value, attr, data, **kwargs)
        except ValidationError as error:
            parts = error.valid_data if isinstance(error.valid_data, list) else []
            messages: Mapping[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
            return MalformedList(faults_from_messages(messages), parts)


def deferred_list(schema: type[Schema], max_items: int, **options: Any) -> fields.Nested:
    """Return a field for a list of at most `max_items` objects that loads as `MalformedList` if invalid.

    The response can then report errors of shape together with errors against the form and the transcript.
    """
    checks = validate.Length(max=max_items)
    return _DeferredNested(
        schema, many=True, validate=checks, error_messages={"type": "Expected a list."}, **options
    )
