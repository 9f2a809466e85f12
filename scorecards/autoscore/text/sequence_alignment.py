"""Which steps were taken in their order, when each may have been seen at several places."""

from collections.abc import Sequence
from functools import cache

Position = tuple[int, int]
"""Turn and character; later places are greater."""


def in_order(
    places: Sequence[Sequence[Position]], counts: Sequence[int] | None = None
) -> list[Position | None]:
    """Choose a place for as many steps as can stand in their order.

    Parameters
    ----------
    places : sequence of sequence of (int, int)
        Where each step was seen, by step in the order of the playbook.
    counts : sequence of int, optional
        What each step counts, each at least 1; a required step should count more than all optional ones.
        All count alike unless given.

    Returns
    -------
    list of (int, int) or None
        The earliest place at which each chosen step keeps the order; None for a step that was not seen, or
        that cannot keep it. The counts of the chosen steps add up to the most that is possible; where several
        choices do, earlier steps are chosen.

    Examples
    --------
    >>> in_order([[(3, 0)], [(1, 0)], [(5, 0)]])
    [(3, 0), None, (5, 0)]
    >>> in_order([[(9, 0)], [(1, 0)], [(2, 0)]])
    [None, (1, 0), (2, 0)]
    """
    ordered = [sorted(each) for each in places]
    worth = counts if counts is not None else [1] * len(ordered)

    @cache
    def most(step: int, reached: Position) -> int:
        if step == len(ordered):
            return 0
        found = _next(ordered[step], reached)
        without = most(step + 1, reached)
        return without if found is None else max(without, worth[step] + most(step + 1, found))

    chosen: list[Position | None] = []
    reached: Position = (-1, -1)
    for step, seen in enumerate(ordered):
        found = _next(seen, reached)
        if found is not None and worth[step] + most(step + 1, found) == most(step, reached):
            chosen.append(found)
            reached = found
        else:
            chosen.append(None)
    return chosen


def _next(places: Sequence[Position], reached: Position) -> Position | None:
    return next((place for place in places if place >= reached), None)
