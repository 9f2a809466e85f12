"""The labelled MAIA sentences as classification tasks: text, label and preceding context."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.realdata import maia
from tests.realdata.labels import DISTRESS, EMPATHY, Dialogue

NEUTRAL = 2
EMOTIONS = ("negative", "neutral", "positive")
YES_NO = ("no", "yes")


@dataclass(frozen=True, slots=True)
class Item:
    """One sentence, or one turn where people labelled turns; `before` is what the other side had said."""

    client: str
    dialogue: str
    turn: int
    place: int
    speaker: str
    text: str
    before: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Task:
    """A judgement of sentences.

    `auto` names the rule that says something about it, if there is one; `answers` tells whether what was said
    before matters, and not the wording alone.
    """

    name: str
    classes: tuple[str, ...]
    items: tuple[Item, ...]
    auto: str | None = None
    yes_is_the_rules_no: bool = False
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Corpus:
    """All dialogues by brand and id."""

    dialogues: Mapping[tuple[str, str], Dialogue]

    @property
    def clients(self) -> list[str]:
        return sorted({client for client, _ in self.dialogues})

    @classmethod
    def read(cls, folder: Path) -> "Corpus":
        files = sorted(folder.glob("*.json"))
        return cls({(file.stem, key): each for file in files for key, each in maia.dialogues(file).items()})

    def tasks(self) -> list[Task]:
        return [
            Task(
                "empathy",
                YES_NO,
                self._sentences("outbound", "Emotion", _empathy),
                "validates_feeling",
                answers=True,
            ),
            Task(
                "templated",
                YES_NO,
                self._sentences("outbound", "Templated", _flag),
                "avoids_canned_sentences",
                yes_is_the_rules_no=True,
            ),
            Task("politeness", YES_NO, self._turns("Politeness", _flag), answers=True),
            Task("emotion", EMOTIONS, self._sentences("inbound", "Emotion", _emotion)),
        ]

    def _sentences(self, floor, name, named) -> tuple[Item, ...]:
        found = []
        for (client, key), dialogue in self.dialogues.items():
            for number, turn in enumerate(dialogue["turns"]):
                if turn["floor"] == floor:
                    given = zip(maia.sentences(turn), turn[name] or (), strict=False)
                    for place, (text, value) in enumerate(given):
                        label = named(value)
                        if label and text.strip():
                            found.append(_item(client, key, dialogue, number, place, text, label))
        return tuple(found)

    def _turns(self, name, named) -> tuple[Item, ...]:
        found = []
        for (client, key), dialogue in self.dialogues.items():
            for number, turn in enumerate(dialogue["turns"]):
                label = named(turn.get(name))
                if label:
                    text = "\n".join(maia.sentences(turn))
                    found.append(_item(client, key, dialogue, number, 0, text, label))
        return tuple(found)


def _item(client, key, dialogue, number, place, text, label) -> Item:
    turn = dialogue["turns"][number]
    return Item(
        client=client,
        dialogue=key,
        turn=number,
        place=place,
        speaker=maia.SPEAKERS[turn["floor"]],
        text=text,
        before=_before(dialogue["turns"][:number], turn["floor"]),
        label=label,
    )


def _before(turns: Sequence[Mapping], floor: str) -> tuple[str, ...]:
    return tuple("\n".join(maia.sentences(turn)) for turn in turns if turn["floor"] != floor)


def _empathy(value) -> str | None:
    return YES_NO[value == EMPATHY] if value in range(8) else None


def _flag(value) -> str | None:
    return YES_NO[value] if value in {0, 1} else None


def _emotion(value) -> str | None:
    if value not in range(8):
        return None
    return "negative" if value in DISTRESS else EMOTIONS[1 + (value != NEUTRAL)]
