"""Converts the dialogs and transcripts of a vCon to turns."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from qm.interactions.importers.bodies import decode_body
from qm.interactions.importers.imported import BAD_CUE, DeviationLog
from qm.interactions.importers.times import (
    add_seconds,
    not_before,
    read_seconds,
    read_time,
    without_future,
)
from qm.interactions.importers.vcon.parties import (
    Parties,
    clean_text,
    is_index,
    party_indexes,
    remove_invalid_characters,
    role_from_label,
)
from qm.interactions.transcripts.reading import read_utterances
from qm.interactions.transcripts.subtitles import is_subtitles
from qm.interactions.transcripts.utterances import Utterance

_TRANSCRIPT_TYPES = ("transcri", "diari", "captions", "subtitles")


@dataclass(slots=True)
class ImportedTurn:
    """One turn of an imported conversation; `party` is the index of its speaker, if known."""

    speaker: str
    text: str
    at: datetime | None = None
    party: int | None = None
    quoted: str = ""


@dataclass(slots=True)
class Dialog:
    """One dialog of a vCon with its turns; `source` is the JSON object it was read from."""

    pointer: str
    kind: str
    start: datetime | None
    seconds: float | None
    parties: tuple[int, ...]
    source: Mapping[str, Any]
    turns: list[ImportedTurn] = field(default_factory=list)


def read_dialogs(vcon: Mapping[str, Any], notes: DeviationLog) -> dict[int, Dialog]:
    """Return the dialogs by index, leaving out those that are not objects."""
    given = vcon.get("dialog")
    if given is None:
        return {}
    if not isinstance(given, list):
        notes.add("/dialog", "wrong_type", "The dialogs should be a list.")
        given = [given]
    dialogs: dict[int, Dialog] = {}
    for index, each in enumerate(given):
        pointer = f"/dialog/{index}"
        if isinstance(each, Mapping):
            dialogs[index] = _dialog(each, pointer, notes)
        else:
            notes.add(pointer, "wrong_type", "This dialog is no object; it was left out.")
    return dialogs


def _dialog(given: Mapping[str, Any], pointer: str, notes: DeviationLog) -> Dialog:
    if "mimetype" in given:
        notes.add(
            f"{pointer}/mimetype",
            "old_name",
            "The media type stands in mimetype, an older name of mediatype.",
        )
    if given.get("start") is None:
        notes.add(f"{pointer}/start", "missing", "The dialog does not say when it began.")
    seconds = read_seconds(given.get("duration"))
    if seconds is None and given.get("duration") is not None:
        notes.add(f"{pointer}/duration", "wrong_type", "The duration cannot be read; it was left out.")
    return Dialog(
        pointer=pointer,
        kind=clean_text(given.get("type")).casefold(),
        start=read_time(given.get("start"), f"{pointer}/start", notes),
        seconds=seconds,
        parties=tuple(party_indexes(given)),
        source=given,
    )


def media_type(dialog: Dialog) -> str:
    """Return the media type of a dialog's content, with its parameters."""
    given = dialog.source
    return clean_text(given.get("mediatype")) or clean_text(given.get("mimetype"))


def read_texts(dialogs: Mapping[int, Dialog], parties: Parties, notes: DeviationLog) -> None:
    """Fill in the turns of text dialogs: each is one message of its originator, or a transcript."""
    for dialog in dialogs.values():
        if dialog.kind != "text":
            continue
        body, encoding = dialog.source.get("body"), dialog.source.get("encoding")
        if body is None:
            notes.add(
                dialog.pointer, "body_elsewhere", "The text is not in the document; it is never fetched."
            )
            continue
        content = decode_body(body, encoding, dialog.pointer, notes, media_type(dialog))
        if isinstance(content, str) and is_subtitles(content):
            dialog.turns = list(_turns(read_utterances(content), dialog, parties, dialog.pointer, notes))
        elif content is not None:
            dialog.turns = list(_messages(content, dialog, parties, notes))


def _messages(content: Any, dialog: Dialog, parties: Parties, notes: DeviationLog) -> Iterator[ImportedTurn]:
    party = dialog.parties[0] if dialog.parties else None
    role = parties.role(party)
    if not role:
        notes.add(f"{dialog.pointer}/parties", "speaker_unknown", "Nobody knows who wrote this.")
    for each in [content] if isinstance(content, str) else [said.text for said in read_utterances(content)]:
        text = remove_invalid_characters(each).strip()
        if text:
            yield ImportedTurn(role or "system", text, dialog.start, party if role else None)


def read_transcripts(
    vcon: Mapping[str, Any], dialogs: dict[int, Dialog], parties: Parties, notes: DeviationLog
) -> None:
    """Fill in the turns of recordings, from the analyses that are transcripts."""
    spoken: dict[int, list[tuple[str, list[ImportedTurn]]]] = {}
    for pointer, analysis in _transcripts(vcon, notes):
        index = _dialog_index(analysis)
        if index not in dialogs:
            notes.add(
                f"{pointer}/dialog", "no_such_dialog", "The transcript belongs to no dialog in the document."
            )
            dialogs[index] = Dialog(pointer, "recording", None, None, (), {})
        content = decode_body(
            analysis.get("body"),
            analysis.get("encoding"),
            pointer,
            notes,
            clean_text(analysis.get("mediatype")) or clean_text(analysis.get("mimetype")),
        )
        utterances = read_utterances(content)
        if not utterances:
            notes.add(pointer, "empty_transcript", "No words were found in this transcript.")
            continue
        turns = list(_turns(utterances, dialogs[index], parties, pointer, notes))
        spoken.setdefault(index, []).append((pointer, turns))
    for index, found in spoken.items():
        _choose_transcript(dialogs[index], found, notes)


