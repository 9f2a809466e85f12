"""Reads vCon conversation containers, drafts 0.0.1 to 0.5.0; deviations are reported rather than rejected."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from qm.interactions.fields import LATEST, MAX_NAME_LENGTH
from qm.interactions.importers.imported import (
    VERSION_FACT,
    DeviationLog,
    ImportedDocument,
    NothingImported,
)
from qm.interactions.importers.vcon.channel import channel_of
from qm.interactions.importers.vcon.dialogs import (
    Dialog,
    ImportedTurn,
    read_dialogs,
    read_texts,
    read_transcripts,
)
from qm.interactions.importers.vcon.parties import Parties, clean_text, read_parties
from qm.interactions.importers.vcon.period import period, version_moment
from qm.interactions.schemas import MAX_REDACTED_NAMES
from qm.interactions.text_extraction.extraction import MAIL_CHANNELS, extract_text
from qm.interactions.turn_schemas import MAX_TURNS
from tenants.http.faults import Fault, Invalid
from tenants.http.strict_fields import LANGUAGE

VERSIONS = ("0.0.1", "0.0.2", "0.1.0", "0.2.0", "0.3.0", "0.4.0", "0.5.0")
# The first of the dotted parts is always the base64url of a JSON object.
_COMPACT_JOSE = re.compile(rb"\s*eyJ[\w-]*(?:\.[\w-]*){2}(?:(?:\.[\w-]*){2})?\s*", re.ASCII)
_LANGUAGE = re.compile(LANGUAGE)
_MAX_TEXT_BYTES = 900_000
# What refers to the vCon that this one is a version of, by the names of all drafts.
_VERSION_OF = ("amended_from", "redacted_from", "amended", "redacted", "appended")


def read_vcon(
    document: bytes | Mapping[str, Any], *, fallback_external_id: str | None = None
) -> ImportedDocument:
    """
    Return the one interaction of a vCon and all deviations of the document from the format.

    Parameters
    ----------
    document
        The JSON text, or the object it holds. URLs in it are never fetched.
    fallback_external_id
        The external id if the vCon has no uuid; without it, one is derived from the content.

    Raises
    ------
    Invalid
        When there is no conversation: not JSON, signed, encrypted, no turns, no time.
    """
    vcon = _parse(document)
    notes = DeviationLog()
    try:
        interaction = _interaction(vcon, notes, fallback_external_id)
    except Invalid as refused:
        raise NothingImported(refused.faults, notes.deviations.values()) from refused
    own_key = clean_text(vcon.get("uuid"))[:MAX_NAME_LENGTH]
    if own_key and interaction["external_id"] != own_key:
        # What is a version of this one finds the first one by it.
        interaction["custom"] = {**interaction.get("custom", {}), VERSION_FACT: own_key}
    return ImportedDocument((interaction,), tuple(notes.deviations.values()), own_key, texts_extracted=True)


def _interaction(
    vcon: Mapping[str, Any], notes: DeviationLog, fallback_external_id: str | None
) -> dict[str, Any]:
    _check_envelope(vcon, notes)
    parties = read_parties(vcon, notes)
    dialogs = read_dialogs(vcon, notes)
    read_texts(dialogs, parties, notes)
    read_transcripts(vcon, dialogs, parties, notes)
    for dialog in dialogs.values():
        if not dialog.turns and dialog.kind != "text":
            notes.add(dialog.pointer, "nothing_said", "No words of this dialog are in the document.")
    turns = _turns_in_order(dialogs.values(), notes)
    if not turns:
        raise _invalid(*_no_conversation_reason(vcon))
    started_at, ended_at = period(vcon, dialogs, turns, notes)
    channel = channel_of(vcon, dialogs)
    if channel != "voice":
        _set_history_aside(turns, is_mail=channel in MAIL_CHANNELS)
    interaction: dict[str, Any] = {
        "external_id": _external_id(vcon, fallback_external_id, notes),
        "channel": channel,
        "started_at": started_at.isoformat(),
        "ended_at": ended_at.isoformat() if ended_at else None,
        "updated_at": version_moment(vcon, started_at, notes),
        "agent": _agent(parties, turns, notes),
        "language": _language(vcon),
        "queue": _first_text(dialog.source.get("skill") for dialog in dialogs.values()),
        "turns": [_turn(each, parties) for each in turns],
        "redact": _names(parties),
    }
    if clean_text(vcon.get("subject")):
        interaction["custom"] = {"subject": clean_text(vcon["subject"])[:MAX_NAME_LENGTH]}
    return interaction


def _invalid(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid([Fault(pointer, code, detail)])


def _parse(document: bytes | Mapping[str, Any]) -> Mapping[str, Any]:
    vcon = document
    if isinstance(document, bytes):
        try:
            vcon = msgspec.json.decode(document)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            if _COMPACT_JOSE.fullmatch(document):
                raise _signed_or_encrypted(encrypted=document.count(b".") == 4) from None
            raise _invalid("", "not_json", "This is not a JSON document.") from None
    if not isinstance(vcon, Mapping):
        raise _invalid("", "wrong_type", "A vCon must be a JSON object.")
    if "ciphertext" in vcon:
        raise _signed_or_encrypted(encrypted=True)
    if "payload" in vcon and ("signatures" in vcon or "signature" in vcon):
        raise _signed_or_encrypted(encrypted=False)
    return vcon


def _signed_or_encrypted(*, encrypted: bool) -> Invalid:
    if encrypted:
        return _invalid("", "encrypted", "This vCon is encrypted (JWE); decrypt it before importing it.")
    return _invalid("", "signed", "This vCon is signed (JWS); verify and unwrap it before importing it.")


def _no_conversation_reason(vcon: Mapping[str, Any]) -> tuple[str, str, str]:
    if vcon.get("group"):
        return "/group", "group_only", "This vCon only groups others; import those."
    return "", "no_conversation", "There is no text dialog and no transcript in this vCon."


def _check_envelope(vcon: Mapping[str, Any], notes: DeviationLog) -> None:
    version = vcon.get("vcon")
    if version is None:
        notes.add("/vcon", "missing", "The version of the format is missing.")
    elif version not in VERSIONS:
        notes.add(
            "/vcon", "unknown_version", "This version of the format is not known; it was read all the same."
        )
    for key in ("group", "attachments"):
        if vcon.get(key):
            notes.add(f"/{key}", "ignored", f"What stands in {key} was not read.")


def _external_id(vcon: Mapping[str, Any], fallback: str | None, notes: DeviationLog) -> str:
    written = clean_text(vcon.get("uuid"))[:MAX_NAME_LENGTH]
    if written and not _is_uuid(written):
        notes.add("/uuid", "not_a_uuid", "The uuid is none; it serves as the key all the same.")
    original = _original(vcon, notes)
    if original or written:
        return original or written
    notes.add("/uuid", "missing", "There is no uuid; another key was taken.")
    if fallback and clean_text(fallback):
        return clean_text(fallback)[:MAX_NAME_LENGTH]
    # The same document must get the same key when it is imported again.
    return "vcon-" + hashlib.sha256(repr(_sorted(vcon)).encode("utf-8", "replace")).hexdigest()[:32]


def _is_uuid(written: str) -> bool:
    try:
        UUID(written)
    except ValueError:
        return False
    return True


def _original(vcon: Mapping[str, Any], notes: DeviationLog) -> str | None:
    """Return the uuid of the vCon that this one amends or redacts: both are one conversation."""
    for key in _VERSION_OF:
        given = vcon.get(key)
        references = given if isinstance(given, list) else [given]
        uuids = [clean_text(each.get("uuid")) for each in references if isinstance(each, Mapping)]
        uuid = next((each[:MAX_NAME_LENGTH] for each in uuids if each), None)
        if uuid:
            detail = (
                "This is a version of another vCon: both are one interaction, under the uuid of the other."
            )
            notes.add(f"/{key}", "version_of", detail)
            return uuid
        if given:
            notes.add(f"/{key}", "ignored", f"What stands in {key} names no other vCon.")
    return None


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return sorted((str(key), _sorted(below)) for key, below in value.items())
    return [_sorted(below) for below in value] if isinstance(value, list) else repr(value)


def _set_history_aside(turns: Iterable[ImportedTurn], *, is_mail: bool) -> None:
    for each in turns:
        found = extract_text(each.text, is_mail=is_mail)
        each.text, each.quoted = found.text, found.quoted


def _turns_in_order(dialogs: Iterable[Dialog], notes: DeviationLog) -> list[ImportedTurn]:
    """Return the turns in order of time, as far as times are known, without duplicates."""
    with_turns = [dialog for dialog in dialogs if dialog.turns]
    if all(dialog.start for dialog in with_turns):
        with_turns.sort(key=lambda dialog: dialog.start or LATEST)
    turns = [each for dialog in with_turns for each in dialog.turns]
    times = [each.at for each in turns if each.at is not None]
    if times != sorted(times):
        notes.add("/dialog", "out_of_order", "What was said did not stand in the order of time.")
        if len(times) == len(turns):
            turns.sort(key=lambda each: each.at or LATEST)
        else:
            # If some times are missing, the given order is more reliable than the times.
            for each in turns:
                each.at = None
    return _within_limits(_without_repeats(turns, notes), notes)


def _without_repeats(turns: list[ImportedTurn], notes: DeviationLog) -> list[ImportedTurn]:
    unique: list[ImportedTurn] = []
    for each in turns:
        if each.at is None or not unique or each != unique[-1]:
            unique.append(each)
    if len(unique) < len(turns):
        notes.add("/dialog", "duplicate", "Something said stood there twice; it was taken once.")
    return unique


def _within_limits(turns: list[ImportedTurn], notes: DeviationLog) -> list[ImportedTurn]:
    taken, remaining_bytes = 0, _MAX_TEXT_BYTES
    for each in turns[:MAX_TURNS]:
        # 300 bytes allow for the other fields of the turn.
        remaining_bytes -= len(msgspec.json.encode(each.text)) + 300
        if remaining_bytes < 0:
            break
        taken += 1
    if taken < len(turns):
        notes.add("/dialog", "cut_off", f"Only the first {taken} turns were taken.")
    return turns[:taken]


def _turn(turn: ImportedTurn, parties: Parties) -> dict[str, Any]:
    fields: dict[str, Any] = {"speaker": turn.speaker, "text": turn.text}
    if turn.quoted:
        fields["quoted"] = turn.quoted
    if turn.at:
        fields["at"] = turn.at.isoformat()
    if turn.speaker == "agent" and turn.party is not None and _agent_id(parties, turn.party):
        fields["agent"] = _agent_id(parties, turn.party)
    return fields


def _agent_id(parties: Parties, index: int) -> str:
    party = parties.by_index[index]
    return (party.id or party.name)[:MAX_NAME_LENGTH].strip()


def _agent(parties: Parties, turns: list[ImportedTurn], notes: DeviationLog) -> dict[str, Any] | None:
    speaking = [each.party for each in turns if each.speaker == "agent" and each.party is not None]
    with_role = [index for index, party in enumerate(parties.by_index) if party.role == "agent"]
    index = next(iter([*speaking, *with_role]), None)
    if index is None or not _agent_id(parties, index):
        notes.add("/parties", "agent_unknown", "It is not said which agent this was.")
        return None
    if not parties.by_index[index].id:
        notes.add(f"/parties/{index}", "agent_id_assumed", "The agent has no id; the name serves as one.")
    return {
        "external_id": _agent_id(parties, index),
        "name": parties.by_index[index].name[:MAX_NAME_LENGTH] or None,
    }


def _names(parties: Parties) -> list[str]:
    """Return the names to mask: those of customers; phone numbers and addresses are not imported."""
    names = [party.name[:MAX_NAME_LENGTH].strip() for party in parties.by_index if party.role == "customer"]
    return [name for name in names if len(name) > 1][:MAX_REDACTED_NAMES]


def _language(vcon: Mapping[str, Any]) -> str | None:
    given = vcon.get("analysis")
    analyses = [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []
    bodies = [each["body"] for each in analyses if isinstance(each.get("body"), Mapping)]
    inner = [body["transcript"] for body in bodies if isinstance(body.get("transcript"), Mapping)]
    languages = (clean_text(place.get("language")) for place in (vcon, *analyses, *bodies, *inner))
    return next((language for language in languages if _LANGUAGE.match(language)), None)


def _first_text(values: Iterable[Any]) -> str | None:
    return next((clean_text(value)[:MAX_NAME_LENGTH] for value in values if clean_text(value)), None)
