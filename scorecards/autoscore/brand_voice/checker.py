"""How far the agent sounded like the client: phrases, greeting, sign-off, formality, reading level, tone."""

from collections.abc import Iterable, Iterator, Sequence

from scorecards.autoscore.annotation import greeting_position
from scorecards.autoscore.annotation.transcript import CACHE_SIZE, AnnotatedTranscript, Sentence
from scorecards.autoscore.brand_voice import conversation_style
from scorecards.autoscore.brand_voice.example_classifier import learn
from scorecards.autoscore.brand_voice.findings import (
    BANNED,
    EMPATHY_LIBRARY,
    FORMALITY,
    GREETING,
    INSTEAD_OF,
    MISPLACED,
    PREFERRED,
    SIGN_OFF,
    BrandVoiceFinding,
    SentenceStyle,
)
from scorecards.autoscore.matching import client_phrases
from scorecards.autoscore.matching.matcher import Match, Matcher, Pattern
from scorecards.autoscore.text.quotation import is_mentioned
from scorecards.definitions.brand_voice import BrandVoice
from scorecards.definitions.form import Span

__all__ = [
    "BANNED",
    "FORMALITY",
    "GREETING",
    "INSTEAD_OF",
    "PREFERRED",
    "SIGN_OFF",
    "BrandVoiceChecker",
    "BrandVoiceFinding",
]

_WORDS = {GREETING: "greeting", SIGN_OFF: "sign-off"}
_PLACES = {GREETING: "at the start", SIGN_OFF: "at the end"}


class BrandVoiceChecker:
    """Holds one brand voice against conversations; compiled once, remembers sentences."""

    def __init__(self, voice: BrandVoice) -> None:
        """Compile the phrases of the brand voice and learn its tone from its examples."""
        self.voice = voice
        self._scanner = Matcher(list(_table(voice)))
        self._tone = learn(voice.good_examples, voice.bad_examples)
        self._manner = conversation_style.ConversationStyle(voice, self._tone)
        self._sheets: dict[str, SentenceStyle] = {}

    def findings(self, reading: AnnotatedTranscript) -> tuple[BrandVoiceFinding, ...]:
        """Return what the agent's own turns keep and break, in the order it was said; missing things last.

        What is measured over the whole conversation (reading level, tone) comes last, kept or not; it is
        left out where the rules do not know the language.
        """
        if not reading.agent_sentences:
            return ()
        sheets = [self._sheet(said) for said in reading.agent_sentences]
        found: list[BrandVoiceFinding] = []
        ends: list[tuple[int, Match]] = []
        for number, sheet in enumerate(sheets):
            for hit in sheet.matches:
                if hit.signal in _WORDS:
                    ends.append((number, hit))
                else:
                    found.append(self._finding(reading.agent_sentences[number], hit))
            if sheet.off and reading.is_known_language:
                found.append(self._manner.out_of_tone(reading.agent_sentences[number], sheet))
        found.extend(self._conventions(reading, ends))
        if self.voice.empathy_library and not any(each.rule == EMPATHY_LIBRARY for each in found):
            detail = "None of the client's validating phrases was said."
            clause = self.voice.clause_of(EMPATHY_LIBRARY)
            found.append(BrandVoiceFinding(EMPATHY_LIBRARY, clause, None, None, detail, kept=None))
        if reading.is_known_language:
            found.extend(self._manner.over_all(reading.agent_sentences, sheets))
        return tuple(found)

    def _sheet(self, said: Sentence) -> SentenceStyle:
        spoken = said.annotations
        sheet = self._sheets.get(spoken.plain)
        if sheet is None:
            if len(self._sheets) >= CACHE_SIZE:
                self._sheets.clear()
            hits = tuple(
                hit
                for hit in self._scanner.scan(spoken.plain, spoken.words)
                if not hit.signal.startswith((BANNED, INSTEAD_OF))
                or not is_mentioned(spoken.plain, hit.start, hit.end)
            )
            sheet = self._sheets[spoken.plain] = self._manner.sheet(spoken.plain, spoken.words, hits)
        return sheet

    def _finding(self, said: Sentence, hit: Match) -> BrandVoiceFinding:
        rule, _, number = hit.signal.partition(" ")
        if rule == BANNED:
            banned = self.voice.banned[int(number)]
            why = f": {banned.reason}" if banned.reason else ""
            return _place(said, hit, BANNED, banned.clause, f"'{banned.phrase}' is banned{why}.", kept=False)
        if rule == EMPATHY_LIBRARY:
            clause = self.voice.clause_of(EMPATHY_LIBRARY, number)
            detail = f"The client's own words for {number.replace('_', ' ')}."
            return _place(said, hit, EMPATHY_LIBRARY, clause, detail, kept=True)
        preferred = self.voice.preferred[int(number)]
        if rule == PREFERRED:
            detail = f"'{preferred.phrase}' is preferred."
            return _place(said, hit, PREFERRED, preferred.clause, detail, kept=True)
        detail = f"'{preferred.phrase}' is preferred to '{preferred.instead_of}'."
        return _place(said, hit, INSTEAD_OF, preferred.clause, detail, kept=False)

    def _conventions(
        self, reading: AnnotatedTranscript, ends: Sequence[tuple[int, Match]]
    ) -> Iterator[BrandVoiceFinding]:
        """Look for greeting and sign-off: in their place, elsewhere, or nowhere."""
        for rule, convention in ((GREETING, self.voice.greeting), (SIGN_OFF, self.voice.sign_off)):
            if not convention.phrases:
                continue
            clause = self.voice.clause_of(rule)
            said = [(number, hit) for number, hit in ends if hit.signal == rule]
            heard = _in_place(rule, said, reading)
            for number, hit in heard:
                detail = "The client's own words."
                yield _place(reading.agent_sentences[number], hit, rule, clause, detail, kept=True)
            if convention.required and not heard:
                elsewhere = f" {_PLACES[rule]}" if said else ""
                detail = f"None of the client's {_WORDS[rule]} phrases was used{elsewhere}."
                yield BrandVoiceFinding(rule, clause, None, None, detail, kept=False)
                for number, hit in said[:1]:
                    detail = f"The client's {_WORDS[rule]} belongs {_PLACES[rule]}."
                    yield _place(reading.agent_sentences[number], hit, MISPLACED, clause, detail, kept=False)


