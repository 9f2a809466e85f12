"""Canned responses: sentences that a client's agents repeat word for word, by a bounded count."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from scorecards.autoscore.annotation.transcript import AnnotatedTranscript, Sentence
from scorecards.autoscore.text import normalization

MIN_WORDS = 6
"""Shorter sentences are repeated by chance ("Thank you very much.")."""

MAX_SENTENCES = 20_000
"""Sentences counted at a time; they take about 2 MB."""

MIN_INTERACTIONS, MIN_TIMES, MIN_SHARE = 50, 5, 0.02
_BYTES_PER_SENTENCE = 110
_NUMBER = re.compile(r"\d[\d.,:/-]*")
_SPACE = re.compile(r"\W+")
_ROUTINE = frozenset({"greeting", "sign_off", "verification", "more_help"})


@dataclass(slots=True)
class CannedResponses:
    """In how many of a client's interactions each long sentence of an agent occurs.

    A sentence is stored as a keyless 64-bit hash of its words with numbers masked, never as text, so that the
    counts may outlive the transcripts. They are bounded: when there are too many, sentences counted once are
    dropped, and if that is not enough every count is decremented (Misra & Gries 1982, so a sentence in more
    than 1 of `max_sentences` interactions is never lost). The same interactions in the same order give the
    same counts.

    Attributes
    ----------
    counts : dict of int to int
        Number of interactions by hash.
    interactions : int
        How many were counted.
    max_sentences : int
        Sentences counted at a time.

    Examples
    --------
    >>> responses = CannedResponses()
    >>> for number in range(60):
    ...     responses.count_plain(["we will get back to you on order 4711 as agreed"])
    >>> responses.times("we will get back to you on order 88 as agreed"), responses.interactions
    (60, 60)
    >>> CannedResponses.of(responses.as_json()).times("something else")
    0
    """

    counts: dict[int, int] = field(default_factory=dict)
    interactions: int = 0
    max_sentences: int = MAX_SENTENCES

    @classmethod
    def of(cls, stored: Mapping[str, object]) -> "CannedResponses":
        """Return the counts that `as_json` stored."""
        counts, interactions = stored["counts"], stored["interactions"]
        if not isinstance(counts, Mapping) or not isinstance(interactions, int):
            raise TypeError("A memo of canned sentences holds 'counts' and 'interactions'.")
        return cls({int(hash_, 16): int(times) for hash_, times in counts.items()}, interactions)

    def as_json(self) -> dict[str, object]:
        """Return what to store: only sentences counted more than once."""
        repeated = {f"{hash_:016x}": times for hash_, times in sorted(self.counts.items()) if times > 1}
        return {"counts": repeated, "interactions": self.interactions}

    def count(self, transcript: AnnotatedTranscript) -> None:
        """Count the agent's sentences of one interaction, each once."""
        self.count_plain(
            sentence.annotations.plain for sentence in transcript.agent_sentences if _may_be_canned(sentence)
        )

    def count_plain(self, sentences: Iterable[str]) -> None:
        """Count normalised sentences of one interaction, each once; short ones are skipped."""
        self.interactions += 1
        for hash_ in sorted(
            {hash_of(each) for each in sentences if len(normalization.words(each)) >= MIN_WORDS}
        ):
            self.counts[hash_] = self.counts.get(hash_, 0) + 1
        if len(self.counts) > self.max_sentences:
            self.counts = {hash_: times for hash_, times in self.counts.items() if times > 1}
        if len(self.counts) > self.max_sentences:
            self.counts = {hash_: times - 1 for hash_, times in self.counts.items()}

    def times(self, plain: str) -> int:
        """Return in how many interactions a normalised sentence occurs."""
        return self.counts.get(hash_of(plain), 0)

    def is_canned(self, sentence: Sentence) -> bool:
        """Tell whether a sentence is a canned response; greetings, sign-offs and the like never are.

        It is if it occurs in at least 5 interactions and in 2 % of them, once 50 were counted.
        """
        if self.interactions < MIN_INTERACTIONS or not _may_be_canned(sentence):
            return False
        return self.times(sentence.annotations.plain) >= self._min_count

    @property
    def canned_sentences(self) -> int:
        """How many sentences are canned responses."""
        return sum(times >= self._min_count for times in self.counts.values())

    @property
    def size(self) -> int:
        """Estimated bytes in memory."""
        return _BYTES_PER_SENTENCE * len(self.counts)

    @property
    def _min_count(self) -> float:
        return max(MIN_TIMES, MIN_SHARE * self.interactions)


def hash_of(plain: str) -> int:
    """Return the 64-bit hash of a normalised sentence, the same for any numbers and punctuation.

    Examples
    --------
    >>> hash_of("Order 12 is late!".lower()) == hash_of("order 7 is late")
    True
    """
    masked = _SPACE.sub(" ", _NUMBER.sub("0", plain)).strip()
    return int.from_bytes(blake2b(masked.encode(), digest_size=8).digest(), "big")


def _may_be_canned(sentence: Sentence) -> bool:
    annotated = sentence.annotations
    return len(annotated.words) >= MIN_WORDS and not any(
        match.signal in _ROUTINE for match in annotated.matches
    )
