"""Reads a transcript of any known form."""

from collections.abc import Mapping
from typing import Any

import msgspec

from qm.interactions.transcripts.chat_exports import chat_utterances
from qm.interactions.transcripts.generic_json import generic_utterances
from qm.interactions.transcripts.recognisers import recognised_utterances
from qm.interactions.transcripts.subtitles import is_subtitles, subtitle_utterances
from qm.interactions.transcripts.utterances import Utterance


def read_utterances(content: Any) -> list[Utterance]:
    """Return the utterances of a text or of JSON, parsed or not; empty if its form is not recognized."""
    if isinstance(content, str):
        if is_subtitles(content):
            return subtitle_utterances(content)
        chat = chat_utterances(content)
        if chat:
            return chat
        content = _parsed(content)
    if isinstance(content, Mapping):
        found = recognised_utterances(content)
        if found:
            return found
    return generic_utterances(content)


def _parsed(text: str) -> Any:
    """Return the object or list of objects whose JSON a text is, as recognisers' files are; else the text."""
    if text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return text
    is_list_of_objects = isinstance(found, list) and all(isinstance(each, Mapping) for each in found)
    return found if isinstance(found, Mapping) or is_list_of_objects else text
