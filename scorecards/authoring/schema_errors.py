"""Loads a body by its marshmallow schema; validation errors become faults with JSON pointers."""

from typing import Any

from marshmallow import Schema, ValidationError

from tenants.http.faults import Fault
from tenants.http.validation_messages import WORDINGS, Wording, faults_from_messages

# Beginnings of the error messages of definition schemas; marshmallow's own are reworded for authors of YAML.
_OF_DEFINITIONS: tuple[Wording, ...] = (
    ("Missing data", "required", "This has to be given."),
    ("Field may not be null", "required", "This must not be empty."),
    ("There is no template", "unknown_template", None),
    ("Shorter than", "too_short", None),
    ("Longer than", "too_long", None),
    ("Expected a number from", "out_of_range", None),
    ("Expected a weight", "out_of_range", None),
    ("Expected 0 to", "out_of_range", None),
    *WORDINGS,
)


def load(schema: Schema, body: Any) -> tuple[Any, list[Fault]]:
    """Return the deserialized body and no faults, or None and every schema fault."""
    try:
        return schema.load(body), []
    except ValidationError as error:
        messages: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        return None, faults_from_messages(messages, wordings=_OF_DEFINITIONS)
