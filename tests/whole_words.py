"""Look for words in a page or an answer, which holds ids too: short words stand in their digits by chance."""

import re


def has_word(text: str, word: str) -> bool:
    """Tell whether a word or a phrase stands in a text, not as a part of a longer word.

    Examples
    --------
    >>> has_word("agent a-7 of 018f2a4a-7069", "a-7"), has_word("018f2a4a-7069", "a-7")
    (True, False)
    """
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
