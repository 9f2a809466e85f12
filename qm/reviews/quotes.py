"""Words of a conversation that something rests on, as they are stored: masked (pure)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any


def quoted_words(turns: Sequence[Mapping[str, Any]], place: Mapping[str, Any]) -> str | None:
    """Return the words at a place, a turn with or without characters; None where there is none.

    Examples
    --------
    >>> turns = [{"text": "I am so sorry, Mrs [NAME]."}]
    >>> quoted_words(turns, {"turn": 0, "start": 5, "end": 13}), quoted_words(turns, {"turn": 3})
    ('so sorry', None)
    """
    if place["turn"] >= len(turns):
        return None
    text = str(turns[place["turn"]]["text"])
    return text[place.get("start") or 0 : place.get("end") or len(text)].strip() or None


def answer_quotes(
    turns: Sequence[Mapping[str, Any]], answer: Mapping[str, Any], speaker: str | None = None
) -> list[tuple[Mapping[str, Any], str]]:
    """Return the evidence of an answer, each place with its words; of one speaker's turns if given.

    Examples
    --------
    >>> turns = [{"text": "Help!", "speaker": "customer"}, {"text": "Gladly.", "speaker": "agent"}]
    >>> answer = {"evidence": [{"turn": 0}, {"turn": 1}]}
    >>> answer_quotes(turns, answer, "agent")
    [({'turn': 1}, 'Gladly.')]
    """
    found = [(place, quoted_words(turns, place)) for place in answer.get("evidence") or ()]
    return [
        (place, words)
        for place, words in found
        if words and (speaker is None or turns[place["turn"]].get("speaker") == speaker)
    ]


def without_name(words: str, name: str | None) -> str:
    """Return words in which nothing of an agent's name is left.

    Examples
    --------
    >>> without_name("This is Ada. I am sorry.", "Ada Lovelace")
    'This is [AGENT]. I am sorry.'
    """
    parts = sorted((re.escape(part) for part in re.findall(r"\w{2,}", name or "")), key=len, reverse=True)
    return re.sub(rf"\b(?:{'|'.join(parts)})\b", "[AGENT]", words, flags=re.IGNORECASE) if parts else words
