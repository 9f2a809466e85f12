"""A conversation read once: who said what, sentence by sentence, with every sign found in it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from scorecards.autoscore.action_patterns import ACTION_PATTERNS
from scorecards.autoscore.annotation import sentiment
from scorecards.autoscore.customer_patterns import CUSTOMER_PATTERNS
from scorecards.autoscore.frame_patterns import FRAME_PATTERNS
from scorecards.autoscore.hearing_patterns import HEARING_PATTERNS
from scorecards.autoscore.matching.matcher import Match, Matcher
from scorecards.autoscore.owning_patterns import OWNING_PATTERNS
from scorecards.autoscore.text import normalization
from scorecards.autoscore.text.word_rarity import EVERYDAY, distinctive_words
from scorecards.definitions.conversation import Conversation, Turn

AGENT_PATTERNS = (*HEARING_PATTERNS, *OWNING_PATTERNS, *ACTION_PATTERNS, *FRAME_PATTERNS)
LANGUAGES = frozenset({"en"})
CACHE_SIZE = 16_384
"""Sentences and turns kept per reader and side; bounds a worker's memory."""

_ENOUGH_WORDS = 12
_EVERYDAY_SHARE = 0.12


class Annotation(NamedTuple):
    """A sign at characters [start, end) of a turn."""

    turn: int
    start: int
    end: int
    label: str


class SentenceAnnotations(NamedTuple):
    """What one sentence holds, wherever it is said."""

    plain: str
    words: tuple[str, ...]
    matches: tuple[Match, ...]
    distinctive_words: tuple[tuple[int, str], ...]
    everyday_share: int
    valence: float = 0.0
    distress: float = 0.0


class Sentence(NamedTuple):
    """A sentence in its place: characters [start, end) of a turn."""

    turn: int
    start: int
    end: int
    annotations: SentenceAnnotations


@dataclass(frozen=True, slots=True)
class AnnotatedTranscript:
    """A conversation with the signs in it; `agent` and `customer` hold marks by signal, in order."""

    conversation: Conversation
    is_known_language: bool
    agent_turns: tuple[int, ...]
    customer_turns: tuple[int, ...]
    agent_sentences: Sequence[Sentence]
    customer_sentences: Sequence[Sentence]
    agent_annotations: dict[str, list[Annotation]]
    customer_annotations: dict[str, list[Annotation]]
    plain_turns: dict[int, str] = field(default_factory=dict)


class Annotator:
    """Reads conversations; remembers sentences, because agents repeat themselves and each other."""

    def __init__(self) -> None:
        """Compile the tables once."""
        self._agent = Matcher(AGENT_PATTERNS, tolerant=True)
        self._customer = Matcher(CUSTOMER_PATTERNS, whole_sentence_conditions=True, tolerant=True)
        self._agent_sentence = lru_cache(maxsize=CACHE_SIZE)(self._annotate_agent)
        self._customer_sentence = lru_cache(maxsize=CACHE_SIZE)(self._annotate_customer)
        self._cut = lru_cache(maxsize=CACHE_SIZE // 4)(_cut)

    def annotate(self, conversation: Conversation) -> AnnotatedTranscript:
        """Read one conversation."""
        said: dict[str, list[Sentence]] = {"agent": [], "customer": []}
        turns: dict[str, list[int]] = {"agent": [], "customer": []}
        plains: dict[int, str] = {}
        for number, turn in enumerate(conversation.turns):
            if turn.speaker in said:
                turns[turn.speaker].append(number)
                plains[number] = self._annotate_side(number, turn, said[turn.speaker])
        return AnnotatedTranscript(
            conversation=conversation,
            is_known_language=_understood(conversation.language, (*said["agent"], *said["customer"])),
            agent_turns=tuple(turns["agent"]),
            customer_turns=tuple(turns["customer"]),
            agent_sentences=said["agent"],
            customer_sentences=said["customer"],
            agent_annotations=_marks(said["agent"]),
            customer_annotations=_marks(said["customer"]),
            plain_turns=plains,
        )

    def _annotate_side(self, number: int, turn: Turn, said: list[Sentence]) -> str:
        written = turn.text
        plain, pieces = self._cut(written)
        if turn.speaker == "agent":
            hear = self._agent_sentence
            said += [Sentence(number, start, end, hear(plain[start:end])) for start, end in pieces]
        else:
            feel_for = self._customer_sentence
            said += [
                Sentence(number, start, end, feel_for(plain[start:end], written[start:end]))
                for start, end in pieces
            ]
        return plain

    def _annotate_agent(self, plain: str) -> SentenceAnnotations:
        words = tuple(normalization.words(plain))
        return SentenceAnnotations(
            plain, words, self._agent.scan(plain, words), distinctive_words(words), _everyday(words)
        )

    def _annotate_customer(self, plain: str, original: str) -> SentenceAnnotations:
        words = tuple(normalization.words(plain))
        hits = self._customer.scan(plain, words)
        valence = sentiment.sentence_valence(original, words)
        distress = sentiment.sentence_distress(original, hits)
        return SentenceAnnotations(
            plain, words, hits, distinctive_words(words), _everyday(words), valence, distress
        )


def _everyday(words: Iterable[str]) -> int:
    return sum(map(EVERYDAY.__contains__, words))


def _cut(turn_text: str) -> tuple[str, tuple[normalization.Piece, ...]]:
    return normalization.cover_quotations(normalization.normalise(turn_text)), tuple(
        normalization.sentences(turn_text)
    )


def _marks(said: Sequence[Sentence]) -> dict[str, list[Annotation]]:
    marks: defaultdict[str, list[Annotation]] = defaultdict(list)
    for turn, start, _, spoken in said:
        for signal, begin, end, label in spoken.matches:
            marks[signal].append(Annotation(turn, start + begin, start + end, label))
    return dict(marks)


def _understood(language: str, said: Sequence[Sentence]) -> bool:
    """Tell whether the rules' language is spoken: as declared, and in longer texts by everyday words."""
    if language.lower().replace("_", "-").split("-")[0] not in LANGUAGES:
        return False
    heard = everyday = 0
    for each in said:
        heard += len(each.annotations.words)
        everyday += each.annotations.everyday_share
    return heard < _ENOUGH_WORDS or everyday >= _EVERYDAY_SHARE * heard


def score_sentiment(reading: AnnotatedTranscript, *, charged_threshold: float) -> sentiment.Sentiment:
    """Return the customer's sentiment; neutral, with little confidence, in other languages."""
    total = len(reading.conversation.turns)
    turns: list[float | None] = [None] * total
    distress = [0.0] * total
    if not reading.is_known_language:
        for number in reading.customer_turns:
            turns[number] = 0.0
        return sentiment.arc(
            turns, distress, charged_threshold=charged_threshold, confidence=sentiment.UNREADABLE
        )
    said: dict[int, tuple[list[float], list[float]]] = {number: ([], []) for number in reading.customer_turns}
    for number, _, _, spoken in reading.customer_sentences:
        valences, distresses = said[number]
        valences.append(spoken.valence)
        distresses.append(spoken.distress)
    sarcastic = {mark.turn for mark in reading.customer_annotations.get("sarcasm", ())}
    for number, (valences, distresses) in said.items():
        value = sentiment.turn_sentiment(valences, number in sarcastic)
        turns[number] = value
        distress[number] = sentiment.turn_distress(value, distresses)
    return sentiment.arc(turns, distress, charged_threshold=charged_threshold)
