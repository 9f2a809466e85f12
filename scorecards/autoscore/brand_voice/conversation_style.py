"""The style of a conversation compared with a brand voice: formality, reading level, tone, examples."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from scorecards.autoscore.annotation.transcript import CACHE_SIZE, Sentence
from scorecards.autoscore.brand_voice import style_markers, tone_words
from scorecards.autoscore.brand_voice.example_classifier import MIN_EXAMPLES, ExampleClassifier
from scorecards.autoscore.brand_voice.findings import (
    EXAMPLES,
    FORMALITY,
    READING_LEVEL,
    TONE,
    BrandVoiceFinding,
    SentenceStyle,
)
from scorecards.autoscore.brand_voice.style_markers import Style
from scorecards.autoscore.matching.matcher import Match
from scorecards.autoscore.text import readability
from scorecards.definitions.brand_voice import BrandVoice
from scorecards.definitions.form import Span

_MIN_STIFF = 2
_MIN_CONTRACTIONS, _MIN_CONTRACTED_SHARE = 3, 0.15
_MIN_SCORED_SENTENCES = 3
"""Sentences with known features below which the classifier gives no result."""

_MIN_PROBABILITY = 0.66
"""Probability of either class below which the result is unknown."""

_DECISION_THRESHOLD = 0.5


class ConversationStyle:
    """Compares the style of sentences and conversations with one brand voice."""

    def __init__(self, voice: BrandVoice, classifier: ExampleClassifier | None) -> None:
        """Look up the measures of the client's tone words."""
        self._voice = voice
        self._classifier = classifier
        self._attributes = tuple(
            (word, tone_words.named(word), voice.clause_of(TONE, word)) for word in voice.tone
        )
        self._clauses = {part: voice.clause_of(part) for part in (FORMALITY, READING_LEVEL, EXAMPLES)}
        self._allows_contractions = _has_contractions(voice)
        self._explanations: dict[tuple[str, bool], str] = {}
        self._has_examples = bool(voice.good_examples or voice.bad_examples)
        measured = voice.tone or voice.reading_level
        self._has_requirements = self._has_examples or voice.formality == "formal" or bool(measured)

    def sentence_style(self, plain: str, words: tuple[str, ...], matches: tuple[Match, ...]) -> SentenceStyle:
        """Return the style of a sentence, which the caller caches."""
        style = style_markers.style_of(plain, words)
        odds = None
        if self._classifier is not None and style.words >= readability.MIN_WORDS_IN_SENTENCE:
            features = self._classifier.features_of(words, style)
            odds = features.odds if features.known else None
        return SentenceStyle(matches, style, odds, self._formality_violation(style))

    def _formality_violation(self, style: Style) -> str:
        formality = self._voice.formality
        casual = style.casual
        if formality != "informal" and casual and (formality == "formal" or casual > 1):
            return f"Too casual for a {formality} voice."
        if formality != "formal" and style.stiff >= _MIN_STIFF:
            return f"Too stiff for {'an' if formality == 'informal' else 'a'} {formality} voice."
        return ""

    def formality_violation(self, sentence: Sentence, style: SentenceStyle) -> BrandVoiceFinding:
        """Return the finding on a sentence that violates the client's formality."""
        clause = self._clauses[FORMALITY]
        return BrandVoiceFinding(
            FORMALITY, clause, sentence.turn, _sentence_span(sentence), style.violation, kept=False
        )

    def conversation_findings(
        self, sentences: Sequence[Sentence], styles: Sequence[SentenceStyle]
    ) -> Iterator[BrandVoiceFinding]:
        """Return the findings on the conversation as a whole."""
        if not self._has_requirements:
            return
        text = _AgentText(sentences, styles, style_markers.total(each.style for each in styles))
        yield from self._contractions(text)
        if self._voice.reading_level is not None:
            yield self._grade(self._voice.reading_level, text)
        for word, attribute, clause in self._attributes:
            yield _tone_finding(word, attribute, clause, text)
        if self._has_examples:
            yield self._like_examples(text)

    def _contractions(self, text: "_AgentText") -> Iterator[BrandVoiceFinding]:
        """Find contractions throughout in a formal voice that uses none itself."""
        if (
            self._voice.formality == "formal"
            and not self._allows_contractions
            and text.total.contractions
            >= max(_MIN_CONTRACTIONS, _MIN_CONTRACTED_SHARE * text.total.sentences)
        ):
            most = text.index_of_max(lambda each: each.style.contractions)
            yield text.finding(
                FORMALITY,
                self._clauses[FORMALITY],
                "Contractions throughout, and a formal voice.",
                kept=False,
                at=most,
            )

    def _grade(self, limit: float, text: "_AgentText") -> BrandVoiceFinding:
        clause, total = self._clauses[READING_LEVEL], text.total
        if total.read_words < readability.MIN_WORDS:
            detail = f"Only {total.read_words} words; a reading level takes {readability.MIN_WORDS} to tell."
            return text.finding(READING_LEVEL, clause, detail, kept=None)
        grade = readability.grade(total.read_sentences, total.read_words, total.read_syllables)
        detail = f"School grade {grade:.1f} (Flesch-Kincaid); at most {limit:g} wanted."
        kept = grade <= limit
        hardest = None if kept else text.index_of_max(_reading_difficulty)
        return text.finding(
            READING_LEVEL, clause, detail, kept=kept, measure=round(grade, 2), limit=limit, at=hardest
        )

    def _like_examples(self, text: "_AgentText") -> BrandVoiceFinding:
        clause = self._clauses[EXAMPLES]
        if self._classifier is None:
            return text.finding(EXAMPLES, clause, self._no_classifier_reason(), kept=None)
        odds = [each.odds for each in text.styles if each.odds is not None]
        if len(odds) < _MIN_SCORED_SENTENCES:
            detail = "Too little of what was said is like any of the examples."
            return text.finding(EXAMPLES, clause, detail, kept=None)
        probability = 1 / (1 + math.exp(-math.fsum(odds) / len(odds)))
        good = probability >= _DECISION_THRESHOLD
        at = text.index_of_max(lambda each: (each.odds or 0.0) * (1 if good else -1))
        detail = self._explanation(self._classifier, text, at, good=good)
        kept = good if max(probability, 1 - probability) >= _MIN_PROBABILITY else None
        return text.finding(EXAMPLES, clause, detail, kept=kept, measure=round(probability, 3), at=at)

    def _explanation(self, classifier: ExampleClassifier, text: "_AgentText", at: int, *, good: bool) -> str:
        """Explain the score of the sentence at index `at`; cached, because agents repeat themselves."""
        annotated = text.sentences[at].annotations
        explanation = self._explanations.get((annotated.plain, good))
        if explanation is None:
            if len(self._explanations) >= CACHE_SIZE:
                self._explanations.clear()
            contributions = classifier.contributions(
                annotated.words, text.styles[at].style, towards_good=good
            )
            reasons = f": {', '.join(contributions)}" if contributions else ""
            explanation = f"Sounds more like the {'good' if good else 'bad'} examples{reasons}."
            self._explanations[annotated.plain, good] = explanation
        return explanation

    def _no_classifier_reason(self) -> str:
        if min(len(self._voice.good_examples), len(self._voice.bad_examples)) < MIN_EXAMPLES:
            return f"A tone is learned from {MIN_EXAMPLES} good and {MIN_EXAMPLES} bad examples on."
        return "The good and the bad examples do not differ in a way that can be learned."


