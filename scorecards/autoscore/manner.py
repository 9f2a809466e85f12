"""The manner of a whole conversation against a brand voice: formality, reading level, tone, own examples."""

import math
from collections.abc import Callable, Iterator, Sequence

from scorecards.autoscore import reading_level, style, tone_attributes
from scorecards.autoscore.patterns import Hit
from scorecards.autoscore.reading import Said
from scorecards.autoscore.style import Style
from scorecards.autoscore.tone import LEAST_EXAMPLES, Tone
from scorecards.autoscore.voice_findings import EXAMPLES, FORMALITY, READING_LEVEL, TONE, Finding, Sheet
from scorecards.brand_voice import BrandVoice
from scorecards.form import Span

_STIFF_ENOUGH = 2
_CONTRACTED_ENOUGH, _CONTRACTED_SHARE = 3, 0.15
_LEAST_HEARD = 3
"""Sentences the learner has to know something of before it says anything."""

_SURE = 0.6
_TOLD_APART = 0.5


class Manner:
    """Holds the manner of sentences and conversations against one brand voice."""

    def __init__(self, voice: BrandVoice, tone: Tone | None) -> None:
        """Look up what the client's tone words mean."""
        self._voice = voice
        self._tone = tone
        self._attributes = tuple((word, tone_attributes.named(word)) for word in voice.tone)
        self._contractions_are_theirs = _holds_contractions(voice)

    def sheet(self, plain: str, words: tuple[str, ...], hits: tuple[Hit, ...]) -> Sheet:
        """Return what a sentence holds, to be remembered."""
        counted = style.style_of(plain, words)
        heard = self._tone.hear(words, counted) if self._tone else None
        odds = (
            heard.odds if heard and heard.known and counted.words >= reading_level.LEAST_IN_SENTENCE else None
        )
        return Sheet(hits, counted, odds, self._off(counted))

    def _off(self, counted: Style) -> str:
        formality = self._voice.formality
        casual = counted.casual
        if formality != "informal" and casual and (formality == "formal" or casual > 1):
            return f"Too casual for a {formality} voice."
        if formality != "formal" and counted.stiff >= _STIFF_ENOUGH:
            return f"Too stiff for a {'informal' if formality == 'informal' else formality} voice."
        return ""

    def out_of_tone(self, said: Said, sheet: Sheet) -> Finding:
        """Return the finding on a sentence that is out of the client's formality."""
        clause = self._voice.clause_of(FORMALITY)
        return Finding(FORMALITY, clause, said.turn, _whole(said), sheet.off, kept=False)

    def over_all(self, said: Sequence[Said], sheets: Sequence[Sheet]) -> Iterator[Finding]:
        """Return what only the whole conversation shows."""
        counted = style.total(sheet.style for sheet in sheets)
        yield from self._contractions(counted, said, sheets)
        if self._voice.reading_level is not None:
            yield self._grade(self._voice.reading_level, counted, said, sheets)
        for word, attribute in self._attributes:
            yield self._attribute(word, attribute, counted, said, sheets)
        if len(self._voice.good_examples) + len(self._voice.bad_examples):
            yield self._like_examples(said, sheets)

    def _contractions(
        self, counted: Style, said: Sequence[Said], sheets: Sequence[Sheet]
    ) -> Iterator[Finding]:
        """Find contractions throughout in a formal voice that uses none itself."""
        if (
            self._voice.formality == "formal"
            and not self._contractions_are_theirs
            and counted.contractions >= max(_CONTRACTED_ENOUGH, _CONTRACTED_SHARE * counted.said)
        ):
            most = _most(sheets, lambda sheet: sheet.style.contractions)
            detail = "Contractions throughout, and a formal voice."
            clause = self._voice.clause_of(FORMALITY)
            yield Finding(FORMALITY, clause, said[most].turn, _whole(said[most]), detail, kept=False)

    def _grade(self, wanted: float, counted: Style, said: Sequence[Said], sheets: Sequence[Sheet]) -> Finding:
        clause = self._voice.clause_of(READING_LEVEL)
        if counted.read_words < reading_level.LEAST_WORDS:
            detail = (
                f"Only {counted.read_words} words; a reading level takes {reading_level.LEAST_WORDS} to tell."
            )
            return Finding(READING_LEVEL, clause, None, None, detail, kept=None)
        grade = reading_level.grade(counted.sentences, counted.read_words, counted.read_syllables)
        kept = grade <= wanted
        detail = f"School grade {grade:.1f} (Flesch-Kincaid); at most {wanted:g} wanted."
        if kept:
            return Finding(READING_LEVEL, clause, None, None, detail, kept=True, measure=round(grade, 2))
        hardest = _most(sheets, _load)
        return Finding(
            READING_LEVEL,
            clause,
            said[hardest].turn,
            _whole(said[hardest]),
            f"{detail} This sentence weighs most.",
            kept=False,
            measure=round(grade, 2),
        )

    def _attribute(
        self,
        word: str,
        attribute: tone_attributes.Attribute | None,
        counted: Style,
        said: Sequence[Said],
        sheets: Sequence[Sheet],
    ) -> Finding:
        clause = self._voice.clause_of(TONE, word)
        if attribute is None:
            return Finding(TONE, clause, None, None, f"No sign of '{word}' is known.", kept=None)
        if not tone_attributes.enough(counted):
            return Finding(TONE, clause, None, None, f"Too little was said to tell '{word}'.", kept=None)
        kept = attribute.fits(counted)
        detail = f"{word.capitalize()}: {attribute.told(counted)}."
        measure = round(attribute.rate(counted), 3)
        if kept or attribute.most is None:
            return Finding(TONE, clause, None, None, detail, kept=kept, measure=measure)
        most = _most(sheets, lambda sheet: getattr(sheet.style, attribute.field))
        return Finding(TONE, clause, said[most].turn, _whole(said[most]), detail, kept=False, measure=measure)

    def _like_examples(self, said: Sequence[Said], sheets: Sequence[Sheet]) -> Finding:
        clause = self._voice.clause_of(EXAMPLES)
        if self._tone is None:
            return Finding(EXAMPLES, clause, None, None, self._unlearned(), kept=None)
        odds = [sheet.odds for sheet in sheets if sheet.odds is not None]
        if len(odds) < _LEAST_HEARD:
            detail = "Too little of what was said is like any of the examples."
            return Finding(EXAMPLES, clause, None, None, detail, kept=None)
        chance = 1 / (1 + math.exp(-math.fsum(odds) / len(odds)))
        good = chance >= _TOLD_APART
        at = _most(sheets, lambda sheet: (sheet.odds or 0.0) * (1 if good else -1))
        pulled = self._tone.pulls(said[at].spoken.words, sheets[at].style, towards_good=good)
        because = f": {', '.join(pulled)}" if pulled else ""
        detail = f"Sounds more like the {'good' if good else 'bad'} examples{because}."
        kept = good if max(chance, 1 - chance) >= _SURE else None
        return Finding(
            EXAMPLES, clause, said[at].turn, _whole(said[at]), detail, kept=kept, measure=round(chance, 3)
        )

    def _unlearned(self) -> str:
        if min(len(self._voice.good_examples), len(self._voice.bad_examples)) < LEAST_EXAMPLES:
            return f"A tone is learned from {LEAST_EXAMPLES} good and {LEAST_EXAMPLES} bad examples on."
        return "The good and the bad examples do not differ in a way that can be learned."


def _holds_contractions(voice: BrandVoice) -> bool:
    own = [each.phrase for each in voice.preferred]
    own += [*voice.greeting.phrases, *voice.sign_off.phrases, *voice.good_examples]
    own += [phrase for phrases in voice.empathy_library.values() for phrase in phrases]
    return any("'" in phrase or "\u2019" in phrase for phrase in own)


def _load(sheet: Sheet) -> float:
    counted = sheet.style
    if not counted.sentences:
        return -math.inf
    return reading_level.grade(1, counted.read_words, counted.read_syllables) * math.sqrt(counted.read_words)


def _most(sheets: Sequence[Sheet], key: Callable[[Sheet], float]) -> int:
    return max(range(len(sheets)), key=lambda number: key(sheets[number]))


def _whole(said: Said) -> Span:
    return Span(said.turn, said.start, said.end)