def _in_place(
    rule: str, said: list[tuple[int, Match]], reading: AnnotatedTranscript
) -> list[tuple[int, Match]]:
    if not said:
        return []
    place = greeting_position.opening(reading) if rule == GREETING else greeting_position.closing(reading)
    return [(number, hit) for number, hit in said if number in place]


def _table(voice: BrandVoice) -> Iterable[Pattern]:
    for number, banned in enumerate(voice.banned):
        yield client_phrases.pattern(f"{BANNED} {number}", banned.phrase, negated_by_scope=False)
    for number, preferred in enumerate(voice.preferred):
        yield client_phrases.pattern(f"{PREFERRED} {number}", preferred.phrase)
        if preferred.instead_of:
            yield client_phrases.pattern(
                f"{INSTEAD_OF} {number}", preferred.instead_of, negated_by_scope=False
            )
    for rule, convention in ((GREETING, voice.greeting), (SIGN_OFF, voice.sign_off)):
        for phrase in convention.phrases:
            yield client_phrases.pattern(rule, phrase, negated_by_scope=False)
    for emotion, validating in voice.empathy_library.items():
        for phrase in validating:
            yield client_phrases.pattern(f"{EMPATHY_LIBRARY} {emotion}", phrase)


def _place(
    said: Sentence, hit: Match, rule: str, clause: str | None, detail: str, *, kept: bool
) -> BrandVoiceFinding:
    span = Span(said.turn, said.start + hit.start, said.start + hit.end)
    return BrandVoiceFinding(rule, clause, said.turn, span, detail, kept)
