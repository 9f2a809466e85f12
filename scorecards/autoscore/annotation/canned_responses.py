"""Which sentences a client's agents say word for word in many conversations: a bounded count."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from scorecards.autoscore.annotation.transcript import AnnotatedTranscript, Sentence
from scorecards.autoscore.text import normalization

MIN_WORDS = 6
"""Shorter sentences come back by themselves ("Thank you very much.")."""

MAX_SENTENCES = 20_000
"""Sentences counted at a time; about 2 MB."""

MIN_INTERACTIONS, MIN_TIMES, MIN_SHARE = 50, 5, 0.02
_BYTES = 110
_NUMBER = re.compile(r"\d[\d.,:/-]*")
_SPACE = re.compile(r"\W+")
_DUE = frozenset({"greeting", "sign_off", "verification", "more_help"})


@dataclass(slots=True)
class CannedResponses:
    """In how many of a client's interactions each long sentence of an agent was said.

    A sentence is kept as a keyless 64-bit hash of its words with numbers masked, never as text, so that the
    memo may outlive the transcripts. It is bounded: when it is full, sentences heard once since the last
    time are forgotten, and if that is not enough everything loses one (Misra & Gries 1982, so a sentence
    said in more than 1 of `most` interactions is never lost). The same interactions in the same
    order give the same memo.

    Attributes
    ----------
    counts : dict of int to int
        Interactions by hash.
    interactions : int
        How many were heard.
    most : int
        Sentences counted at a time.

    Examples
    --------
    >>> memo = CannedMemo()
    >>> for number in range(60):
    ...     memo.hear_plain(["we will get back to you on order 4711 as agreed"])
    >>> memo.times("we will get back to you on order 88 as agreed"), memo.interactions
    (60, 60)
    >>> CannedMemo.of(memo.as_json()).times("something else")
    0
    """

    counts: dict[int, int] = field(default_factory=dict)
    interactions: int = 0
    most: int = MAX_SENTENCES

    @classmethod
    def of(cls, stored: Mapping[str, object]) -> "CannedResponses":
        """Return the memo that `as_json` stored."""
        counts, interactions = stored["counts"], stored["interactions"]
        if not isinstance(counts, Mapping) or not isinstance(interactions, int):
            raise TypeError("A memo of canned sentences holds 'counts' and 'interactions'.")
        return cls({int(key, 16): int(times) for key, times in counts.items()}, interactions)

    def as_json(self) -> dict[str, object]:
        """Return what to store: only sentences heard more than once."""
        kept = {f"{key:016x}": times for key, times in sorted(self.counts.items()) if times > 1}
        return {"counts": kept, "interactions": self.interactions}

    def count(self, reading: AnnotatedTranscript) -> None:
        """Count the agent's sentences of one interaction, each once."""
        self.count_plain(said.annotations.plain for said in reading.agent_sentences if _may_be_canned(said))

    def count_plain(self, sentences: Iterable[str]) -> None:
        """Count normalised sentences of one interaction, each once; short ones are passed over."""
        self.interactions += 1
        for key in sorted(
            {hash_of(each) for each in sentences if len(normalization.words(each)) >= MIN_WORDS}
        ):
            self.counts[key] = self.counts.get(key, 0) + 1
        if len(self.counts) > self.most:
            self.counts = {key: times for key, times in self.counts.items() if times > 1}
        if len(self.counts) > self.most:
            self.counts = {key: times - 1 for key, times in self.counts.items()}

    def times(self, plain: str) -> int:
        """Return in how many interactions a normalised sentence was said."""
        return self.counts.get(hash_of(plain), 0)

    def is_canned(self, said: Sentence) -> bool:
        """Tell whether a sentence comes back in many interactions; greetings and the like may.

        That is in at least 5 interactions and 2 % of them, once 50 were heard.
        """
        if self.interactions < MIN_INTERACTIONS or not _may_be_canned(said):
            return False
        return self.times(said.annotations.plain) >= self._many

    @property
    def canned_sentences(self) -> int:
        """How many sentences come back in many interactions."""
        return sum(times >= self._many for times in self.counts.values())

    @property
    def size(self) -> int:
        """Bytes in memory, about."""
        return _BYTES * len(self.counts)

    @property
    def _many(self) -> float:
        return max(MIN_TIMES, MIN_SHARE * self.interactions)


def hash_of(plain: str) -> int:
    """Return the 64-bit hash of a normalised sentence, whatever its numbers and punctuation.

    Examples
    --------
    >>> hash_of("Order 12 is late!".lower()) == hash_of("order 7 is late")
    True
    """
    masked = _SPACE.sub(" ", _NUMBER.sub("0", plain)).strip()
    return int.from_bytes(blake2b(masked.encode(), digest_size=8).digest(), "big")


def _may_be_canned(said: Sentence) -> bool:
    spoken = said.annotations
    return len(spoken.words) >= MIN_WORDS and not any(hit.signal in _DUE for hit in spoken.matches)
