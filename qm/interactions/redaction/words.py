"""Lists of words that are searched in a text at once."""

import re
from collections.abc import Iterable, Sequence

# The only letter whose small form is longer.
_LONGER = "\u0130"
_TWO_LETTERS = re.compile(r"[\w ]{2}(?![?*+{])")
# What a word goes on with. Beside letters of scripts without spaces between words it begins and ends.
_OF_A_WORD = "[0-9_a-z\u00aa\u00b5\u00ba\u00c0-\u0dff]"


class Words:
    r"""
    Words in lower case, with what patterns they hold.

    = in front of one means: only at the start of a word, \b behind one: only at its end.

    A place where no word starts costs as much as there are first characters, so those of ASCII are searched
    by a pattern of their own, and those of other scripts only in texts that have such.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """Compile the patterns; the first character of a word has to be literal."""
        self.all = tuple(words)
        numbered = list(enumerate(self.all))
        self._ascii = _Pattern([pair for pair in numbered if pair[1].removeprefix("=")[0].isascii()])
        self._others = _Pattern([pair for pair in numbered if not pair[1].removeprefix("=")[0].isascii()])

    def places(self, lower: str) -> list[tuple[int, int, int]]:
        """Return end, start and number of each word in a text in lower case, in the order of their ends."""
        found = self._ascii.places(lower)
        others = [] if lower.isascii() else self._others.places(lower)
        return sorted(found + others) if others else found


def lower_alike(text: str) -> str:
    """Return a text in lower case, of the same length: letters that would become longer stay."""
    lower = text.lower()
    return lower if len(lower) == len(text) else _LONGER.join(part.lower() for part in text.split(_LONGER))


class _Pattern:
    """A pattern of words, with the number of each."""

    def __init__(self, words: Sequence[tuple[int, str]]) -> None:
        groups: dict[str, list[tuple[int, str]]] = {}
        for number, word in sorted(words, key=lambda pair: -len(pair[1])):
            plain = word.removeprefix("=")
            # An alternative that begins with a letter is passed over fastest.
            size = 2 if _TWO_LETTERS.match(plain) else 1
            first, rest = re.escape(plain[0]), re.escape(plain[1:size])
            bound = f"(?<!{_OF_A_WORD}{first}{rest})" if word.startswith("=") else ""
            behind = plain[size:].replace(r"\b", f"(?!{_OF_A_WORD})")
            groups.setdefault(first, []).append((number, f"{rest}{bound}{behind}()"))
        self._numbers = [number for words in groups.values() for number, _ in words]
        pattern = "|".join(
            f"{first}(?:{'|'.join(rest for _, rest in words)})" for first, words in groups.items()
        )
        self._pattern = re.compile(pattern) if pattern else None

    def places(self, lower: str) -> list[tuple[int, int, int]]:
        if self._pattern is None:
            return []
        numbers = self._numbers
        return [
            (found.end(), found.start(), numbers[(found.lastindex or 1) - 1])
            for found in self._pattern.finditer(lower)
        ]
