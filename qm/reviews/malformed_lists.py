"""A list that is out of shape in places, kept so that its faults are told together with all others (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenants.http.faults import Fault, Invalid


@dataclass(frozen=True, slots=True)
class MalformedList:
    """What is wrong with the shape of a list of groups, by place in it.

    `parts` is what could be read of each group; of one that could not be read at all nothing.
    """

    faults: Sequence[Fault]
    parts: Sequence[Mapping[str, Any]] = ()


def well_formed(given: Sequence[Mapping[str, Any]] | MalformedList) -> Sequence[Mapping[str, Any]]:
    """Return a list whose shape is sound.

    Raises
    ------
    Invalid
        Naming what is not.
    """
    if isinstance(given, MalformedList):
        raise Invalid(given.faults)
    return given