def _has_contractions(voice: BrandVoice) -> bool:
    own = [each.phrase for each in voice.preferred]
    own += [*voice.greeting.phrases, *voice.sign_off.phrases, *voice.good_examples]
    own += [phrase for phrases in voice.empathy_library.values() for phrase in phrases]
    return any("'" in phrase or "\u2019" in phrase for phrase in own)


def _tone_finding(
    word: str, attribute: tone_words.ToneAttribute | None, clause: str, text: "_AgentText"
) -> BrandVoiceFinding:
    if attribute is None:
        return text.finding(TONE, clause, f"No sign of '{word}' is known.", kept=None)
    if not tone_words.enough(text.total):
        return text.finding(TONE, clause, f"Too little was said to tell '{word}'.", kept=None)
    kept = attribute.fits(text.total)
    detail = f"{word.capitalize()}: {attribute.measured(text.total)}."
    measure = round(attribute.rate(text.total), 3)
    field = attribute.field
    exceeds = not kept and attribute.most is not None
    at = text.index_of_max(lambda each: getattr(each.style, field)) if exceeds else None
    limit = attribute.most if attribute.least is None else attribute.least
    return text.finding(TONE, clause, detail, kept=kept, measure=measure, limit=limit, at=at)


def _reading_difficulty(sentence_style: SentenceStyle) -> float:
    style = sentence_style.style
    if not style.read_sentences:
        return -math.inf
    return readability.grade(1, style.read_words, style.read_syllables) * math.sqrt(style.read_words)


class _AgentText(NamedTuple):
    """The agent's sentences in one conversation, the style of each, and the total of their counts."""

    sentences: Sequence[Sentence]
    styles: Sequence[SentenceStyle]
    total: Style

    def index_of_max(self, key: Callable[[SentenceStyle], float]) -> int:
        """Return the index of the sentence with the highest value."""
        values = [key(each) for each in self.styles]
        return values.index(max(values))

    def finding(
        self,
        rule: str,
        clause: str,
        detail: str,
        *,
        kept: bool | None,
        measure: float | None = None,
        limit: float | None = None,
        at: int | None = None,
    ) -> BrandVoiceFinding:
        """Return a finding on the conversation, with the sentence at index `at` as its evidence."""
        if at is None:
            return BrandVoiceFinding(rule, clause, None, None, detail, kept, measure, limit)
        sentence = self.sentences[at]
        span = _sentence_span(sentence)
        return BrandVoiceFinding(rule, clause, sentence.turn, span, detail, kept, measure, limit)


def _sentence_span(sentence: Sentence) -> Span:
    return Span(sentence.turn, sentence.start, sentence.end)
