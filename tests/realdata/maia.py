"""The MAIA dialogues converted to interactions: English on both sides, with generated timestamps.

The source tells the day of a dialogue, in its id, and nothing else about time. So the dialogues of a day
begin at eight o'clock UTC and every twenty minutes after, in the order of the file, and each turn after
the first takes ten seconds and one more for every ten characters. Agents and customers are not named, and
none are made up.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.realdata.labels import Dialogue, Labelled, Place

SPEAKERS: Mapping[str, str] = {"inbound": "customer", "outbound": "agent"}
ENGLISH: Mapping[str, str] = {"inbound": "text_mt", "outbound": "text_src"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIRST = timedelta(hours=8)
_APART = timedelta(minutes=20)


def dialogues(file: Path) -> dict[str, Dialogue]:
    """Read the dialogues of one brand by their id."""
    return {each["id"]: each for each in json.loads(file.read_text(encoding="utf-8"))}


def interactions(found: Mapping[str, Dialogue]) -> list[dict[str, Any]]:
    """Return dialogues as they are pushed."""
    begun: Counter[str] = Counter()
    pushed = []
    for external_id, dialogue in found.items():
        day = day_of(external_id)
        start = datetime.fromisoformat(day).replace(tzinfo=UTC) + _FIRST + begun[day] * _APART
        begun[day] += 1
        pushed.append(_interaction(external_id, dialogue, start))
    return pushed


def day_of(external_id: str) -> str:
    """Return the day in a dialogue's id."""
    found = _DAY.search(external_id)
    if found is None:
        raise ValueError(f"{external_id} names no day.")
    return found[0]


def _interaction(external_id: str, dialogue: Dialogue, start: datetime) -> dict[str, Any]:
    turns: list[dict[str, Any]] = []
    at = start
    for turn in dialogue["turns"]:
        text = " ".join(sentences(turn))
        at += timedelta(seconds=10 + len(text) // 10) if turns else timedelta()
        turns.append({"at": at.isoformat(), "speaker": SPEAKERS[turn["floor"]], "text": text})
    return {
        "external_id": external_id,
        "channel": "chat",
        "language": "en",
        "started_at": start.isoformat(),
        "ended_at": at.isoformat(),
        "turns": turns,
        "status": [{"at": at.isoformat(), "to": "resolved"}],
    }


def sentences(turn: Mapping[str, Any]) -> Sequence[str]:
    """Return the English sentences of a turn."""
    found: Sequence[str] = turn[ENGLISH[turn["floor"]]]
    return found


def span(dialogue: Dialogue, place: Place, stored: Sequence[str]) -> dict[str, int]:
    """Return a place as evidence in the stored turns: the exact characters of the sentence.

    Masking may have changed a turn; where its sentence is no longer found word for word the whole turn is
    the evidence.
    """
    if place.sentence is None:
        return {"turn": place.turn}
    said = sentences(dialogue["turns"][place.turn])
    sentence = said[place.sentence]
    start = sum(len(each) + 1 for each in said[: place.sentence])
    if stored[place.turn][start : start + len(sentence)] != sentence:
        start = stored[place.turn].find(sentence)
    if start < 0 or not sentence:
        return {"turn": place.turn}
    return {"turn": place.turn, "start": start, "end": start + len(sentence)}


def submission(
    dialogue: Dialogue, labelled: Mapping[str, Labelled], stored: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the labels as a reviewer's answers, and nothing besides."""
    return [
        {
            "question": question,
            "value": answer.value,
            "na": answer.value is None,
            "note": answer.note,
            "evidence": [span(dialogue, place, stored) for place in answer.places],
        }
        for question, answer in labelled.items()
    ]
