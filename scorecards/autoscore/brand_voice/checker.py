"""Compares the agent's text with a brand voice: phrases, greeting, sign-off, formality, level, tone."""

from collections.abc import Iterable, Iterator, Sequence

from scorecards.autoscore.annotation import greeting_position
from scorecards.autoscore.annotation.transcript import CACHE_SIZE, AnnotatedTranscript, Sentence
from scorecards.autoscore.brand_voice import conversation_style
from scorecards.autoscore.brand_voice.example_classifier import train
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

_NAMES = {GREETING: "greeting", SIGN_OFF: "sign-off"}
_POSITIONS = {GREETING: "at the start", SIGN_OFF: "at the end"}


class BrandVoiceChecker:
    """Compares conversations with one brand voice; compiled once, caches sentences."""

    def __init__(self, voice: BrandVoice) -> None:
        """Compile the phrases of the brand voice and train a classifier on its examples."""
        self.voice = voice
        self._matcher = Matcher(list(_patterns(voice)))
        self._classifier = train(voice.good_examples, voice.bad_examples)
        self._style = conversation_style.ConversationStyle(voice, self._classifier)
        self._styles: dict[str, SentenceStyle] = {}

    def findings(self, transcript: AnnotatedTranscript) -> tuple[BrandVoiceFinding, ...]:
        """Return the findings on the agent's turns in their order, then those on what is missing.

        Findings on the whole conversation (reading level, tone) come last, whether the rule was kept or not;
        there are none if the rules do not know the language.
        """
        if not transcript.agent_sentences:
            return ()
        styles = [self._style_of(sentence) for sentence in transcript.agent_sentences]
        found: list[BrandVoiceFinding] = []
        convention_matches: list[tuple[int, Match]] = []
        for index, style in enumerate(styles):
            for match in style.matches:
                if match.signal in _NAMES:
                    convention_matches.append((index, match))
                else:
                    found.append(self._finding(transcript.agent_sentences[index], match))
            if style.violation and transcript.is_known_language:
                found.append(self._style.formality_violation(transcript.agent_sentences[index], style))
        found.extend(self._conventions(transcript, convention_matches))
        if self.voice.empathy_library and not any(each.rule == EMPATHY_LIBRARY for each in found):
            detail = "None of the client's validating phrases was said."
            clause = self.voice.clause_of(EMPATHY_LIBRARY)
            found.append(BrandVoiceFinding(EMPATHY_LIBRARY, clause, None, None, detail, kept=None))
        if transcript.is_known_language:
            found.extend(self._style.conversation_findings(transcript.agent_sentences, styles))
        return tuple(found)

    def _style_of(self, sentence: Sentence) -> SentenceStyle:
        annotated = sentence.annotations
        style = self._styles.get(annotated.plain)
        if style is None:
            if len(self._styles) >= CACHE_SIZE:
                self._styles.clear()
            matches = tuple(
                match
                for match in self._matcher.scan(annotated.plain, annotated.words)
                if not match.signal.startswith((BANNED, INSTEAD_OF))
                or not is_mentioned(annotated.plain, match.start, match.end)
            )
            style = self._style.sentence_style(annotated.plain, annotated.words, matches)
            self._styles[annotated.plain] = style
        return style

    def _finding(self, sentence: Sentence, match: Match) -> BrandVoiceFinding:
        rule, _, index = match.signal.partition(" ")
        if rule == BANNED:
            banned = self.voice.banned[int(index)]
            reason = f": {banned.reason}" if banned.reason else ""
            return _finding_at(
                sentence, match, BANNED, banned.clause, f"'{banned.phrase}' is banned{reason}.", kept=False
            )
        if rule == EMPATHY_LIBRARY:
            clause = self.voice.clause_of(EMPATHY_LIBRARY, index)
            detail = f"The client's own words for {index.replace('_', ' ')}."
            return _finding_at(sentence, match, EMPATHY_LIBRARY, clause, detail, kept=True)
        preferred = self.voice.preferred[int(index)]
        if rule == PREFERRED:
            detail = f"'{preferred.phrase}' is preferred."
            return _finding_at(sentence, match, PREFERRED, preferred.clause, detail, kept=True)
        detail = f"'{preferred.phrase}' is preferred to '{preferred.instead_of}'."
        return _finding_at(sentence, match, INSTEAD_OF, preferred.clause, detail, kept=False)

    def _conventions(
        self, transcript: AnnotatedTranscript, convention_matches: Sequence[tuple[int, Match]]
    ) -> Iterator[BrandVoiceFinding]:
        """Find greeting and sign-off, in the expected position or elsewhere."""
        for rule, convention in ((GREETING, self.voice.greeting), (SIGN_OFF, self.voice.sign_off)):
            if not convention.phrases:
                continue
            clause = self.voice.clause_of(rule)
            matches = [(index, match) for index, match in convention_matches if match.signal == rule]
            in_position = _in_position(rule, matches, transcript)
            for index, match in in_position:
                detail = "The client's own words."
                yield _finding_at(transcript.agent_sentences[index], match, rule, clause, detail, kept=True)
            if convention.required and not in_position:
                elsewhere = f" {_POSITIONS[rule]}" if matches else ""
                detail = f"None of the client's {_NAMES[rule]} phrases was used{elsewhere}."
                yield BrandVoiceFinding(rule, clause, None, None, detail, kept=False)
                for index, match in matches[:1]:
                    detail = f"The client's {_NAMES[rule]} belongs {_POSITIONS[rule]}."
                    yield _finding_at(
                        transcript.agent_sentences[index], match, MISPLACED, clause, detail, kept=False
                    )


def _in_position(
    rule: str, matches: list[tuple[int, Match]], transcript: AnnotatedTranscript
) -> list[tuple[int, Match]]:
    if not matches:
        return []
    position = greeting_position.opening if rule == GREETING else greeting_position.closing
    expected = position(transcript)
    return [(index, match) for index, match in matches if index in expected]


def _patterns(voice: BrandVoice) -> Iterable[Pattern]:
    for index, banned in enumerate(voice.banned):
        yield client_phrases.pattern(f"{BANNED} {index}", banned.phrase, negated_by_scope=False)
    for index, preferred in enumerate(voice.preferred):
        yield client_phrases.pattern(f"{PREFERRED} {index}", preferred.phrase)
        if preferred.instead_of:
            yield client_phrases.pattern(
                f"{INSTEAD_OF} {index}", preferred.instead_of, negated_by_scope=False
            )
    for rule, convention in ((GREETING, voice.greeting), (SIGN_OFF, voice.sign_off)):
        for phrase in convention.phrases:
            yield client_phrases.pattern(rule, phrase, negated_by_scope=False)
    for emotion, validating in voice.empathy_library.items():
        for phrase in validating:
            yield client_phrases.pattern(f"{EMPATHY_LIBRARY} {emotion}", phrase)


def _finding_at(
    sentence: Sentence, match: Match, rule: str, clause: str | None, detail: str, *, kept: bool
) -> BrandVoiceFinding:
    span = Span(sentence.turn, sentence.start + match.start, sentence.start + match.end)
    return BrandVoiceFinding(rule, clause, sentence.turn, span, detail, kept)
