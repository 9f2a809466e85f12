"""Several texts of one interaction as one, searched at once: each search costs the same again."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from qm.interactions.redaction.scanned_text import CONTEXT_LENGTH, PersonalDataSpan

# No text holds it, and no number goes on behind it.
END = "\x00"
# So many characters are searched at once. Long ones are searched more than twice, until nothing is found.
_TOGETHER = 20_000
# Number of characters of what was said before that can tell what a number is.
CONTEXT = 60
# Keeps words from telling of a number in a text that does not follow theirs.
_APART = "\n" * CONTEXT_LENGTH


class Said(NamedTuple):
    """A text, and what was said just before it, such as the question "What is the security code?"."""

    text: str
    before: str = ""


class JoinedTexts:
    """
    Texts with what was said before each; a text that is said before the next stands there once.

    Parameters
    ----------
    said
        The texts. Where what was said before tells nothing, it may be empty.
    """

    def __init__(self, said: Iterable[Said]) -> None:
        """Join the texts."""
        parts: list[str] = []
        self._own: list[int] = []
        last = ""
        for text, before in said:
            if not before or before != last:
                parts += [_APART] * bool(parts) + [before[-CONTEXT:]] * bool(before)
            self._own.append(len(parts))
            parts.append(text)
            last = text
        self.text = END.join(parts)
        self._has_others = len(parts) > len(self._own)

    def own(self, spans: Sequence[PersonalDataSpan]) -> list[PersonalDataSpan]:
        """Return the spans as far as they lie in the texts; one of several texts is cut where each ends."""
        text = self.text
        if END not in text:
            return list(spans)
        whole = [
            cut
            for span in spans
            for cut in ((span,) if text.find(END, span.start, span.end) < 0 else _cut(text, span))
        ]
        if not self._has_others:
            return whole
        ends = list(accumulate(len(part) + 1 for part in text.split(END)))
        own = frozenset(self._own)
        return [span for span in whole if bisect_right(ends, span.start) in own]

    def masked(self, text: str) -> "JoinedTexts":
        """Return the same with the text masked."""
        same = JoinedTexts(())
        same.text, same._own, same._has_others = text, self._own, self._has_others
        return same

    def texts(self) -> list[str]:
        """Return the texts without what was said before them."""
        parts = self.text.split(END)
        return [parts[place] for place in self._own]


def _cut(text: str, span: PersonalDataSpan) -> Iterator[PersonalDataSpan]:
    start = span.start
    for part in text[span.start : span.end].split(END):
        if part.strip():
            yield PersonalDataSpan(start, start + len(part), span.kind)
        start += len(part) + 1


def batches(places: Iterable[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """
    Yield the places of texts that are searched together.

    Examples
    --------
    >>> list(batches([0, 1, 3], [15_000, 4_000, 9, 8_000]))
    [[0, 1], [3]]
    """
    batch: list[int] = []
    size = 0
    for place in places:
        if batch and size + lengths[place] > _TOGETHER:
            yield batch
            batch, size = [], 0
        batch.append(place)
        size += lengths[place]
    if batch:
        yield batch
