"""What was worked out of words met before, for words that come back by the thousand."""

from collections.abc import Callable
from typing import TypeVar

_Found = TypeVar("_Found")


class BoundedCache(dict[str, _Found]):
    """A table that works out what it does not hold yet, and forgets everything when it holds too much.

    Examples
    --------
    >>> found = Remembered(str.upper, 2)
    >>> found["a"], found["b"], found["a"], len(found)
    ('A', 'B', 'A', 2)
    >>> found["c"], len(found)
    ('C', 1)
    """

    def __init__(self, find: Callable[[str], _Found], most: int) -> None:
        """Hold at most so many; a cache that drops the oldest has to note each use, which takes longer."""
        super().__init__()
        self._find = find
        self._most = most

    def __missing__(self, word: str) -> _Found:
        if len(self) >= self._most:
            self.clear()
        found = self[word] = self._find(word)
        return found
