"""Annotates a conversation once: its sentences by speaker, with the signals, words and sentiment of each."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from scorecards.autoscore.agent_patterns import ACTION_PATTERNS, UNDERSTANDING_PATTERNS
from scorecards.autoscore.annotation import sentiment
from scorecards.autoscore.customer_patterns import CUSTOMER_PATTERNS
from scorecards.autoscore.greeting_and_closing_patterns import GREETING_AND_CLOSING_PATTERNS
from scorecards.autoscore.matching.matcher import Match, Matcher
from scorecards.autoscore.ownership_patterns import OWNERSHIP_PATTERNS
from scorecards.autoscore.text import normalization
from scorecards.autoscore.text.language import foreign_words, is_foreign
from scorecards.autoscore.text.word_rarity import EVERYDAY, distinctive_words
from scorecards.definitions.conversation import Conversation, Turn

AGENT_PATTERNS = (
    *UNDERSTANDING_PATTERNS,
    *OWNERSHIP_PATTERNS,
    *ACTION_PATTERNS,
    *GREETING_AND_CLOSING_PATTERNS,
)
LANGUAGES = frozenset({"en"})
CACHE_SIZE = 16_384
"""Sentences and turns cached per annotator and speaker; bounds a worker's memory."""

_MIN_WORDS = 12
_MIN_EVERYDAY_SHARE = 0.12


class Annotation(NamedTuple):
    """A signal at characters [start, end) of a turn; `label` is its finer kind."""

    turn: int
    start: int
    end: int
    label: str


class SentenceAnnotations(NamedTuple):
    """The annotations of a sentence's text, the same wherever the sentence occurs."""

    plain: str
    words: tuple[str, ...]
    matches: tuple[Match, ...]
    distinctive_words: tuple[tuple[int, str], ...]
    everyday_words: int
    valence: float = 0.0
    distress: float = 0.0
    foreign_words: tuple[str, ...] = ()


class Sentence(NamedTuple):
    """An annotated sentence at characters [start, end) of a turn."""

    turn: int
    start: int
    end: int
    annotations: SentenceAnnotations


