"""Statistical disclosure control: suppression of small counts and of access to single interactions.

A client's own stakeholders see no counts from which single people could be identified. With small counts,
those from which they could be computed by subtraction are suppressed too (complementary suppression;
Hundepool et al., Statistical Disclosure Control, 2012, chapter 4).
"""

from collections.abc import Mapping

MIN_SHOWN = 5
"""The smallest count of interactions that a client's stakeholders see figures of."""
SEES_INTERACTIONS = "interactions:read"
"""The scope without which callers see figures and answers, but not which interactions they are of."""


def is_small(count: int | None) -> bool:
    """Whether a count is too small to be shown; zero is not small, as it discloses nobody.

    Examples
    --------
    >>> is_small(0), is_small(4), is_small(5), is_small(None)
    (False, True, False, False)
    """
    return count is not None and 0 < count < MIN_SHOWN


def unless_small(count: int | None) -> int | None:
    """Return a count, or None if it is too small to be shown.

    Examples
    --------
    >>> unless_small(4), unless_small(12)
    (None, 12)
    """
    return None if is_small(count) else count


def visible_count(count: int, of: int) -> int | None:
    """Return a count out of `of`; None if it, or the count of all others, is too small to be shown.

    Examples
    --------
    >>> visible_count(7, of=20), visible_count(3, of=20), visible_count(17, of=20)
    (7, None, None)
    """
    return None if is_small(count) or is_small(of - count) else count


def suppressed_groups(counts: Mapping[str, int]) -> frozenset[str]:
    """Return the groups to suppress; together they are many enough that the total does not disclose them.

    Examples
    --------
    >>> sorted(suppressed_groups({"chat": 3, "email": 8, "voice": 40}))
    ['chat', 'email']
    >>> sorted(suppressed_groups({"chat": 1, "sms": 2, "email": 8, "voice": 40}))
    ['chat', 'email', 'sms']
    >>> sorted(suppressed_groups({"chat": 6, "email": 8}))
    []
    """
    hidden = {group for group, count in counts.items() if is_small(count)}
    others = [group for group, count in counts.items() if count and group not in hidden]
    for group in sorted(others, key=lambda group: (counts[group], group)):
        if not is_small(sum(counts[each] for each in hidden)):
            break
        hidden.add(group)
    return frozenset(hidden)


def suppressed_parts(counts: Mapping[str, int], whole_of: Mapping[str, str]) -> frozenset[str]:
    """Return the parts to suppress where the wholes that they make up are shown by another breakdown.

    Examples
    --------
    >>> days = {"Mon": 1, "Tue": 9, "Wed": 7, "next Mon": 2, "next Tue": 6}
    >>> weeks = {day: "next" if "next" in day else "this" for day in days}
    >>> sorted(suppressed_parts(days, weeks))
    ['Mon', 'Wed', 'next Mon', 'next Tue']
    """
    wholes: dict[str, dict[str, int]] = {}
    for part, count in counts.items():
        wholes.setdefault(whole_of[part], {})[part] = count
    hidden = suppressed_groups({whole: sum(parts.values()) for whole, parts in wholes.items()})
    return frozenset(
        part
        for whole, parts in wholes.items()
        for part in (filter(parts.get, parts) if whole in hidden else suppressed_groups(parts))
    )
