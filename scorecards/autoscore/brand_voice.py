"""How far the agent sounded like the client: banned and preferred phrases, greeting, sign-off, formality."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from scorecards.autoscore import phrases, text
from scorecards.autoscore.patterns import Hit, Scanner
from scorecards.autoscore.reading import REMEMBERED, Reading, Said
from scorecards.brand_voice import BrandVoice
from scorecards.form import Span

BANNED, PREFERRED, INSTEAD_OF = "banned", "preferred", "instead_of"
GREETING, SIGN_OFF, FORMALITY = "greeting", "sign_off", "formality"

SLANG = text.word_set(
    "gonna wanna gotta yeah yep yup nope nah lol omg btw thx pls plz dude bro mate guys cool awesome "
    "hey hiya ya u ur cuz kinda sorta dunno ok'd oops yikes sup k np asap folks"
)
STIFF = text.word_set(
    "hereby herewith pursuant aforementioned kindly esteemed henceforth thereof therein undersigned "
    "furthermore regarding sincerely faithfully sir madam aforesaid heretofore notwithstanding "
    "forthwith acknowledge receipt endeavour commence utilise utilize"
)
_EMOJI = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff]|[:;]-?[)(dp]\\b|[:;]-?[)(]|!!")
_STIFF_ENOUGH = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule of the brand voice was kept or broken.

    `rule` is one of banned, preferred, instead_of, greeting, sign_off, formality; `clause` the clause of
    the brand voice it rests on, where it has one; `span` is None when something was missing.
    """

    rule: str
    clause: str | None
    turn: int | None
    span: Span | None
    detail: str


class VoiceReader:
    """Holds one brand voice against conversations; compiled once, remembers sentences."""

    def __init__(self, voice: BrandVoice) -> None:
        """Compile the phrases of the brand voice."""
        self.voice = voice
        table = [
            phrases.pattern(f"{BANNED} {i}", each.phrase, negatable=False)
            for i, each in enumerate(voice.banned)
        ]
        for i, each in enumerate(voice.preferred):
            table.append(phrases.pattern(f"{PREFERRED} {i}", each.phrase))
            if each.instead_of:
                table.append(phrases.pattern(f"{INSTEAD_OF} {i}", each.instead_of, negatable=False))
        table.extend(phrases.pattern(GREETING, each, negatable=False) for each in voice.greeting.phrases)
        table.extend(phrases.pattern(SIGN_OFF, each, negatable=False) for each in voice.sign_off.phrases)
        self._scan = lru_cache(maxsize=REMEMBERED)(Scanner(table).scan)
        self._manner = lru_cache(maxsize=REMEMBERED)(_manner)

    def findings(self, reading: Reading) -> tuple[Finding, ...]:
        """Return what the agent's own turns keep and break, in the order it was said; missing things last."""
        if not reading.agent_said:
            return ()
        found: list[Finding] = []
        heard = {GREETING: False, SIGN_OFF: False}
        ends = {GREETING: reading.agent_turns[:1], SIGN_OFF: reading.agent_turns[-2:]}
        for said in reading.agent_said:
            for hit in self._scan(said.spoken.plain, said.spoken.words):
                if hit.signal not in heard:
                    found.append(self._finding(said, hit))
                elif said.turn in ends[hit.signal]:
                    heard[hit.signal] = True
                    found.append(_place(said, hit, hit.signal, None, "The client's own words."))
            found.extend(self._out_of_tone(said))
        found.extend(self._missing(heard))
        return tuple(found)

    def _finding(self, said: Said, hit: Hit) -> Finding:
        rule, _, number = hit.signal.partition(" ")
        if rule == BANNED:
            banned = self.voice.banned[int(number)]
            why = f": {banned.reason}" if banned.reason else ""
            return _place(said, hit, BANNED, banned.clause, f"'{banned.phrase}' is banned{why}.")
        preferred = self.voice.preferred[int(number)]
        if rule == PREFERRED:
            return _place(said, hit, PREFERRED, preferred.clause, f"'{preferred.phrase}' is preferred.")
        detail = f"'{preferred.phrase}' is preferred to '{preferred.instead_of}'."
        return _place(said, hit, INSTEAD_OF, preferred.clause, detail)

    def _out_of_tone(self, said: Said) -> Iterable[Finding]:
        slang, stiff = self._manner(said.spoken.plain, said.spoken.words)
        if self.voice.formality != "informal" and slang and (self.voice.formality == "formal" or slang > 1):
            detail = f"Too casual for a {self.voice.formality} voice."
        elif self.voice.formality != "formal" and stiff >= _STIFF_ENOUGH:
            detail = f"Too stiff for a {self.voice.formality} voice."
        else:
            return
        yield Finding(FORMALITY, None, said.turn, Span(said.turn, said.start, said.end), detail)

    def _missing(self, heard: dict[str, bool]) -> Iterable[Finding]:
        for rule, convention in ((GREETING, self.voice.greeting), (SIGN_OFF, self.voice.sign_off)):
            if convention.required and convention.phrases and not heard[rule]:
                words = "greeting" if rule == GREETING else "sign-off"
                yield Finding(rule, None, None, None, f"None of the client's {words} phrases was used.")


def _place(said: Said, hit: Hit, rule: str, clause: str | None, detail: str) -> Finding:
    return Finding(
        rule, clause, said.turn, Span(said.turn, said.start + hit.start, said.start + hit.end), detail
    )


def _manner(plain: str, words: tuple[str, ...]) -> tuple[int, int]:
    """Return how many casual and how many stiff expressions a sentence holds."""
    slang = sum(word in SLANG for word in words) + len(_EMOJI.findall(plain))
    return slang, sum(word in STIFF for word in words)
