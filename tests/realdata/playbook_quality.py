"""Playbook retrieval from customer text for the ABCD shop, and which clicked steps are detected."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scorecards.authoring.yaml_documents import read_document
from scorecards.autoscore.engine import shared_annotator
from scorecards.autoscore.playbook.checker import PlaybookChecker
from scorecards.autoscore.playbook.findings import PlaybookFinding
from scorecards.autoscore.playbook.retrieval import PlaybookRetriever
from scorecards.definitions.conversation import Conversation, Turn
from scorecards.definitions.playbook import Playbook
from tests.realdata import abcd

CUSTOMERS = Path(__file__).parent / "shop_customers.yaml"
_AT = datetime(2021, 1, 4, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Recognition:
    """One conversation: the right playbook, all by rank, and what was called for."""

    right: str
    ranked: Sequence[str]
    called: Sequence[PlaybookFinding]

    @property
    def first(self) -> bool:
        """Whether the right playbook is the best one."""
        return list(self.ranked[:1]) == [self.right]

    @property
    def is_right(self) -> bool:
        """Whether the right playbook alone was called for."""
        return [each.playbook for each in self.called] == [self.right]


class Recogniser:
    """All playbooks of the shop against one conversation after the other."""

    def __init__(self, shop: abcd.Shop) -> None:
        """Compile the playbooks."""
        self._books = [Playbook.from_body(body) for body in shop.playbooks()]
        self._reader, self._playbooks = shared_annotator(), PlaybookChecker(self._books)
        self._situations = PlaybookRetriever(self._books)

    def __call__(self, right: str, turns: Sequence[Turn], intent: str | None = None) -> Recognition:
        """Read one conversation."""
        reading = self._reader.annotate(Conversation("chat", turns, _AT, intent=intent))
        ranked = self._situations.ranking(self._situations.query(reading), range(len(self._books)))
        keys = [self._books[each.book].key for each in ranked]
        return Recognition(right, keys, self._playbooks.findings(reading))


def of_customers(recognise: Recogniser) -> list[Recognition]:
    """Read what customers of every subflow may say."""
    said: Mapping[str, Sequence[Sequence[str]]] = read_document(CUSTOMERS.read_text(encoding="utf-8")).value
    return [
        recognise(key, [Turn("customer", each) for each in turns])
        for key, customers in said.items()
        for turns in customers
    ]


def of_dialogue(recognise: Recogniser, dialogue: Mapping[str, Any], *, with_intent: bool) -> Recognition:
    """Read one of the shop's sample dialogues."""
    turns = [
        Turn("system" if speaker == "action" else speaker, text) for speaker, text in dialogue["original"]
    ]
    intent = dialogue["scenario"]["subflow"] if with_intent else None
    return recognise(abcd.right_playbook(dialogue), turns, intent)


def clicked_steps(found: Recognition, dialogue: Mapping[str, Any]) -> dict[str, str]:
    """Return what became of the steps of the right playbook that the agent clicked, and who showed them."""
    (called,) = [each for each in found.called if each.playbook == found.right]
    return {
        name: f"{step.status} ({step.seen})" if step.seen else step.status
        for step in called.steps
        if (name := step.key.replace("_", "-")) in abcd.clicked(dialogue)
    }


def table(
    dialogues: Sequence[Mapping[str, Any]],
    by_intent: Sequence[Recognition],
    by_words: Sequence[Recognition],
    customers: Sequence[Recognition],
) -> Iterator[str]:
    """Return the figures as Markdown."""
    yield "| dialogue | by its intent | by its words | first three by words | steps clicked |"
    yield "|---|---|---|---|---|"
    for dialogue, intent, words in zip(dialogues, by_intent, by_words, strict=True):
        called = [", ".join(each.playbook for each in found.called) or "none" for found in (intent, words)]
        steps = ", ".join(f"{key}: {status}" for key, status in clicked_steps(intent, dialogue).items())
        yield f"| {dialogue['convo_id']} | {' | '.join(called)} | {', '.join(words.ranked[:3])} | {steps} |"
    called_for = [found for found in customers if found.called]
    yield ""
    yield "| customers' words | right one first | among the first three | called for | rightly |"
    yield "|---|---|---|---|---|"
    yield (
        f"| {len(customers)} of {len({found.right for found in customers})} subflows "
        f"| {sum(found.first for found in customers)} "
        f"| {sum(found.right in found.ranked[:3] for found in customers)} "
        f"| {len(called_for)} | {sum(found.is_right for found in called_for)} |"
    )