@dataclass(frozen=True, slots=True)
class AnnotatedTranscript:
    """A conversation with its annotations, which are in order, by speaker and signal."""

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
    """Annotates conversations; caches sentences, because agents repeat themselves and each other."""

    def __init__(self) -> None:
        """Compile the tables of patterns once."""
        self._agent = Matcher(AGENT_PATTERNS, tolerant=True)
        self._customer = Matcher(CUSTOMER_PATTERNS, whole_sentence_conditions=True, tolerant=True)
        self._agent_sentence = lru_cache(maxsize=CACHE_SIZE)(self._annotate_agent)
        self._customer_sentence = lru_cache(maxsize=CACHE_SIZE)(self._annotate_customer)
        self._split = lru_cache(maxsize=CACHE_SIZE // 4)(_split)

    def annotate(self, conversation: Conversation) -> AnnotatedTranscript:
        """Return the annotated transcript of a conversation."""
        sentences: dict[str, list[Sentence]] = {"agent": [], "customer": []}
        turns: dict[str, list[int]] = {"agent": [], "customer": []}
        plain_turns: dict[int, str] = {}
        for turn_number, turn in enumerate(conversation.turns):
            if turn.speaker in sentences:
                turns[turn.speaker].append(turn_number)
                plain_turns[turn_number] = self._annotate_side(turn_number, turn, sentences[turn.speaker])
        return AnnotatedTranscript(
            conversation=conversation,
            is_known_language=_is_known_language(
                conversation.language, sentences["agent"], sentences["customer"]
            ),
            agent_turns=tuple(turns["agent"]),
            customer_turns=tuple(turns["customer"]),
            agent_sentences=sentences["agent"],
            customer_sentences=sentences["customer"],
            agent_annotations=_by_signal(sentences["agent"]),
            customer_annotations=_by_signal(sentences["customer"]),
            plain_turns=plain_turns,
        )

    def _annotate_side(self, turn_number: int, turn: Turn, sentences: list[Sentence]) -> str:
        original = turn.text
        plain, spans = self._split(original)
        if turn.speaker == "agent":
            annotate = self._agent_sentence
            sentences += [
                Sentence(turn_number, start, end, annotate(plain[start:end])) for start, end in spans
            ]
        else:
            annotate = self._customer_sentence
            sentences += [
                Sentence(turn_number, start, end, annotate(plain[start:end], original[start:end]))
                for start, end in spans
            ]
        return plain

    def _annotate_agent(self, plain: str) -> SentenceAnnotations:
        words = tuple(normalization.words(plain))
        return SentenceAnnotations(
            plain,
            words,
            self._agent.scan(plain, words),
            distinctive_words(words),
            _everyday(words),
            foreign_words=foreign_words(words),
        )

    def _annotate_customer(self, plain: str, original: str) -> SentenceAnnotations:
        words = tuple(normalization.words(plain))
        matches = self._customer.scan(plain, words)
        valence = sentiment.sentence_valence(original, words)
        distress = sentiment.sentence_distress(original, matches)
        return SentenceAnnotations(
            plain,
            words,
            matches,
            distinctive_words(words),
            _everyday(words),
            valence,
            distress,
            foreign_words(words),
        )


def _everyday(words: Iterable[str]) -> int:
    return sum(map(EVERYDAY.__contains__, words))


def _split(turn_text: str) -> tuple[str, tuple[normalization.Piece, ...]]:
    return normalization.mask_quotations(normalization.normalise(turn_text)), tuple(
        normalization.sentences(turn_text)
    )


def _by_signal(sentences: Sequence[Sentence]) -> dict[str, list[Annotation]]:
    annotations: defaultdict[str, list[Annotation]] = defaultdict(list)
    for turn, start, _, annotated in sentences:
        for signal, match_start, end, label in annotated.matches:
            annotations[signal].append(Annotation(turn, start + match_start, start + end, label))
    return dict(annotations)


def _is_known_language(language: str, *sides: Sequence[Sentence]) -> bool:
    """
    Tell whether the rules know the language of a conversation: as declared, and as either side speaks it.

    A side speaks another language if its letters or everyday words say so; a longer conversation also has to
    have everyday words of a language that is known.
    """
    if language.lower().replace("_", "-").split("-")[0] not in LANGUAGES:
        return False
    words = everyday_words = 0
    for side in sides:
        found = [each.annotations for each in side]
        said = sum(len(each.words) for each in found)
        everyday = sum(each.everyday_words for each in found)
        if is_foreign(said, everyday, (word for each in found for word in each.foreign_words)):
            return False
        words, everyday_words = words + said, everyday_words + everyday
    return words < _MIN_WORDS or everyday_words >= _MIN_EVERYDAY_SHARE * words


def score_sentiment(transcript: AnnotatedTranscript, *, charged_threshold: float) -> sentiment.Sentiment:
    """Return the customer's sentiment; neutral, with low confidence, in languages the rules do not know."""
    total = len(transcript.conversation.turns)
    turns: list[float | None] = [None] * total
    distress = [0.0] * total
    if not transcript.is_known_language:
        for turn_number in transcript.customer_turns:
            turns[turn_number] = 0.0
        return sentiment.arc(
            turns, distress, charged_threshold=charged_threshold, confidence=sentiment.UNREADABLE
        )
    values_of: dict[int, tuple[list[float], list[float]]] = {
        turn_number: ([], []) for turn_number in transcript.customer_turns
    }
    for turn_number, _, _, annotated in transcript.customer_sentences:
        valences, distresses = values_of[turn_number]
        valences.append(annotated.valence)
        distresses.append(annotated.distress)
    sarcastic = {annotation.turn for annotation in transcript.customer_annotations.get("sarcasm", ())}
    for turn_number, (valences, distresses) in values_of.items():
        value = sentiment.turn_sentiment(valences, turn_number in sarcastic)
        turns[turn_number] = value
        distress[turn_number] = sentiment.turn_distress(value, distresses)
    return sentiment.arc(turns, distress, charged_threshold=charged_threshold)
