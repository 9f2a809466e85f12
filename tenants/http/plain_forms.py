"""The one way in which an address writes numbers, flags and ids: plain ASCII, as the contract shows them.

Python reads more as a number: `1_0`, `+5`, ` 5`, digits of any script. What a cache, a log or another program
reads in the same address would be something else.
"""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from tenants.http.validation_messages import SchemaMessage

# The first class that a field belongs to counts.
_FORMS: Mapping[type[fields.Field[Any]], tuple[re.Pattern[str], SchemaMessage]] = {
    fields.Boolean: (re.compile("true|false"), SchemaMessage("wrong_type", "This must be true or false.")),
    fields.Integer: (
        re.compile("-?(?:0|[1-9][0-9]*)"),
        SchemaMessage("wrong_type", "This must be a whole number such as 50."),
    ),
    fields.Float: (
        re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"),
        SchemaMessage("wrong_type", "This must be a number such as 72.5."),
    ),
    fields.UUID: (
        re.compile("[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
        SchemaMessage("wrong_type", "This must be an id such as 01978c1e-0000-7000-8000-000000000001."),
    ),
    fields.Date: (
        re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}"),
        SchemaMessage("not_a_day", "This must be a day such as 2026-07-01, without a time."),
    ),
    # A plus that was not escaped arrives as a space.
    fields.AwareDateTime: (
        re.compile(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
            r"(?:[Zz]|[+ -][0-9]{2}:[0-9]{2})"
        ),
        SchemaMessage("not_a_time", "This must be a time with offset, such as 2026-01-31T09:30:00Z."),
    ),
}


def wrong_form(field: fields.Field[Any], value: str) -> SchemaMessage | None:
    """Return what is wrong with how a parameter's value is written; None if nothing is.

    >>> wrong_form(fields.Integer(), "50")
    >>> wrong_form(fields.Integer(), "5_0")
    'This must be a whole number such as 50.'
    """
    inner = field.inner if isinstance(field, fields.List) else field
    form = next((form for kind, form in _FORMS.items() if isinstance(inner, kind)), None)
    return None if form is None or form[0].fullmatch(value) else form[1]


def fields_by_parameter(schema: Schema) -> dict[str, fields.Field[Any]]:
    """Return the fields that a schema reads, by the names that they have in an address."""
    return {field.data_key or name: field for name, field in schema.load_fields.items()}
