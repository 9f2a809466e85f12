"""Reads an interaction whose turns are a transcript: subtitles, labelled lines, or JSON of a recogniser."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from qm.interactions.importers.imported import BAD_CUE, DeviationLog, ImportedDocument, NothingImported
from qm.interactions.importers.times import add_seconds, not_before, read_seconds, read_time, without_future
from qm.interactions.importers.vcon.parties import clean_text, remove_invalid_characters, role_from_label
from qm.interactions.transcripts.names import same_person
from qm.interactions.transcripts.reading import read_utterances
from qm.interactions.transcripts.utterances import Utterance
from scorecards.definitions.conversation import SPEAKERS
from tenants.http.faults import Fault

_OWN_KEYS = ("transcript", "speakers")


def read_transcript(document: Mapping[str, Any]) -> ImportedDocument:
    """
    Return the interaction of a document like a pushed one, with `transcript` in place of `turns`.

    `speakers` says which speaker of the transcript is the customer, the agent, a bot or the system; without
    it, labels that say so by themselves and the agent's name are understood.

    Raises
    ------
    NothingImported
        When the transcript has no words.
    """
    notes = DeviationLog()
    started_at = read_time(document.get("started_at"), "/started_at", notes)
    found = read_utterances(document.get("transcript"))
    roles = _roles(found, document, notes)
    turns = [turn for each in found if (turn := _turn(each, roles, started_at, notes)) is not None]
    if not turns:
        fault = Fault("/transcript", "empty_transcript", "No words were found in this transcript.")
        raise NothingImported([fault], notes.deviations.values())
    given = {key: value for key, value in document.items() if key not in _OWN_KEYS}
    interaction = {"channel": "voice", **given, "turns": list(_in_order(turns, notes))}
    return ImportedDocument((interaction,), tuple(notes.deviations.values()), texts_extracted=True)


def _turn(
    said: Utterance,
    roles: Mapping[str, str],
    started_at: datetime | None,
    notes: DeviationLog,
) -> dict[str, Any] | None:
    text = remove_invalid_characters(said.text).strip()
    if not text:
        return None
    if said.is_bad_cue:
        notes.add("/transcript", "bad_cue", BAD_CUE)
    if isinstance(said.start, str):
        at = not_before(read_time(said.start, "/transcript", notes), started_at, "/transcript", notes)
    else:
        at = without_future(add_seconds(started_at, read_seconds(said.start)), "/transcript", notes)
    turn = {"speaker": roles.get(_label(said.speaker), "system"), "text": text}
    return turn if at is None else turn | {"at": at.isoformat()}


def _label(speaker: str | int | None) -> str:
    return "" if speaker is None else str(speaker).strip()


def _agent_name(document: Mapping[str, Any]) -> str:
    agent = document.get("agent")
    return clean_text(agent.get("name")) if isinstance(agent, Mapping) else ""


def _roles(found: Sequence[Utterance], document: Mapping[str, Any], notes: DeviationLog) -> Mapping[str, str]:
    """Return the role of each label; whoever speaks with the agent alone is the customer."""
    labels = dict.fromkeys(_label(each.speaker) for each in found if each.text.strip())
    people = same_person([*labels, _agent_name(document)])
    known = {label: _known_role(label, document, people) for label in labels}
    unknown = {people.get(label, label) for label, role in known.items() if not role}
    if len(unknown) == 1 and "" not in unknown and {*filter(None, known.values())} == {"agent"}:
        detail = "Two people speak, and one is the agent: the other one is taken for the customer."
        notes.add("/transcript", "role_assumed", detail)
        return {label: role or "customer" for label, role in known.items()}
    if unknown:
        detail = "It is not said who speaks: the words count as nobody's. Say in speakers who is who."
        notes.add("/transcript", "speaker_unknown", detail)
    return {label: role or "system" for label, role in known.items()}


def _known_role(wanted: str, document: Mapping[str, Any], people: Mapping[str, str]) -> str:
    speakers = document.get("speakers")
    given = speakers if isinstance(speakers, Mapping) else {}
    name = _agent_name(document).casefold()
    # Who is called Ana here and Ana Silva there is one person.
    aliases = [wanted, *filter(None, [people.get(wanted)]), *(a for a, b in people.items() if b == wanted)]
    for label in aliases:
        if isinstance(given.get(label), str) and given[label] in SPEAKERS:
            return str(given[label])
    for label in aliases:
        role = role_from_label(label) or ("agent" if name and label.casefold() == name else "")
        if role:
            return role
    return ""


def _in_order(turns: list[dict[str, Any]], notes: DeviationLog) -> Iterator[dict[str, Any]]:
    """Yield the turns without times if these do not stand in their order, each once."""
    times = [turn["at"] for turn in turns if "at" in turn]
    has_times = times == sorted(times)
    if not has_times:
        notes.add("/transcript", "out_of_order", "The times do not stand in their order; they were left out.")
    before = None
    for turn in turns:
        kept = turn if has_times else {name: turn[name] for name in turn if name != "at"}
        if "at" not in kept or kept != before:
            yield kept
        before = kept
