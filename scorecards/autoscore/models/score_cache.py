"""A bounded cache of what single sentences score, because people repeat themselves and each other."""

from collections.abc import Callable, Hashable, Sequence
from itertools import accumulate, chain

import numpy as np

from scorecards.arrays import Float32Array
from scorecards.autoscore.annotation.transcript import SentenceAnnotations


class ScoreCache:
    """One row of scores per sentence, in two generations: the older one is evicted as a whole."""

    def __init__(
        self,
        key_of: Callable[[SentenceAnnotations], Hashable],
        score: Callable[[Sequence[SentenceAnnotations]], Float32Array],
        generation_size: int,
    ) -> None:
        """Score what is not cached; each of the two generations holds up to `generation_size` sentences."""
        self._key_of, self._score, self._generation_size = key_of, score, generation_size
        self._young: dict[Hashable, Float32Array] = {}
        self._old: dict[Hashable, Float32Array] = {}

    def __len__(self) -> int:
        """Return how many rows are cached; a sentence may have one in each generation."""
        return len(self._young) + len(self._old)

    def rows(self, groups: Sequence[Sequence[SentenceAnnotations]]) -> list[Float32Array]:
        """Return for each group of sentences an array of shape (n_sentences, n_columns)."""
        sentences = list(chain.from_iterable(groups))
        if not sentences:
            return [np.zeros((0, 0), dtype=np.float32)] * len(groups)
        keys = list(map(self._key_of, sentences))
        rows = list(map(self._get, keys))
        missing = {keys[index]: sentences[index] for index, row in enumerate(rows) if row is None}
        if missing:
            scored = dict(zip(missing, map(np.copy, self._score(list(missing.values()))), strict=True))
            for key, row in scored.items():
                self._put(key, row)
            rows = [scored.get(key, row) for key, row in zip(keys, rows, strict=True)]
        stacked = np.concatenate([row for row in rows if row is not None]).reshape(len(rows), -1)
        ends = accumulate([len(group) for group in groups])
        return [stacked[end - len(group) : end] for group, end in zip(groups, ends, strict=True)]

    def _get(self, key: Hashable) -> Float32Array | None:
        row = self._young.get(key)
        if row is None and (row := self._old.get(key)) is not None:
            self._put(key, row)
        return row

    def _put(self, key: Hashable, row: Float32Array) -> None:
        # Safe without a lock: whichever thread comes between two steps finds both generations consistent.
        if len(self._young) >= self._generation_size:
            self._old, self._young = self._young, {}
        self._young[key] = row
