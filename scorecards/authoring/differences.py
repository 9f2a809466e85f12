"""What differs between two bodies of a definition, told by the names of its parts (pure)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_NAMES = ("key", "when", "name", "phrase")
"""What tells the groups of a list apart, the first that all of them have."""
_ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that differs: its path by names, whether it was added, removed, changed or moved, and how."""

    path: tuple[str, ...]
    kind: str
    before: Any = None
    after: Any = None


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return everything that differs, in the order of the later body.

    Groups of a list are told apart by their key, not by their place: one that was put in between is one
    addition. What changed its place among the others is `moved`.

    Examples
    --------
    >>> differences({"name": "A", "sections": [{"key": "x", "weight": 1}]},
    ...             {"name": "B", "sections": [{"key": "y"}, {"key": "x", "weight": 2}]})
    ... # doctest: +NORMALIZE_WHITESPACE
    [Difference(path=('name',), kind='changed', before='A', after='B'),
     Difference(path=('sections', 'y'), kind='added', before=None, after={'key': 'y'}),
     Difference(path=('sections', 'x', 'weight'), kind='changed', before=1, after=2)]
    """
    return list(_between(before, after, ()))


def _between(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[Difference]:
    if before is _ABSENT:
        yield Difference(path, "added", after=after)
    elif after is _ABSENT:
        yield Difference(path, "removed", before=before)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _groups(before, after, path)
    elif (name := _identity(before, after)) is not None:
        old, new = ({str(each[name]): each for each in side} for side in (before, after))
        yield from _groups(old, new, path)
        common = [key for key in new if key in old]
        if common != [key for key in old if key in new]:
            yield Difference(path, "moved", [key for key in old if key in new], common)
    elif before != after:
        yield Difference(path, "changed", before, after)


def _groups(
    before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[Difference]:
    for name, value in after.items():
        yield from _between(before.get(name, _ABSENT), value, (*path, name))
    for name, value in before.items():
        if name not in after:
            yield from _between(value, _ABSENT, (*path, name))


def _identity(before: Any, after: Any) -> str | None:
    """Return the field by which the groups of two lists are told apart, if they are such lists."""
    if not isinstance(before, Sequence) or not isinstance(after, Sequence):
        return None
    groups = [*before, *after]
    if not groups or not all(isinstance(each, Mapping) for each in groups):
        return None
    for name in _NAMES:
        if all(name in each for each in groups) and all(
            len({str(each[name]) for each in side}) == len(side) for side in (before, after)
        ):
            return name
    return None
