"""What single sentences came to, remembered because people repeat themselves and each other."""

from collections.abc import Callable, Hashable, Sequence
from itertools import accumulate, chain

import numpy as np
from numpy.typing import NDArray

from scorecards.autoscore.annotation.transcript import SentenceAnnotations

Numbers = NDArray[np.float32]


class ScoreCache:
    """One row of numbers for each sentence, in two generations: the older half is forgotten at once."""

    def __init__(
        self,
        key_of: Callable[[SentenceAnnotations], Hashable],
        measure: Callable[[Sequence[SentenceAnnotations]], Numbers],
        limit: int,
    ) -> None:
        """Measure what is not remembered; up to `limit` sentences in each of two generations are."""
        self._key_of, self._score, self._limit = key_of, measure, limit
        self._young: dict[Hashable, Numbers] = {}
        self._old: dict[Hashable, Numbers] = {}

    def __len__(self) -> int:
        """Return how many rows are held; a sentence may have one in each generation."""
        return len(self._young) + len(self._old)

    def rows(self, groups: Sequence[Sequence[SentenceAnnotations]]) -> list[Numbers]:
        """Return for each group of sentences an array of one row per sentence."""
        sentences = list(chain.from_iterable(groups))
        if not sentences:
            return [np.zeros((0, 0), dtype=np.float32)] * len(groups)
        keys = list(map(self._key_of, sentences))
        rows = list(map(self._get, keys))
        fresh = {keys[place]: sentences[place] for place, row in enumerate(rows) if row is None}
        if fresh:
            measured = dict(zip(fresh, map(np.copy, self._score(list(fresh.values()))), strict=True))
            for key, row in measured.items():
                self._put(key, row)
            rows = [measured.get(key, row) for key, row in zip(keys, rows, strict=True)]
        known = np.concatenate([row for row in rows if row is not None]).reshape(len(rows), -1)
        ends = accumulate([len(group) for group in groups])
        return [known[end - len(group) : end] for group, end in zip(groups, ends, strict=True)]

    def _get(self, key: Hashable) -> Numbers | None:
        row = self._young.get(key)
        if row is None and (row := self._old.get(key)) is not None:
            self._put(key, row)
        return row

    def _put(self, key: Hashable, row: Numbers) -> None:
        # No step of this can surprise another thread.
        if len(self._young) >= self._limit:
            self._old, self._young = self._young, {}
        self._young[key] = row
