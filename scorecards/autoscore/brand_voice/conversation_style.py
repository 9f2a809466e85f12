"""The manner of a whole conversation against a brand voice: formality, reading level, tone, own examples."""

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

_STIFF_ENOUGH = 2
_CONTRACTED_ENOUGH, _CONTRACTED_SHARE = 3, 0.15
_LEAST_HEARD = 3
"""Sentences the learner has to know something of before it says anything."""

_SURE = 0.66
"""Probability of either kind below which nobody can tell."""

_TOLD_APART = 0.5


class ConversationStyle:
    """Holds the manner of sentences and conversations against one brand voice."""

    def __init__(self, voice: BrandVoice, tone: ExampleClassifier | None) -> None:
        """Look up what the client's tone words mean."""
        self._voice = voice
        self._tone = tone
        self._attributes = tuple(
            (word, tone_words.named(word), voice.clause_of(TONE, word)) for word in voice.tone
        )
        self._clauses = {part: voice.clause_of(part) for part in (FORMALITY, READING_LEVEL, EXAMPLES)}
        self._contractions_are_theirs = _holds_contractions(voice)
        self._told: dict[tuple[str, bool], str] = {}
        self._learns = bool(voice.good_examples or voice.bad_examples)
        self._asked = self._learns or voice.formality == "formal" or bool(voice.tone or voice.reading_level)

    def sheet(self, plain: str, words: tuple[str, ...], hits: tuple[Match, ...]) -> SentenceStyle:
        """Return what a sentence holds, to be remembered."""
        counted = style_markers.style_of(plain, words)
        odds = None
        if self._tone is not None and counted.words >= readability.MIN_WORDS_IN_SENTENCE:
            heard = self._tone.features_of(words, counted)
            odds = heard.odds if heard.known else None
        return SentenceStyle(hits, counted, odds, self._off(counted))

    def _off(self, counted: Style) -> str:
        formality = self._voice.formality
        casual = counted.casual
        if formality != "informal" and casual and (formality == "formal" or casual > 1):
            return f"Too casual for a {formality} voice."
        if formality != "formal" and counted.stiff >= _STIFF_ENOUGH:
            return f"Too stiff for {'an' if formality == 'informal' else 'a'} {formality} voice."
        return ""

    def out_of_tone(self, said: Sentence, sheet: SentenceStyle) -> BrandVoiceFinding:
        """Return the finding on a sentence that is out of the client's formality."""
        clause = self._clauses[FORMALITY]
        return BrandVoiceFinding(FORMALITY, clause, said.turn, _whole(said), sheet.off, kept=False)

    def over_all(
        self, said: Sequence[Sentence], sheets: Sequence[SentenceStyle]
    ) -> Iterator[BrandVoiceFinding]:
        """Return what only the whole conversation shows."""
        if not self._asked:
            return
        talk = _Talk(said, sheets, style_markers.total(sheet.style for sheet in sheets))
        yield from self._contractions(talk)
        if self._voice.reading_level is not None:
            yield self._grade(self._voice.reading_level, talk)
        for word, attribute, clause in self._attributes:
            yield _attribute(word, attribute, clause, talk)
        if self._learns:
            yield self._like_examples(talk)

    def _contractions(self, talk: "_Talk") -> Iterator[BrandVoiceFinding]:
        """Find contractions throughout in a formal voice that uses none itself."""
        if (
            self._voice.formality == "formal"
            and not self._contractions_are_theirs
            and talk.counted.contractions >= max(_CONTRACTED_ENOUGH, _CONTRACTED_SHARE * talk.counted.said)
        ):
            most = talk.most(lambda sheet: sheet.style.contractions)
            yield talk.finding(
                FORMALITY,
                self._clauses[FORMALITY],
                "Contractions throughout, and a formal voice.",
                kept=False,
                at=most,
            )

    def _grade(self, wanted: float, talk: "_Talk") -> BrandVoiceFinding:
        clause, counted = self._clauses[READING_LEVEL], talk.counted
        if counted.read_words < readability.MIN_WORDS:
            detail = (
                f"Only {counted.read_words} words; a reading level takes {readability.MIN_WORDS} to tell."
            )
            return talk.finding(READING_LEVEL, clause, detail, kept=None)
        grade = readability.grade(counted.sentences, counted.read_words, counted.read_syllables)
        detail = f"School grade {grade:.1f} (Flesch-Kincaid); at most {wanted:g} wanted."
        kept = grade <= wanted
        hardest = None if kept else talk.most(_load)
        return talk.finding(
            READING_LEVEL, clause, detail, kept=kept, measure=round(grade, 2), limit=wanted, at=hardest
        )

    def _like_examples(self, talk: "_Talk") -> BrandVoiceFinding:
        clause = self._clauses[EXAMPLES]
        if self._tone is None:
            return talk.finding(EXAMPLES, clause, self._unlearned(), kept=None)
        odds = [sheet.odds for sheet in talk.sheets if sheet.odds is not None]
        if len(odds) < _LEAST_HEARD:
            detail = "Too little of what was said is like any of the examples."
            return talk.finding(EXAMPLES, clause, detail, kept=None)
        chance = 1 / (1 + math.exp(-math.fsum(odds) / len(odds)))
        good = chance >= _TOLD_APART
        at = talk.most(lambda sheet: (sheet.odds or 0.0) * (1 if good else -1))
        detail = self._because(self._tone, talk, at, good=good)
        kept = good if max(chance, 1 - chance) >= _SURE else None
        return talk.finding(EXAMPLES, clause, detail, kept=kept, measure=round(chance, 3), at=at)

    def _because(self, tone: ExampleClassifier, talk: "_Talk", at: int, *, good: bool) -> str:
        """Return in words what the sentence `at` was pulled by; remembered, for agents repeat themselves."""
        spoken = talk.said[at].annotations
        told = self._told.get((spoken.plain, good))
        if told is None:
            if len(self._told) >= CACHE_SIZE:
                self._told.clear()
            pulled = tone.pulls(spoken.words, talk.sheets[at].style, towards_good=good)
            because = f": {', '.join(pulled)}" if pulled else ""
            told = f"Sounds more like the {'good' if good else 'bad'} examples{because}."
            self._told[spoken.plain, good] = told
        return told

    def _unlearned(self) -> str:
        if min(len(self._voice.good_examples), len(self._voice.bad_examples)) < MIN_EXAMPLES:
            return f"A tone is learned from {MIN_EXAMPLES} good and {MIN_EXAMPLES} bad examples on."
        return "The good and the bad examples do not differ in a way that can be learned."


