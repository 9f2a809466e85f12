"""Selects the playbooks for an interaction and checks their steps, the use of discretion and dead ends."""

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

_MAX_CACHED_PROGRAMS = 256
_CONFIDENCE = {INTENT: 0.95, PHRASE: 0.85, WORDS: 0.6}
_DETAIL = {
    INTENT: "Called for by the interaction's intent.",
    PHRASE: "Called for by a trigger phrase.",
    WORDS: "Called for by the customer's words, compared with what every playbook says of its situation.",
}
_Annotations = defaultdict[str, list[Annotation]]
_Uses = defaultdict[str, list[Use]]


class PlaybookChecker:
    """Checks conversations against playbooks; compiled once, caches sentences."""

    def __init__(self, playbooks: Sequence[Playbook]) -> None:
        """Compile the phrases of all playbooks into one table for each speaker."""
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
        self._agent, self._customer = _CachedMatcher(agent), _CachedMatcher(customer)
        self._triggers = tuple(f"{book.key}/trigger" for book in self.playbooks)
        self._applicable_cache: dict[tuple[str, str | None], tuple[int, ...]] = {}
        self._steps = steps.StepMatcher(self.playbooks)
        self._retriever = PlaybookRetriever(self.playbooks)

    def findings(self, transcript: AnnotatedTranscript) -> tuple[PlaybookFinding, ...]:
        """Return the findings on the selected playbooks: by intent first, then by phrase, or by words.

        Playbooks are retrieved by the customer's words only if neither the intent nor a trigger phrase
        selects one.
        """
        applicable = self._applicable(transcript.conversation)
        if not applicable:
            return ()
        customer: _Annotations = defaultdict(list)
        for sentence in transcript.customer_sentences:
            for match in self._customer.scan(sentence):
                customer[match.signal].append(_annotation(sentence, match))
        triggered = self._triggered(transcript, applicable, customer)
        if not triggered:
            return ()
        uses: _Uses = defaultdict(list)
        for index, sentence in enumerate(transcript.agent_sentences):
            for match in self._agent.scan(sentence):
                uses[match.signal].append(Use(_annotation(sentence, match), index))
        step_matches = self._steps.matches(transcript)
        return tuple(self._finding(each, transcript, customer, uses, step_matches) for each in triggered)

    def _applicable(self, conversation: Conversation) -> tuple[int, ...]:
        """Return the indices of the playbooks for this channel and program, cached for a few of them."""
        cached = self._applicable_cache.get((conversation.channel, conversation.program))
        if cached is None:
            if len(self._applicable_cache) >= _MAX_CACHED_PROGRAMS:
                self._applicable_cache.clear()
            cached = self._applicable_cache[conversation.channel, conversation.program] = tuple(
                index
                for index, book in enumerate(self.playbooks)
                if book.applies_to.matches(conversation.channel, conversation.program)
            )
        return cached

    def _triggered(
        self, transcript: AnnotatedTranscript, applicable: Sequence[int], customer: _Annotations
    ) -> list[tuple[Playbook, str, Span | None]]:
        by_intent: list[tuple[Playbook, str, Span | None]] = []
        by_phrase: list[tuple[Playbook, str, Span | None]] = []
        intent = transcript.conversation.intent
        for index in applicable:
            book = self.playbooks[index]
            annotations = customer.get(self._triggers[index])
            if intent is not None and intent in book.trigger.intents:
                by_intent.append((book, INTENT, _span(min(annotations)) if annotations else None))
            elif annotations:
                by_phrase.append((book, PHRASE, _span(min(annotations))))
        if by_intent or by_phrase or not transcript.is_known_language:
            return [*by_intent, *by_phrase]
        return [
            (self.playbooks[found.book], WORDS, self._retriever.evidence(found, transcript))
            for found in self._retriever.retrieve(transcript, applicable)
        ]

    def _finding(
        self,
        triggered: tuple[Playbook, str, Span | None],
        transcript: AnnotatedTranscript,
        customer: _Annotations,
        uses: _Uses,
        step_matches: defaultdict[str, list[steps.StepMatch]],
    ) -> PlaybookFinding:
        book, trigger, span = triggered
        step_findings = steps.followed(book, step_matches)
        discretion_findings = tuple(
            discretion.judged(
                book,
                each,
                customer.get(discretion.signal_of(book, each), ()),
                uses.get(discretion.signal_of(book, each), ()),
                transcript.agent_sentences,
            )
            for each in book.discretion
        )
        return PlaybookFinding(
            playbook=book.key,
            triggered_by=trigger,
            trigger_span=span,
            steps=step_findings,
            discretion=discretion_findings,
            confidence=_CONFIDENCE[trigger],
            clause=book.key,
            detail=_DETAIL[trigger],
            dead_end=dead_end(book, step_findings, discretion_findings, transcript)
            if transcript.is_known_language
            else None,
        )


class _CachedMatcher:
    """A matcher that caches sentences."""

    def __init__(self, table: Sequence[Pattern]) -> None:
        self._matcher = Matcher(table)
        self._cache: dict[str, tuple[Match, ...]] = {}

    def scan(self, sentence: Sentence) -> tuple[Match, ...]:
        plain = sentence.annotations.plain
        matches = self._cache.get(plain)
        if matches is None:
            if len(self._cache) >= CACHE_SIZE:
                self._cache.clear()
            matches = self._cache[plain] = self._matcher.scan(plain, sentence.annotations.words)
        return matches


def _annotation(sentence: Sentence, match: Match) -> Annotation:
    return Annotation(sentence.turn, sentence.start + match.start, sentence.start + match.end, "")


def _span(annotation: Annotation) -> Span:
    return Span(annotation.turn, annotation.start, annotation.end)
