"""The guidelines of an online shop (ABCD) as playbooks, and its three sample dialogues as interactions.

One playbook for each subflow, by rule and without knowledge of the dialogues:

* Key and intents: the subflow's name in the ontology (guidelines and ontology list them in one order), and
  its numbered forms. Trigger phrase: the subflow's title in the guidelines, where it has two words or more.
* What it is about: the sentences of its instructions, but for those that it shares with other subflows or
  that send the agent to another one; a sentence that lists questions is cut at its commas.
* Steps: its actions, required unless they are plain communication; in order, unless the instructions allow
  any.
* A step's phrases: the words on its button; the slots that the ontology gives its action, `customer_name`
  also as "your name"; what its text has in capitals ("Full Name") or in front of a dash ("Order ID - ...").
* What is logged when a step is taken: the words on its button, the name of its action, and the first word of
  that name with each value that the ontology lists for the action ("notify manager").
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ACTIONS: Mapping[str, str] = {
    "membership-privileges": "membership",
    "notify-internal-team": "notify-team",
    "select-answer": "select-faq",
    "enter-detail": "enter-details",
    **{
        topic: f"search-{topic}"
        for topic in ("boots", "shirt", "jeans", "jacket", "pricing", "timing", "policy", "membership")
    },
}
_START = datetime(2021, 1, 4, 9, tzinfo=UTC)
_ANY_ORDER = re.compile(r"any order|shuffle up the order", re.IGNORECASE)
_CAPITALS = re.compile(r"\b[A-Z][a-z]+(?: (?:[A-Z][a-z]+|ID))+\b")
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+")
_ELSEWHERE = re.compile(r"\binstead\b|>|\bflow\b|\bsurvey\b|mark the conversation")
_LISTED = 2
_HEAD = re.compile(r"^(?!Option)([A-Z]\w*(?: \w+){0,2}) - |^([A-Z]\w*(?: \w+){0,2})$")

Json = Mapping[str, Any]


class Shop:
    """The three files of the shop: guidelines, ontology and sample dialogues."""

    def __init__(self, folder: Path) -> None:
        """Read them."""
        self.guidelines: Json = _read(folder / "guidelines.json")
        self.ontology: Json = _read(folder / "ontology.json")
        self.actions: Mapping[str, Sequence[str]] = _read(folder / "kb.json")
        self.dialogues: Sequence[Json] = _read(folder / "abcd_sample.json")
        kinds = self.ontology["actions"].values()
        self._slots: Mapping[str, Sequence[str]] = {
            name: each for kind in kinds for name, each in kind.items()
        }
        self._said = Counter(
            sentence
            for _, _, subflow in self.subflows()
            for sentence in dict.fromkeys(_sentences(subflow["instructions"]))
        )

    def playbooks(self) -> list[dict[str, Any]]:
        """Return a playbook for each subflow."""
        return [self._playbook(key, title, subflow) for key, title, subflow in self.subflows()]

    def subflows(self) -> Iterator[tuple[str, str, Json]]:
        """Return each subflow's key in the ontology, its title and its guideline."""
        named = self.ontology["intents"]["subflows"]
        for title, flow in self.guidelines.items():
            keys = named[re.sub(r"\W", "_", title.lower())]
            for key, (name, subflow) in zip(keys, flow["subflows"].items(), strict=True):
                yield key, name, subflow

    def _playbook(self, key: str, title: str, subflow: Json) -> dict[str, Any]:
        spoken = title.removesuffix(" FAQ").lower()
        return {
            "key": key,
            "name": title,
            "trigger": {
                "intents": [key, *(f"{key}_{n}" for n in range(1, 5))],
                "phrases": [spoken] if " " in spoken else [],
                "about": self._about(subflow),
            },
            "ordered": not _ANY_ORDER.search(" ".join(subflow["instructions"])),
            "steps": self._steps(subflow),
        }

    def _about(self, subflow: Json) -> list[str]:
        found: list[str] = []
        for sentence in _sentences(subflow["instructions"]):
            if self._said[sentence] > 1 or _ELSEWHERE.search(sentence):
                continue
            listed = sentence.count(",") >= _LISTED and "customer" not in sentence.lower()
            found += sentence.split(", ") if listed else [sentence]
        return found

    def _steps(self, subflow: Json) -> list[dict[str, Any]]:
        seen: Counter[str] = Counter()
        steps = []
        for action in subflow["actions"]:
            name = action_of(action) or "tell_the_customer"
            seen[name] += 1
            number = f"_{seen[name]}" if seen[name] > 1 else ""
            steps.append(
                {
                    "key": name.replace("-", "_") + number,
                    "name": action["button"] if action_of(action) else "Tell the customer",
                    "required": action_of(action) is not None,
                    "phrases": self._phrases(action),
                    "logged": self._logged(action),
                }
            )
        return steps

    def _phrases(self, action: Json) -> list[str]:
        name = action_of(action)
        if name is None:
            return []
        slots = [slot for slot in self._slots.get(name, ()) if not slot.endswith("_slotval")]
        phrases = [action["button"].replace("/", " or "), *(slot.replace("_", " ") for slot in slots)]
        phrases += [slot.replace("customer_", "your ") for slot in slots if slot.startswith("customer_")]
        for text in (action["text"].removeprefix("Get "), *action["subtext"]):
            phrases += _CAPITALS.findall(text)
            phrases += [head for found in _HEAD.findall(text) for head in found if head]
        return list(dict.fromkeys(phrase.lower() for phrase in phrases))

    def _logged(self, action: Json) -> list[str]:
        name = action_of(action)
        if name is None:
            return []
        listed: Mapping[str, Sequence[str]] = self.ontology["values"]["enumerable"]
        values = [value for slot in self._slots.get(name, ()) for value in listed.get(slot, ())]
        verb = name.split("-")[0]
        button = [action["button"]] if " " in action["button"] else []
        return [*button, name.replace("-", " "), *(f"{verb} {value}" for value in values)]


