"""Reads a transcript of any known form."""

from collections.abc import Mapping
from typing import Any

from qm.interactions.transcripts.generic_json import generic_utterances
from qm.interactions.transcripts.recognisers import recognised_utterances
from qm.interactions.transcripts.subtitles import is_subtitles, subtitle_utterances
from qm.interactions.transcripts.utterances import Utterance


def read_utterances(content: Any) -> list[Utterance]:
    """Return the utterances of a text or of parsed JSON; empty if its form is not recognized."""
    if isinstance(content, str) and is_subtitles(content):
        return subtitle_utterances(content)
    if isinstance(content, Mapping):
        found = recognised_utterances(content)
        if found:
            return found
    return generic_utterances(content)
