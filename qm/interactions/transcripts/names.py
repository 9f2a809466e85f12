"""Tells which labels of a conversation name the same person."""

from collections.abc import Iterable, Mapping


def same_person(labels: Iterable[str]) -> Mapping[str, str]:
    """
    Return the longer label of those who are also called by the beginning of it, if no other label begins so.

    Examples
    --------
    >>> same_person(["Ana", "Ana Silva", "Jo"])
    {'Ana': 'Ana Silva'}
    >>> same_person(["Ana", "Ana Silva", "Ana Costa"])
    {}
    """
    words = {label: tuple(label.casefold().split()) for label in dict.fromkeys(labels)}
    found: dict[str, str] = {}
    for label, short in words.items():
        longer = {
            long: other
            for other, long in words.items()
            if short and len(long) > len(short) and long[: len(short)] == short
        }
        if len(longer) == 1:
            found[label] = next(iter(longer.values()))
    return found
