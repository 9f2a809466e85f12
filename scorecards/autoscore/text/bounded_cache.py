"""A bounded cache of a function of one word, for words that occur thousands of times."""

from collections.abc import Callable
from typing import TypeVar

_Value = TypeVar("_Value")


class BoundedCache(dict[str, _Value]):
    """A dictionary that computes a missing value, and is emptied when it is full.

    Examples
    --------
    >>> cache = BoundedCache(str.upper, 2)
    >>> cache["a"], cache["b"], cache["a"], len(cache)
    ('A', 'B', 'A', 2)
    >>> cache["c"], len(cache)
    ('C', 1)
    """

    def __init__(self, compute: Callable[[str], _Value], max_size: int) -> None:
        """Hold at most `max_size` values; dropping only the oldest would cost time at every look-up."""
        super().__init__()
        self._compute = compute
        self._max_size = max_size

    def __missing__(self, word: str) -> _Value:
        if len(self) >= self._max_size:
            self.clear()
        value = self[word] = self._compute(word)
        return value
