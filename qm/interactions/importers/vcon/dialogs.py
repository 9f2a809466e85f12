"""Turns the dialogs and transcripts of a vCon into turns."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from qm.interactions.importers.imported import Notes
from qm.interactions.importers.vcon.parties import Parties, clean, indexes_of, is_index, role_of, text_of
from qm.interactions.importers.vcon.times import after, read_seconds, read_time
from qm.interactions.importers.vcon.transcripts import Utterance, decoded, utterances

_TAG = re.compile(r"<[^<>]{0,1000}>")
_BREAK = re.compile(r"(?i)<(?:br|/p|/div|/li|/tr)\b[^<>]{0,200}>")


@dataclass(slots=True)
class SpokenTurn:
    """One turn in the making; `party` is whose words they are, where that is known."""

    speaker: str
    text: str
    at: datetime | None = None
    party: int | None = None


@dataclass(slots=True)
class Dialog:
    """One dialog of a vCon with what was said in it."""

    pointer: str
    kind: str
    start: datetime | None
    seconds: float | None
    parties: tuple[int, ...]
    given: Mapping[str, Any]
    said: list[SpokenTurn] = field(default_factory=list)


def read_dialogs(vcon: Mapping[str, Any], notes: Notes) -> dict[int, Dialog]:
    """Return the dialogs by index, those that are no objects left out."""
    given = vcon.get("dialog")
    if given is None:
        return {}
    if not isinstance(given, list):
        notes.say("/dialog", "wrong_type", "The dialogs should be a list.")
        given = [given]
    dialogs: dict[int, Dialog] = {}
    for index, each in enumerate(given):
        pointer = f"/dialog/{index}"
        if isinstance(each, Mapping):
            dialogs[index] = _dialog(each, pointer, notes)
        else:
            notes.say(pointer, "wrong_type", "This dialog is no object; it was left out.")
    return dialogs


def _dialog(given: Mapping[str, Any], pointer: str, notes: Notes) -> Dialog:
    if "mimetype" in given:
        notes.say(
            f"{pointer}/mimetype",
            "old_name",
            "The media type stands in mimetype, an older name of mediatype.",
        )
    if given.get("start") is None:
        notes.say(f"{pointer}/start", "missing", "The dialog does not say when it began.")
    seconds = read_seconds(given.get("duration"))
    if seconds is None and given.get("duration") is not None:
        notes.say(f"{pointer}/duration", "wrong_type", "The duration cannot be read; it was left out.")
    return Dialog(
        pointer=pointer,
        kind=text_of(given.get("type")).casefold(),
        start=read_time(given.get("start"), f"{pointer}/start", notes),
        seconds=seconds,
        parties=tuple(indexes_of(given)),
        given=given,
    )


def media_type(dialog: Dialog) -> str:
    """Return what kind of content a dialog has, in lower case."""
    given = dialog.given
    return (text_of(given.get("mediatype")) or text_of(given.get("mimetype"))).casefold()


def read_texts(dialogs: Mapping[int, Dialog], parties: Parties, notes: Notes) -> None:
    """Fill in what was written: each text dialog is one message of its originator."""
    for dialog in dialogs.values():
        if dialog.kind != "text":
            continue
        if dialog.given.get("body") is None:
            notes.say(
                dialog.pointer, "body_elsewhere", "The text is not in the document; it is never fetched."
            )
            continue
        content = decoded(dialog.given["body"], dialog.given.get("encoding"), dialog.pointer, notes)
        party = dialog.parties[0] if dialog.parties else None
        role = parties.role(party)
        if not role:
            notes.say(f"{dialog.pointer}/parties", "speaker_unknown", "Nobody knows who wrote this.")
        for each in [content] if isinstance(content, str) else [said.text for said in utterances(content)]:
            text = clean(_plain(each, media_type(dialog)))
            if text.strip():
                dialog.said.append(
                    SpokenTurn(role or "system", text.strip(), dialog.start, party if role else None)
                )


def _plain(text: str, kind: str) -> str:
    if kind.startswith("text/html"):
        return html.unescape(_TAG.sub("", _BREAK.sub("\n", text)))
    return text


def read_transcripts(
    vcon: Mapping[str, Any], dialogs: dict[int, Dialog], parties: Parties, notes: Notes
) -> None:
    """Fill in what was spoken, from the analyses that are transcripts."""
    for pointer, analysis in _transcripts(vcon, notes):
        indexes = analysis.get("dialog")
        index = next(
            (each for each in (indexes if isinstance(indexes, list) else [indexes]) if is_index(each)), 0
        )
        if index not in dialogs:
            notes.say(
                f"{pointer}/dialog", "no_such_dialog", "The transcript belongs to no dialog in the document."
            )
            dialogs[index] = Dialog(pointer, "recording", None, None, (), {})
        dialog = dialogs[index]
        if dialog.said:
            notes.say(
                pointer, "second_transcript", "The dialog has its words already; this one was left out."
            )
            continue
        content = decoded(analysis.get("body"), analysis.get("encoding"), pointer, notes)
        found = utterances(content)
        if not found:
            notes.say(pointer, "empty_transcript", "No words were found in this transcript.")
        dialog.said = list(_spoken(found, dialog, parties, pointer, notes))


def _transcripts(vcon: Mapping[str, Any], notes: Notes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    given = vcon.get("analysis")
    if given is not None and not isinstance(given, list):
        notes.say("/analysis", "wrong_type", "The analyses should be a list.")
    for index, each in enumerate(given if isinstance(given, list) else [given]):
        if isinstance(each, Mapping) and "transcri" in text_of(each.get("type")).casefold():
            yield f"/analysis/{index}", each


def _spoken(
    found: list[Utterance], dialog: Dialog, parties: Parties, pointer: str, notes: Notes
) -> Iterator[SpokenTurn]:
    unit = _unit(found, dialog, pointer, notes)
    for each in found:
        text = clean(each.text).strip()
        if not text:
            continue
        speaker, party = _speaker(each.speaker, dialog, parties, pointer, notes)
        if isinstance(each.start, str):
            at = read_time(each.start, f"{pointer}/body", notes)
        else:
            at = after(dialog.start, read_seconds(each.start if each.start is None else each.start * unit))
        yield SpokenTurn(speaker, text, at, party)


def _unit(found: list[Utterance], dialog: Dialog, pointer: str, notes: Notes) -> float:
    """Return 0.001 where the offsets can only be milliseconds: they lie far beyond the end."""
    latest = max((each.start for each in found if isinstance(each.start, float)), default=0.0)
    if dialog.seconds is not None and latest > 10 * (dialog.seconds + 60):
        notes.say(f"{pointer}/body", "milliseconds_assumed", "The offsets were taken for milliseconds.")
        return 0.001
    return 1.0


def _speaker(
    label: str | int | None, dialog: Dialog, parties: Parties, pointer: str, notes: Notes
) -> tuple[str, int | None]:
    if isinstance(label, str):
        role, party = role_of(label), parties.find(label)
        if party is not None and (not role or parties.role(party) == role):
            return parties.role(party), party
        if role:
            return role, _only(role, dialog, parties)
        label = int(label) if label.isdecimal() and len(label) < 4 else _trailing_number(label)
    if label is not None and parties.role(label):
        notes.say(
            f"{pointer}/body", "speaker_assumed", "Speakers are numbered; numbers were taken for parties."
        )
        return parties.role(label), label
    notes.say(f"{pointer}/body", "speaker_unknown", "It is not said who speaks; the words count as nobody's.")
    return "system", None


def _trailing_number(label: str) -> int | None:
    number = re.search(r"(?<!\d)\d{1,3}$", label.strip())
    return int(number.group()) if number else None


def _only(role: str, dialog: Dialog, parties: Parties) -> int | None:
    """Return the party with a role, where there is just one in the dialog."""
    indexes = dialog.parties or tuple(range(len(parties.known)))
    having = {index for index in indexes if parties.role(index) == role}
    return having.pop() if len(having) == 1 else None
