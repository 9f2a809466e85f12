"""Reads vCon conversation containers, drafts 0.0.1 to 0.4.0, liberally: what is off is said, not refused."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from qm.interactions.fields import LATEST, NAME_LENGTH
from qm.interactions.importers.imported import Imported, Notes, NothingImported
from qm.interactions.importers.vcon.dialogs import (
    Dialog,
    SpokenTurn,
    media_type,
    read_dialogs,
    read_texts,
    read_transcripts,
)
from qm.interactions.importers.vcon.parties import Parties, read_parties, text_of
from qm.interactions.importers.vcon.times import after, read_time
from qm.interactions.schemas import MOST_NAMES
from qm.interactions.turns import MAX_TURNS
from tenants.http.faults import Fault, Invalid
from tenants.http.strict_fields import LANGUAGE

VERSIONS = ("0.0.1", "0.0.2", "0.1.0", "0.2.0", "0.3.0", "0.4.0")
# The first of the dotted parts is always the base64url of a JSON object.
_COMPACT = re.compile(rb"\s*eyJ[\w-]*(?:\.[\w-]*){2}(?:(?:\.[\w-]*){2})?\s*", re.ASCII)
_LANGUAGE = re.compile(LANGUAGE)
_LONGEST_TEXT = 900_000


def read(document: bytes | Mapping[str, Any], *, fallback_external_id: str | None = None) -> Imported:
    """
    Return the one interaction of a vCon and everything in which the document was off.

    Parameters
    ----------
    document
        The JSON text, or the object it holds. Addresses in it are never followed.
    fallback_external_id
        The key of the interaction where the vCon has no uuid; without it, one is made from the content.

    Raises
    ------
    Invalid
        Where there is no conversation to be had: not JSON, signed, encrypted, nothing said, no time at all.
    """
    vcon = _opened(document)
    notes = Notes()
    try:
        interaction = _interaction(vcon, notes, fallback_external_id)
    except Invalid as refused:
        raise NothingImported(refused.faults, notes.deviations.values()) from refused
    return Imported((interaction,), tuple(notes.deviations.values()))


def _interaction(vcon: Mapping[str, Any], notes: Notes, fallback_external_id: str | None) -> dict[str, Any]:
    _note_envelope(vcon, notes)
    parties = read_parties(vcon, notes)
    dialogs = read_dialogs(vcon, notes)
    read_texts(dialogs, parties, notes)
    read_transcripts(vcon, dialogs, parties, notes)
    for dialog in dialogs.values():
        if not dialog.said and dialog.kind != "text":
            notes.say(dialog.pointer, "nothing_said", "No words of this dialog are in the document.")
    said = _in_order(dialogs.values(), notes)
    if not said:
        raise _refusal(*_why_nothing(vcon))
    started_at, ended_at = _period(vcon, dialogs, said, notes)
    interaction: dict[str, Any] = {
        "external_id": _external_id(vcon, fallback_external_id, notes),
        "channel": _channel(vcon, dialogs),
        "started_at": started_at.isoformat(),
        "ended_at": ended_at.isoformat() if ended_at else None,
        "agent": _agent(parties, said, notes),
        "language": _language(vcon),
        "queue": _first_text(dialog.given.get("skill") for dialog in dialogs.values()),
        "turns": [_turn(each, parties) for each in said],
        "redact": _names(parties),
    }
    if text_of(vcon.get("subject")):
        interaction["custom"] = {"subject": text_of(vcon["subject"])[:NAME_LENGTH]}
    return interaction


def _refusal(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid([Fault(pointer, code, detail)])


def _opened(document: bytes | Mapping[str, Any]) -> Mapping[str, Any]:
    vcon = document
    if isinstance(document, bytes):
        try:
            vcon = msgspec.json.decode(document)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            if _COMPACT.fullmatch(document):
                raise _sealed(encrypted=document.count(b".") == 4) from None
            raise _refusal("", "not_json", "This is not a JSON document.") from None
    if not isinstance(vcon, Mapping):
        raise _refusal("", "wrong_type", "A vCon must be a JSON object.")
    if "ciphertext" in vcon:
        raise _sealed(encrypted=True)
    if "payload" in vcon and ("signatures" in vcon or "signature" in vcon):
        raise _sealed(encrypted=False)
    return vcon


def _sealed(*, encrypted: bool) -> Invalid:
    if encrypted:
        return _refusal("", "encrypted", "This vCon is encrypted (JWE); decrypt it before importing it.")
    return _refusal("", "signed", "This vCon is signed (JWS); verify and unwrap it before importing it.")


def _why_nothing(vcon: Mapping[str, Any]) -> tuple[str, str, str]:
    if vcon.get("group"):
        return "/group", "group_only", "This vCon only groups others; import those."
    return "", "no_conversation", "There is no text dialog and no transcript in this vCon."


def _note_envelope(vcon: Mapping[str, Any], notes: Notes) -> None:
    version = vcon.get("vcon")
    if version is None:
        notes.say("/vcon", "missing", "The version of the format is missing.")
    elif version not in VERSIONS:
        notes.say(
            "/vcon", "unknown_version", "This version of the format is not known; it was read all the same."
        )
    for key in ("group", "attachments", "redacted", "appended", "amended"):
        if vcon.get(key):
            notes.say(f"/{key}", "ignored", f"What stands in {key} was not read.")


def _external_id(vcon: Mapping[str, Any], fallback: str | None, notes: Notes) -> str:
    written = text_of(vcon.get("uuid"))[:NAME_LENGTH]
    if written:
        try:
            UUID(written)
        except ValueError:
            notes.say("/uuid", "not_a_uuid", "The uuid is none; it serves as the key all the same.")
        return written
    notes.say("/uuid", "missing", "There is no uuid; another key was taken.")
    if fallback and text_of(fallback):
        return text_of(fallback)[:NAME_LENGTH]
    # The same document must get the same key when it is imported again.
    return "vcon-" + hashlib.sha256(repr(_sorted(vcon)).encode("utf-8", "replace")).hexdigest()[:32]


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return sorted((str(key), _sorted(below)) for key, below in value.items())
    return [_sorted(below) for below in value] if isinstance(value, list) else repr(value)


def _channel(vcon: Mapping[str, Any], dialogs: Mapping[int, Dialog]) -> str:
    if any(dialog.said and dialog.kind != "text" for dialog in dialogs.values()):
        return "voice"
    written = [dialog for dialog in dialogs.values() if dialog.said]
    hints = " ".join(
        text_of(dialog.given.get(key)) for dialog in written for key in ("application", "medium", "channel")
    )
    hints = f"{hints} {text_of(vcon.get('channel'))}".casefold()
    if "sms" in hints or "mms" in hints:
        return "sms"
    kinds = {media_type(dialog) for dialog in written}
    if "mail" in hints or any(kind.startswith(("message/rfc822", "multipart/")) for kind in kinds):
        return "email"
    return "chat"


def _in_order(dialogs: Iterable[Dialog], notes: Notes) -> list[SpokenTurn]:
    """Put everything said in the order of time, as far as it is known, and nothing twice."""
    spoken = [dialog for dialog in dialogs if dialog.said]
    if all(dialog.start for dialog in spoken):
        spoken.sort(key=lambda dialog: dialog.start or LATEST)
    said = [each for dialog in spoken for each in dialog.said]
    known = [each.at for each in said if each.at is not None]
    if known != sorted(known):
        notes.say("/dialog", "out_of_order", "What was said did not stand in the order of time.")
        if len(known) == len(said):
            said.sort(key=lambda each: each.at or LATEST)
        else:
            # Where some times are missing the given order is the better witness.
            for each in said:
                each.at = None
    return _shortened(_without_repeats(said, notes), notes)


def _without_repeats(said: list[SpokenTurn], notes: Notes) -> list[SpokenTurn]:
    kept: dict[Any, SpokenTurn] = {}
    for index, each in enumerate(said):
        kept.setdefault(index if each.at is None else (each.at, each.speaker, each.text), each)
    if len(kept) < len(said):
        notes.say("/dialog", "duplicate", "Something said stood there twice; it was taken once.")
    return list(kept.values())


def _shortened(said: list[SpokenTurn], notes: Notes) -> list[SpokenTurn]:
    fitting, room = 0, _LONGEST_TEXT
    for each in said[:MAX_TURNS]:
        # Six bytes are the most that one character can take, besides 300 for the rest of the turn.
        room -= len(msgspec.json.encode(each.text)) + 300
        if room < 0:
            break
        fitting += 1
    if fitting < len(said):
        notes.say("/dialog", "cut_off", f"Only the first {fitting} turns were taken.")
    return said[:fitting]


def _period(
    vcon: Mapping[str, Any], dialogs: Mapping[int, Dialog], said: list[SpokenTurn], notes: Notes
) -> tuple[datetime, datetime | None]:
    starts = [dialog.start for dialog in dialogs.values() if dialog.start]
    times = [each.at for each in said if each.at]
    begun = min([*starts, *times], default=None)
    if begun is None:
        for key in ("created_at", "updated_at"):
            begun = read_time(vcon.get(key), f"/{key}", notes)
            if begun:
                notes.say("/dialog", "start_assumed", f"No dialog says when it began; {key} was taken.")
                break
    if begun is None:
        raise _refusal("/dialog", "no_time", "Nothing in this vCon says when the conversation took place.")
    ends = [end for dialog in dialogs.values() if (end := after(dialog.start, dialog.seconds))]
    return begun, max([*ends, *times], default=None)


def _turn(said: SpokenTurn, parties: Parties) -> dict[str, Any]:
    turn: dict[str, Any] = {"speaker": said.speaker, "text": said.text}
    if said.at:
        turn["at"] = said.at.isoformat()
    if said.speaker == "agent" and said.party is not None and _agent_id(parties, said.party):
        turn["agent"] = _agent_id(parties, said.party)
    return turn


def _agent_id(parties: Parties, index: int) -> str:
    party = parties.known[index]
    return (party.id or party.name)[:NAME_LENGTH].strip()


def _agent(parties: Parties, said: list[SpokenTurn], notes: Notes) -> dict[str, Any] | None:
    spoke = [each.party for each in said if each.speaker == "agent" and each.party is not None]
    silent = [index for index, party in enumerate(parties.known) if party.role == "agent"]
    index = next(iter([*spoke, *silent]), None)
    if index is None or not _agent_id(parties, index):
        notes.say("/parties", "agent_unknown", "It is not said which agent this was.")
        return None
    if not parties.known[index].id:
        notes.say(f"/parties/{index}", "agent_id_assumed", "The agent has no id; the name serves as one.")
    return {"external_id": _agent_id(parties, index), "name": parties.known[index].name[:NAME_LENGTH] or None}


def _names(parties: Parties) -> list[str]:
    """Return the names to mask: those of customers; telephone numbers and addresses are not even read."""
    names = [party.name[:NAME_LENGTH].strip() for party in parties.known if party.role == "customer"]
    return [name for name in names if len(name) > 1][:MOST_NAMES]


def _language(vcon: Mapping[str, Any]) -> str | None:
    given = vcon.get("analysis")
    analyses = [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []
    bodies = [each["body"] for each in analyses if isinstance(each.get("body"), Mapping)]
    inner = [body["transcript"] for body in bodies if isinstance(body.get("transcript"), Mapping)]
    told = (text_of(place.get("language")) for place in (vcon, *analyses, *bodies, *inner))
    return next((language for language in told if _LANGUAGE.match(language)), None)


def _first_text(values: Iterable[Any]) -> str | None:
    return next((text_of(value)[:NAME_LENGTH] for value in values if text_of(value)), None)