def _holds_contractions(voice: BrandVoice) -> bool:
    own = [each.phrase for each in voice.preferred]
    own += [*voice.greeting.phrases, *voice.sign_off.phrases, *voice.good_examples]
    own += [phrase for phrases in voice.empathy_library.values() for phrase in phrases]
    return any("'" in phrase or "\u2019" in phrase for phrase in own)


def _attribute(
    word: str, attribute: tone_words.ToneAttribute | None, clause: str, talk: "_Talk"
) -> BrandVoiceFinding:
    if attribute is None:
        return talk.finding(TONE, clause, f"No sign of '{word}' is known.", kept=None)
    if not tone_words.enough(talk.counted):
        return talk.finding(TONE, clause, f"Too little was said to tell '{word}'.", kept=None)
    kept = attribute.fits(talk.counted)
    detail = f"{word.capitalize()}: {attribute.told(talk.counted)}."
    measure = round(attribute.rate(talk.counted), 3)
    field = attribute.field
    at = None if kept or attribute.most is None else talk.most(lambda sheet: getattr(sheet.style, field))
    limit = attribute.most if attribute.least is None else attribute.least
    return talk.finding(TONE, clause, detail, kept=kept, measure=measure, limit=limit, at=at)


def _load(sheet: SentenceStyle) -> float:
    counted = sheet.style
    if not counted.sentences:
        return -math.inf
    return readability.grade(1, counted.read_words, counted.read_syllables) * math.sqrt(counted.read_words)


class _Talk(NamedTuple):
    """What the agent said in one conversation, what each sentence holds, and the sums over them."""

    said: Sequence[Sentence]
    sheets: Sequence[SentenceStyle]
    counted: Style

    def most(self, key: Callable[[SentenceStyle], float]) -> int:
        """Return the number of the sentence with the highest value."""
        values = [key(sheet) for sheet in self.sheets]
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
        """Return a finding on the whole, with the sentence `at` as its evidence where there is one."""
        if at is None:
            return BrandVoiceFinding(rule, clause, None, None, detail, kept, measure, limit)
        said = self.said[at]
        return BrandVoiceFinding(rule, clause, said.turn, _whole(said), detail, kept, measure, limit)


def _whole(said: Sentence) -> Span:
    return Span(said.turn, said.start, said.end)
