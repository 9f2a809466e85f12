"""What a client's own people are not shown: counts so small that single people could be told from them.

Whoever lacks the scope `SEES_INTERACTIONS` is shown figures and answers, but never which interaction they
belong to. Where small counts are kept back, so are those from which they could be told by subtraction
(complementary suppression; Hundepool et al., Statistical Disclosure Control, 2012, chapter 4).
"""

from collections.abc import Mapping

MIN_SHOWN = 5
"""A client's stakeholders are shown no figure made of fewer interactions: people could be told from it."""
SEES_INTERACTIONS = "interactions:read"
"""Whoever lacks this scope is shown figures and answers, but never which interaction they belong to."""


def is_small(count: int | None) -> bool:
    """Tell whether so many are too few to be shown; none at all tells of nobody.

    Examples
    --------
    >>> is_small(0), is_small(4), is_small(5), is_small(None)
    (False, True, False, False)
    """
    return count is not None and 0 < count < MIN_SHOWN


def unless_small(count: int | None) -> int | None:
    """Return a count, None where it is too small to be shown.

    Examples
    --------
    >>> unless_small(4), unless_small(12)
    (None, 12)
    """
    return None if is_small(count) else count


def visible_count(count: int, of: int) -> int | None:
    """Return how many of so many; None where they, or all the others, are too few to be shown.

    Examples
    --------
    >>> visible_count(7, of=20), visible_count(3, of=20), visible_count(17, of=20)
    (7, None, None)
    """
    return None if is_small(count) or is_small(of - count) else count


def suppressed_groups(counts: Mapping[str, int]) -> frozenset[str]:
    """Return the groups to keep back; never just one, which the total would give away.

    Examples
    --------
    >>> sorted(suppressed_groups({"chat": 3, "email": 8, "voice": 40}))
    ['chat', 'email']
    >>> sorted(suppressed_groups({"chat": 6, "email": 8}))
    []
    """
    small = {group for group, count in counts.items() if is_small(count)}
    others = [group for group, count in counts.items() if count and group not in small]
    if len(small) == 1 and others:
        small.add(min(others, key=lambda group: (counts[group], group)))
    return frozenset(small)
