"""Lists with schema errors, kept so that all errors of a request are reported together (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenants.http.faults import Fault, Invalid


@dataclass(frozen=True, slots=True)
class MalformedList:
    """The schema errors of a list of objects.

    `parts` holds the valid fields of each object.
    """

    faults: Sequence[Fault]
    parts: Sequence[Mapping[str, Any]] = ()


def require_well_formed(items: Sequence[Mapping[str, Any]] | MalformedList) -> Sequence[Mapping[str, Any]]:
    """Return the list if it has no schema errors.

    Raises
    ------
    Invalid
        With the schema errors.
    """
    if isinstance(items, MalformedList):
        raise Invalid(items.faults)
    return items
