"""Reads the JSON of well-known recognisers whose form the common names do not explain."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from qm.interactions.transcripts.utterances import Utterance

_SECONDS = re.compile(r"(\d+(?:\.\d+)?)s$")
_ISO = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$")
_MAX_SECONDS = 1e9


class _Word(NamedTuple):
    text: str
    start: float | None
    speaker: str | int | None
    is_punctuation: bool = False


def recognised_utterances(content: Mapping[str, Any]) -> list[Utterance] | None:
    """Return the utterances of a recogniser's result; None if it is of no recogniser known here."""
    for read in _READERS:
        found = read(content)
        if found:
            return list(found)
    return None


def _amazon_transcribe(content: Mapping[str, Any]) -> list[Utterance]:
    results = _mapping(content.get("results"))
    channels = _mapping(results.get("channel_labels")).get("channels")
    if isinstance(channels, list):
        return _in_order(
            utterance
            for channel in _mappings(channels)
            for utterance in _from_words(
                _amazon_words(channel.get("items"), channel.get("channel_label"), {})
            )
        )
    if "transcripts" not in results:
        return []
    segments = _mappings(_mapping(results.get("speaker_labels")).get("segments"))
    speakers = {
        item.get("start_time"): item.get("speaker_label") or segment.get("speaker_label")
        for segment in segments
        for item in _mappings(segment.get("items"))
        if isinstance(item.get("start_time"), (str, float, int))
    }
    return _from_words(_amazon_words(results.get("items"), None, speakers))


def _amazon_words(items: Any, speaker: Any, speakers: Mapping[Any, Any]) -> Iterator[_Word]:
    last = _label(speaker)
    for item in _mappings(items):
        start = item.get("start_time")
        at = speakers.get(start) if isinstance(start, (str, float, int)) else None
        last = _label(item.get("speaker_label")) or _label(at) or last
        text = next(
            (each.get("content") for each in _mappings(item.get("alternatives"))), item.get("content")
        )
        if isinstance(text, str):
            yield _Word(text, _seconds(start), last, item.get("type") == "punctuation")


def _contact_lens(content: Mapping[str, Any]) -> list[Utterance]:
    """Read Contact Lens, and Call Analytics of Amazon Transcribe."""
    roles = {
        each["ParticipantId"]: each.get("ParticipantRole")
        for each in _mappings(content.get("Participants"))
        if isinstance(each.get("ParticipantId"), str)
    }
    found = []
    for each in _mappings(content.get("Transcript")):
        segment = _mapping(each.get("Utterance")) or each
        who = segment.get("ParticipantId")
        role = segment.get("ParticipantRole") or (roles.get(who) if isinstance(who, str) else None) or who
        start = _seconds(segment.get("BeginOffsetMillis"))
        if isinstance(segment.get("Content"), str):
            found.append(Utterance(segment["Content"], _label(role), None if start is None else start / 1000))
    return _in_order(found)


def _google(content: Mapping[str, Any]) -> list[Utterance]:
    results = [
        each for each in _mappings(content.get("results")) if isinstance(each.get("alternatives"), list)
    ]
    if not results:
        return []
    said = [(each, next(_mappings(each["alternatives"]), {})) for each in results]
    words = [_google_words(best.get("words")) for _, best in said]
    tagged = [found for found in words if any(word.speaker is not None for word in found)]
    channels = {_label(result.get("channelTag", result.get("channel_tag"))) for result, _ in said}
    if tagged and len(channels) < 2:
        # With speakers told apart, the last result repeats all words of those before.
        last = tagged[-1]
        is_whole = len(last) >= sum(len(found) for found in words[:-1])
        return _from_words(last if is_whole else [word for found in tagged for word in found])
    if not any(found or len(channels) > 1 for found in words):
        return []
    return _in_order(
        Utterance(
            str(best.get("transcript", "")).strip(),
            _label(result.get("channelTag", result.get("channel_tag"))),
            found[0].start if found else None,
        )
        for (result, best), found in zip(said, words, strict=True)
        if isinstance(best.get("transcript"), str) and best["transcript"].strip()
    )


def _google_words(words: Any) -> list[_Word]:
    found = []
    for word in _mappings(words):
        start = next(
            (word[key] for key in ("startTime", "startOffset", "start_time", "start_offset") if key in word),
            None,
        )
        speaker = next(
            (
                word[key]
                for key in ("speakerLabel", "speakerTag", "speaker_label", "speaker_tag")
                if word.get(key)
            ),
            None,
        )
        if isinstance(word.get("word"), str):
            found.append(_Word(word["word"], _seconds(start), _label(speaker)))
    return found