def _dialog_index(analysis: Mapping[str, Any]) -> int:
    indexes = analysis.get("dialog")
    return next((each for each in (indexes if isinstance(indexes, list) else [indexes]) if is_index(each)), 0)


def _choose_transcript(
    dialog: Dialog, transcripts: list[tuple[str, list[ImportedTurn]]], notes: DeviationLog
) -> None:
    """Give a dialog the first transcript that tells its speakers apart, otherwise the first one."""
    detail = "The dialog has its words already; this one was left out."
    best = max(range(len(transcripts)), key=lambda place: (_speakers(transcripts[place][1]), -place))
    for place, (pointer, _) in enumerate(transcripts):
        if dialog.turns or place != best:
            notes.add(pointer, "second_transcript", detail)
            # Whether its speakers are known matters no longer.
            notes.deviations.pop((f"{pointer}/body", "speaker_unknown"), None)
    if not dialog.turns:
        dialog.turns = transcripts[best][1]


def _speakers(turns: list[ImportedTurn]) -> int:
    """Return 2 if people of several roles speak, 1 if of one, 0 if nobody knows who speaks."""
    return min(2, len({each.speaker for each in turns} - {"system"}))


def _transcripts(vcon: Mapping[str, Any], notes: DeviationLog) -> Iterator[tuple[str, Mapping[str, Any]]]:
    given = vcon.get("analysis")
    if given is not None and not isinstance(given, list):
        notes.add("/analysis", "wrong_type", "The analyses should be a list.")
    for index, each in enumerate(given if isinstance(given, list) else [given]):
        kind = clean_text(each.get("type")).casefold() if isinstance(each, Mapping) else ""
        if isinstance(each, Mapping) and any(word in kind for word in _TRANSCRIPT_TYPES):
            yield f"/analysis/{index}", each


def _turns(
    utterances: list[Utterance], dialog: Dialog, parties: Parties, pointer: str, notes: DeviationLog
) -> Iterator[ImportedTurn]:
    unit = _offset_unit(utterances, dialog, pointer, notes)
    first = _first_number(utterances, parties)
    for each in utterances:
        text = remove_invalid_characters(each.text).strip()
        if not text:
            continue
        if each.is_bad_cue:
            notes.add(f"{pointer}/body", "bad_cue", BAD_CUE)
        speaker, party = _speaker(each.speaker, dialog, parties, pointer, notes, first_number=first)
        if isinstance(each.start, str):
            at = not_before(
                read_time(each.start, f"{pointer}/body", notes), dialog.start, f"{pointer}/body", notes
            )
        else:
            offset = read_seconds(each.start if each.start is None else each.start * unit)
            at = without_future(add_seconds(dialog.start, offset), f"{pointer}/body", notes)
        yield ImportedTurn(speaker, text, at, party)


def _offset_unit(utterances: list[Utterance], dialog: Dialog, pointer: str, notes: DeviationLog) -> float:
    """Return the unit of the offsets in seconds: 0.001 if they lie far beyond the duration of the dialog."""
    latest = max((each.start for each in utterances if isinstance(each.start, float)), default=0.0)
    if dialog.seconds is not None and latest > 10 * (dialog.seconds + 60):
        notes.add(f"{pointer}/body", "milliseconds_assumed", "The offsets were taken for milliseconds.")
        return 0.001
    return 1.0


def _first_number(utterances: list[Utterance], parties: Parties) -> int:
    """Return the number of the first speaker: 1 if all are numbered and one of them beyond the parties."""
    numbers = {number for each in utterances if (number := _number(each.speaker)) is not None}
    return 1 if numbers and min(numbers) == 1 and max(numbers) >= len(parties.by_index) else 0


def _speaker(
    label: str | int | None,
    dialog: Dialog,
    parties: Parties,
    pointer: str,
    notes: DeviationLog,
    *,
    first_number: int,
) -> tuple[str, int | None]:
    if isinstance(label, str):
        role, party = role_from_label(label), parties.find(label)
        if party is not None and (not role or parties.role(party) == role):
            return parties.role(party), party
        if role:
            return role, _only_party(role, dialog, parties)
    number = _number(label)
    if number is not None and parties.role(number - first_number):
        notes.add(
            f"{pointer}/body", "speaker_assumed", "Speakers are numbered; numbers were taken for parties."
        )
        return parties.role(number - first_number), number - first_number
    notes.add(f"{pointer}/body", "speaker_unknown", "It is not said who speaks; the words count as nobody's.")
    return "system", None


def _number(label: str | int | None) -> int | None:
    """Return the number of a label such as 1, "1", spk_1 or "Speaker B"."""
    if not isinstance(label, str):
        return label
    label = label.strip()
    letter = re.fullmatch(r"(?:speaker\W?)?([A-Z])", label, re.IGNORECASE | re.ASCII)
    if letter:
        return ord(letter[1].upper()) - ord("A")
    number = re.search(r"(?<!\d)\d{1,3}$", label)
    return int(number.group()) if number else None


def _only_party(role: str, dialog: Dialog, parties: Parties) -> int | None:
    """Return the party with a role, if there is exactly one in the dialog."""
    indexes = dialog.parties or tuple(range(len(parties.by_index)))
    having = {index for index in indexes if parties.role(index) == role}
    return having.pop() if len(having) == 1 else None
