"""Finds utterances in JSON of any vendor by the names that transcripts commonly use."""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any

from qm.interactions.transcripts.labelled_lines import labelled_utterances
from qm.interactions.transcripts.utterances import Utterance

MAX_DEPTH = 8
# In order of preference: finely divided lists with speakers come first.
_LISTS = (
    *("utterances", "segments", "monologues", "messages", "turns", "entries", "sentences", "paragraphs"),
    *("conversation", "dialog", "transcript", "transcription", "results", "channels", "alternatives"),
    *("body", "data"),
)
_TEXTS = ("message", "text", "transcript", "utterance", "content", "sentence", "body")
_SPEAKERS = (
    *("speaker", "speaker_label", "speaker_id", "speaker_name", "role", "participant", "party"),
    *("name", "from", "label"),
)
_STARTS = ("start", "start_time", "startTime", "begin", "offset", "timestamp", "time")
_MILLISECONDS = ("start_ms", "startMs", "start_offset_ms", "offset_ms", "startTimeMs")


def generic_utterances(content: Any) -> list[Utterance]:
    """Return the utterances in the given order; empty if the form is not recognized."""
    return _from_json(content, MAX_DEPTH)


def _from_json(content: Any, depth: int) -> list[Utterance]:
    if depth == 0:
        return []
    if isinstance(content, str):
        return labelled_utterances(content)
    if isinstance(content, list):
        return [said for item in content for said in _from_json(item, depth - 1)]
    return _from_object(content, depth) if isinstance(content, Mapping) else []


def _from_object(content: Mapping[str, Any], depth: int) -> list[Utterance]:
    speaker, start, text = _speaker(content), _start(content), _text(content)
    nested = _first_filled(
        _from_json(content[key], depth - 1) for key in _LISTS if _is_nested(content.get(key))
    )
    if nested and (speaker is None or any(each.speaker is not None for each in nested)):
        return nested
    if nested and not text:
        # The speaker of an object is the speaker of its sentences.
        return [Utterance(" ".join(each.text for each in nested), speaker, start)]
    words = _from_words(content.get("words"))
    if words and (not text or (speaker is None and any(each.speaker is not None for each in words))):
        return words
    return [Utterance(text, speaker, start)] if text else []


def _first_filled(found: Iterable[list[Utterance]]) -> list[Utterance]:
    return next(filter(None, found), [])


def _is_nested(value: Any) -> bool:
    return isinstance(value, (list, dict))


def _from_words(words: Any) -> list[Utterance]:
    """Join consecutive words of one speaker to utterances."""
    word_objects = [word for word in words if isinstance(word, Mapping)] if isinstance(words, list) else []
    found: list[Utterance] = []
    for speaker, group in groupby(word_objects, key=_speaker):
        utterance_words = list(group)
        texts = [word.get("punctuated_word") or word.get("word") or _text(word) for word in utterance_words]
        text = " ".join(each for each in texts if isinstance(each, str))
        if text:
            found.append(Utterance(text, speaker, _start(utterance_words[0])))
    return found


def _text(item: Mapping[str, Any]) -> str:
    return _pick(item, _TEXTS, lambda value: isinstance(value, str) and value.strip() != "") or ""


def _speaker(item: Mapping[str, Any]) -> str | int | None:
    speaker: str | int | None = _pick(item, _SPEAKERS, _is_label)
    return speaker


def _is_label(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""


def _start(item: Mapping[str, Any]) -> float | str | None:
    exact = _pick(item, _MILLISECONDS, _is_number)
    if exact is not None:
        return float(exact) / 1000
    start = _pick(item, _STARTS, lambda value: _is_number(value) or isinstance(value, str))
    if isinstance(start, str):
        try:
            return float(start)
        except ValueError:
            return start
    return None if start is None else float(start)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15


def _pick(item: Mapping[str, Any], keys: tuple[str, ...], wanted: Callable[[Any], bool]) -> Any:
    return next((item[key] for key in keys if key in item and wanted(item[key])), None)
