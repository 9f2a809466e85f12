"""Which playbooks an interaction called for: their steps, the use of discretion, and dead ends."""

from collections import defaultdict
from collections.abc import Sequence

from scorecards.autoscore.annotation.transcript import CACHE_SIZE, AnnotatedTranscript, Annotation, Sentence
from scorecards.autoscore.matching import client_phrases
from scorecards.autoscore.matching.matcher import Match, Matcher, Pattern
from scorecards.autoscore.playbook import discretion, steps
from scorecards.autoscore.playbook.dead_ends import dead_end
from scorecards.autoscore.playbook.discretion import Use
from scorecards.autoscore.playbook.findings import (
    DONE,
    INTENT,
    MISSING,
    OUT_OF_ORDER,
    PHRASE,
    UNKNOWN,
    WORDS,
    DeadEnd,
    DiscretionFinding,
    PlaybookFinding,
    StepFinding,
)
from scorecards.autoscore.playbook.retrieval import PlaybookRetriever
from scorecards.definitions.conversation import Conversation
from scorecards.definitions.form import Span
from scorecards.definitions.playbook import Playbook

__all__ = [
    "DONE",
    "MISSING",
    "OUT_OF_ORDER",
    "UNKNOWN",
    "DeadEnd",
    "DiscretionFinding",
    "PlaybookChecker",
    "PlaybookFinding",
    "StepFinding",
]

_PROGRAMS = 256
_CONFIDENCE = {INTENT: 0.95, PHRASE: 0.85, WORDS: 0.6}
_DETAIL = {
    INTENT: "Called for by the interaction's intent.",
    PHRASE: "Called for by a trigger phrase.",
    WORDS: "Called for by the customer's words, compared with what every playbook says of its situation.",
}
_Marks = defaultdict[str, list[Annotation]]
_Uses = defaultdict[str, list[Use]]


class PlaybookChecker:
    """Holds playbooks against conversations; compiled once, remembers sentences."""

    def __init__(self, playbooks: Sequence[Playbook]) -> None:
        """Compile the phrases of all playbooks into one table for each side."""
        self.playbooks = tuple(playbooks)
        agent: list[Pattern] = []
        customer: list[Pattern] = []
        for book in self.playbooks:
            customer += [client_phrases.pattern(f"{book.key}/trigger", each) for each in book.trigger.phrases]
            for each in book.discretion:
                signal = discretion.signal_of(book, each)
                customer += [client_phrases.pattern(signal, phrase) for phrase in each.need]
                agent += [
                    client_phrases.pattern(signal, phrase, counts_in_condition=False)
                    for phrase in each.phrases
                ]
        self._agent, self._customer = _Memory(agent), _Memory(customer)
        self._triggers = tuple(f"{book.key}/trigger" for book in self.playbooks)
        self._applying: dict[tuple[str, str | None], tuple[int, ...]] = {}
        self._steps = steps.StepMatcher(self.playbooks)
        self._situations = PlaybookRetriever(self.playbooks)

    def findings(self, reading: AnnotatedTranscript) -> tuple[PlaybookFinding, ...]:
        """Return the playbooks the interaction called for: by intent first, then by phrase, or by words.

        The customer's words are compared with the situations of all playbooks only where neither the intent
        nor a trigger phrase calls for one.
        """
        applying = self._that_apply(reading.conversation)
        if not applying:
            return ()
        customer: _Marks = defaultdict(list)
        for said in reading.customer_sentences:
            for hit in self._customer.scan(said):
                customer[hit.signal].append(_mark(said, hit))
        called = self._called(reading, applying, customer)
        if not called:
            return ()
        uses: _Uses = defaultdict(list)
        for number, said in enumerate(reading.agent_sentences):
            for hit in self._agent.scan(said):
                uses[hit.signal].append(Use(_mark(said, hit), number))
        seen = self._steps.matches(reading)
        return tuple(self._finding(each, reading, customer, uses, seen) for each in called)

    def _that_apply(self, told: Conversation) -> tuple[int, ...]:
        """Return the numbers of the playbooks for this channel and program; remembered for a few of them."""
        known = self._applying.get((told.channel, told.program))
        if known is None:
            if len(self._applying) >= _PROGRAMS:
                self._applying.clear()
            known = self._applying[told.channel, told.program] = tuple(
                number
                for number, book in enumerate(self.playbooks)
                if book.applies_to.matches(told.channel, told.program)
            )
        return known

    def _called(
        self, reading: AnnotatedTranscript, applying: Sequence[int], customer: _Marks
    ) -> list[tuple[Playbook, str, Span | None]]:
        by_intent: list[tuple[Playbook, str, Span | None]] = []
        by_phrase: list[tuple[Playbook, str, Span | None]] = []
        intent = reading.conversation.intent
        for number in applying:
            book = self.playbooks[number]
            marks = customer.get(self._triggers[number])
            if intent is not None and intent in book.trigger.intents:
                by_intent.append((book, INTENT, _span(min(marks)) if marks else None))
            elif marks:
                by_phrase.append((book, PHRASE, _span(min(marks))))
        if by_intent or by_phrase or not reading.is_known_language:
            return [*by_intent, *by_phrase]
        return [
            (self.playbooks[found.book], WORDS, self._situations.evidence(found, reading))
            for found in self._situations.retrieve(reading, applying)
        ]

    def _finding(
        self,
        called: tuple[Playbook, str, Span | None],
        reading: AnnotatedTranscript,
        customer: _Marks,
        uses: _Uses,
        seen: defaultdict[str, list[steps.StepMatch]],
    ) -> PlaybookFinding:
        book, by, span = called
        taken = steps.followed(book, seen)
        used = tuple(
            discretion.judged(
                book,
                each,
                customer.get(discretion.signal_of(book, each), ()),
                uses.get(discretion.signal_of(book, each), ()),
                reading.agent_sentences,
            )
            for each in book.discretion
        )
        return PlaybookFinding(
            playbook=book.key,
            triggered_by=by,
            trigger_span=span,
            steps=taken,
            discretion=used,
            confidence=_CONFIDENCE[by],
            clause=book.key,
            detail=_DETAIL[by],
            dead_end=dead_end(book, taken, used, reading) if reading.is_known_language else None,
        )


class _Memory:
    """A scanner that remembers sentences."""

    def __init__(self, table: Sequence[Pattern]) -> None:
        self._scanner = Matcher(table)
        self._known: dict[str, tuple[Match, ...]] = {}

    def scan(self, said: Sentence) -> tuple[Match, ...]:
        plain = said.annotations.plain
        hits = self._known.get(plain)
        if hits is None:
            if len(self._known) >= CACHE_SIZE:
                self._known.clear()
            hits = self._known[plain] = self._scanner.scan(plain, said.annotations.words)
        return hits


def _mark(said: Sentence, hit: Match) -> Annotation:
    return Annotation(said.turn, said.start + hit.start, said.start + hit.end, "")


def _span(mark: Annotation) -> Span:
    return Span(mark.turn, mark.start, mark.end)