def _sentences(written: Sequence[str]) -> list[str]:
    return [each for one in written for each in _SENTENCE_END.split(one) if each]


def action_of(action: Json) -> str | None:
    """Return the ontology's name of a guideline's action; None for plain communication."""
    if action["button"] in {"N/A", "End Conversation"}:
        return None
    button = re.sub(r"\W", "-", action["button"].lower())
    return ACTIONS.get(button, button)


def interactions(dialogues: Sequence[Json], *, with_intent: bool) -> list[dict[str, Any]]:
    """Return the dialogues as they are pushed; what the agent clicked is said by the system."""
    pushed = []
    for number, dialogue in enumerate(dialogues):
        start = _START + number * timedelta(minutes=20)
        turns = [
            {
                "at": (start + place * timedelta(seconds=15)).isoformat(),
                "speaker": "system" if speaker == "action" else speaker,
                "text": text,
            }
            for place, (speaker, text) in enumerate(dialogue["original"])
        ]
        one = {
            "external_id": f"{dialogue['convo_id']}{'' if with_intent else '-no-intent'}",
            "channel": "chat",
            "started_at": start.isoformat(),
            "ended_at": turns[-1]["at"],
            "turns": turns,
        }
        pushed.append(one | {"intent": dialogue["scenario"]["subflow"]} if with_intent else one)
    return pushed


def clicked(dialogue: Json) -> tuple[str, ...]:
    """Return the actions the agent took, in order, as the dialogue's own annotation has them."""
    taken = [turn["targets"][2] for turn in dialogue["delexed"] if turn["targets"][1] == "take_action"]
    return tuple(dict.fromkeys(taken))


def right_playbook(dialogue: Json) -> str:
    """Return the key of the subflow that the dialogue was played from."""
    return re.sub(r"_\d+$", "", dialogue["scenario"]["subflow"])


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))
