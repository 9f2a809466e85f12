"""A maximum-weight increasing subsequence: steps in their order, each of which may occur several times."""

from collections.abc import Sequence
from functools import cache

Position = tuple[int, int]
"""Turn and character; later positions compare greater."""


def in_order(
    positions: Sequence[Sequence[Position]], weights: Sequence[int] | None = None
) -> list[Position | None]:
    """Choose a position for as many steps as possible so that they are in order.

    Parameters
    ----------
    positions : sequence of sequence of (int, int)
        Where each step occurs, by step in the order of the playbook.
    weights : sequence of int, optional
        The weight of each step, at least 1; a required step should weigh more than all optional ones. All
        weigh the same unless given.

    Returns
    -------
    list of (int, int) or None
        The earliest position at which each chosen step keeps the order; None for a step that does not occur
        or cannot keep it. The total weight of the chosen steps is the highest possible; among equal choices
        earlier steps are preferred.

    Examples
    --------
    >>> in_order([[(3, 0)], [(1, 0)], [(5, 0)]])
    [(3, 0), None, (5, 0)]
    >>> in_order([[(9, 0)], [(1, 0)], [(2, 0)]])
    [None, (1, 0), (2, 0)]
    """
    occurrences_of = [sorted(each) for each in positions]
    weight_of = weights if weights is not None else [1] * len(occurrences_of)

    @cache
    def max_weight(step: int, last: Position) -> int:
        if step == len(occurrences_of):
            return 0
        position = _next(occurrences_of[step], last)
        skipped = max_weight(step + 1, last)
        return skipped if position is None else max(skipped, weight_of[step] + max_weight(step + 1, position))

    chosen: list[Position | None] = []
    last: Position = (-1, -1)
    for step, occurrences in enumerate(occurrences_of):
        position = _next(occurrences, last)
        if position is not None and weight_of[step] + max_weight(step + 1, position) == max_weight(
            step, last
        ):
            chosen.append(position)
            last = position
        else:
            chosen.append(None)
    return chosen


def _next(positions: Sequence[Position], last: Position) -> Position | None:
    return next((position for position in positions if position >= last), None)