def _azure(content: Mapping[str, Any]) -> list[Utterance]:
    phrases = content.get("recognizedPhrases") or content.get("phrases")
    if not isinstance(phrases, list):
        return []
    found = []
    for phrase in _mappings(phrases):
        best = next(_mappings(phrase.get("nBest")), phrase)
        text = best.get("display") or best.get("text") or best.get("lexical")
        ticks, milliseconds = (
            _seconds(phrase.get("offsetInTicks")),
            _seconds(phrase.get("offsetMilliseconds")),
        )
        start = _seconds(phrase.get("offset")) if isinstance(phrase.get("offset"), str) else None
        start = (
            ticks / 1e7 if ticks is not None else milliseconds / 1e3 if milliseconds is not None else start
        )
        speaker = _label(phrase.get("speaker", phrase.get("channel")))
        if isinstance(text, str):
            found.append(Utterance(text, speaker, start))
    return _in_order(found)


def _deepgram(content: Mapping[str, Any]) -> list[Utterance]:
    results = _mapping(content.get("results"))
    channels = list(_mappings(results.get("channels")))
    utterances = list(_mappings(results.get("utterances")))
    several = len(channels) > 1
    if utterances:
        return _in_order(
            Utterance(
                each["transcript"],
                _label(each.get("channel") if several else each.get("speaker")),
                _seconds(each.get("start")),
            )
            for each in utterances
            if isinstance(each.get("transcript"), str)
        )
    if not several:
        return []
    return _in_order(
        utterance
        for number, channel in enumerate(channels)
        for best in list(_mappings(channel.get("alternatives")))[:1]
        for utterance in _in_sentences(
            [
                _Word(
                    str(word.get("punctuated_word") or word.get("word")), _seconds(word.get("start")), number
                )
                for word in _mappings(best.get("words"))
            ]
        )
    )


def _assemblyai(content: Mapping[str, Any]) -> list[Utterance]:
    if not {"audio_url", "acoustic_model", "audio_duration", "speech_model"} & content.keys():
        return []
    return [
        Utterance(
            each["text"], _label(each.get("speaker", each.get("channel"))), _thousandth(each.get("start"))
        )
        for each in _mappings(content.get("utterances"))
        if isinstance(each.get("text"), str)
    ]


def _rev(content: Mapping[str, Any]) -> list[Utterance]:
    found = []
    for each in _mappings(content.get("monologues")):
        elements = list(_mappings(each.get("elements")))
        text = "".join(value for item in elements if isinstance(value := item.get("value"), str)).strip()
        start = next((item["ts"] for item in elements if "ts" in item), None)
        if text:
            found.append(Utterance(text, _label(each.get("speaker")), _seconds(start)))
    return found


def _speechmatics(content: Mapping[str, Any]) -> list[Utterance]:
    items = list(_mappings(content.get("results")))
    if not items or not all({"alternatives", "start_time", "type"} <= item.keys() for item in items):
        return []
    words = []
    for item in items:
        best = next(_mappings(item["alternatives"]), {})
        if isinstance(best.get("content"), str):
            speaker = _label(best.get("speaker")) or _label(item.get("channel"))
            is_mark = item["type"] == "punctuation"
            words.append(_Word(best["content"], _seconds(item["start_time"]), speaker, is_mark))
    return _from_words(words)


_READERS: Sequence[Callable[[Mapping[str, Any]], Iterable[Utterance]]] = (
    _amazon_transcribe,
    _contact_lens,
    _azure,
    _deepgram,
    _assemblyai,
    _rev,
    _speechmatics,
    _google,
)


def _from_words(words: Iterable[_Word]) -> list[Utterance]:
    """Join consecutive words of one speaker to utterances."""
    found = []
    for speaker, group in groupby(words, key=lambda word: word.speaker):
        said = list(group)
        text = "".join(word.text if word.is_punctuation else f" {word.text}" for word in said).strip()
        if text:
            found.append(Utterance(text, speaker, next((word.start for word in said), None)))
    return found


def _in_sentences(words: Sequence[_Word]) -> list[Utterance]:
    """Join the words of a channel to sentences, so that channels can be put in order."""
    found: list[Utterance] = []
    pending: list[_Word] = []
    for word in words:
        pending.append(word)
        if word.text[-1:] in {".", "!", "?"}:
            found += _from_words(pending)
            pending = []
    return found + _from_words(pending)


def _in_order(utterances: Iterable[Utterance]) -> list[Utterance]:
    found = list(utterances)
    if any(not isinstance(each.start, float) for each in found):
        return found
    return sorted(found, key=lambda each: each.start if isinstance(each.start, float) else 0.0)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    return (each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else iter(())


def _label(value: Any) -> str | int | None:
    is_label = isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""
    return value if is_label else None


def _thousandth(value: Any) -> float | None:
    number = _seconds(value)
    return None if number is None else number / 1000


def _seconds(value: Any) -> float | None:
    """Return a number, "1.5", "1.5s" or "PT1.5S" as a number; None if it is none."""
    if isinstance(value, str) and len(value) <= 40:
        iso, suffixed = _ISO.match(value), _SECONDS.match(value)
        if iso and any(iso.groups()):
            hours, minutes, seconds = (float(each or 0) for each in iso.groups())
            value = hours * 3600 + minutes * 60 + seconds
        else:
            try:
                value = float(suffixed[1] if suffixed else value)
            except ValueError:
                return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < _MAX_SECONDS:
        return None
    return float(value)
