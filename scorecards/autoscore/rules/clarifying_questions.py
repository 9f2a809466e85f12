"""Questions that agents ask: about the matter, and about how a solution turned out."""

from collections.abc import Sequence
from itertools import pairwise

from scorecards.autoscore.annotation.transcript import Annotation, Sentence
from scorecards.autoscore.case import Case
from scorecards.autoscore.deflecting_patterns import MOCKS
from scorecards.autoscore.solving_patterns import OFFER, STEPS
from scorecards.autoscore.text import normalization

_ADVICE = frozenset({OFFER, STEPS})
_FEW_WORDS = 3
_SHORT = 9
_ENDS_A_STATEMENT = (".", "!", ",", ";", ":")
_ASKING = normalization.word_set("what when where which who how why whose")
_AUXILIARIES = normalization.word_set("do does did is are was were have has can could would will may shall")
_CONTRACTED = normalization.word_set("what's where's who's how's when's which's")
_SUBJECTS = normalization.word_set(
    "i you your he she it they we the that this these those there my our his her any anyone anybody anything "
    "everyone everybody everything someone somebody all both"
)
_OPENERS = normalization.word_set(
    "and so ok okay right well oh gosh now good morning afternoon evening then but yes yeah yep thanks thank "
    "great lovely perfect sure hi hello hey first just also um uh er ah hm hmm alright fine please sorry "
    "dear "
    "madam sir tell me quickly nice super wonderful brilliant excellent"
)
_PERSONS = normalization.word_set("you he she they everybody everyone anybody anyone somebody someone")
_ROUND = frozenset(
    {(first, person) for first in _AUXILIARIES - {"may", "shall", "have"} for person in _PERSONS}
    | {(first, "it") for first in normalization.word_set("is was does will would could")}
    | {(first, "there") for first in normalization.word_set("is was are were")}
    | {("have", "you"), ("have", "they")}
)
"""An auxiliary before its subject, which statements hardly have."""

_BEFORE_A_STATEMENT = normalization.word_set(
    "i i'll i'd i've we we'll we'd you you'll he he'll she she'll it it'll that that's this they they'll to "
    "who "
    "which what how where when why let lets everything"
)
_STATES = normalization.word_set("is are does do did has have was were can will")
_WHOLES = normalization.word_set(
    "all both everything everyone everybody still any better nothing warmer working"
)
_NOT_OF_STATE = normalization.word_set("i we shall anything else")
_SENSES = normalization.word_set("see have get feel hear find notice reach say show look")
_TRYING = normalization.word_set(
    "try test refresh open compare check look tell write text message drop let report see give log load "
    "sign send"
)
_OPEN_QUESTIONS = normalization.word_set("how what")
_REQUESTS = normalization.word_set("can could will would")


def is_question(said: Sentence) -> bool:
    """Tell whether a sentence asks, with a question mark or by its words where nothing is punctuated."""
    plain, words = said.annotations.plain.rstrip("\"') "), said.annotations.words
    if plain.endswith("?"):
        return True
    if len(words) < _FEW_WORDS or plain.endswith(_ENDS_A_STATEMENT):
        return False
    asked = _opened(words)
    if len(asked) > 1 and (
        (asked[0] in _AUXILIARIES and asked[1] in _SUBJECTS)
        or (asked[0] in _ASKING and asked[1] in _AUXILIARIES)
        or asked[0] in _CONTRACTED
    ):
        return True
    return _turned(words) is not None or "if i may ask" in plain


def asked_of_outcome(case: Case) -> list[Annotation]:
    """Return where the agent asks how a solution turned out: whether it holds, or to try it and to tell."""
    solved = case.once(_first_solved)
    if solved is None:
        return []
    mocked = case.turns_of("blame", MOCKS)
    found = []
    answered = min((turn for turn in case.transcript.customer_turns if turn > solved.turn), default=None)
    for said in case.transcript.agent_sentences:
        if (said.turn, said.end) <= solved[:2] or said.turn in mocked or not is_question(said):
            continue
        signals = {hit.signal for hit in said.annotations.matches}
        if not signals.isdisjoint({"verification", "more_help", "deflection", "blame"}):
            continue
        words = said.annotations.words
        if _asks_to_try(words) or (answered is not None and said.turn > answered and _asks_of_state(words)):
            found.append(Annotation(said.turn, said.start, said.end, ""))
    return found


def solved_before(case: Case, said: Sentence) -> bool:
    """Tell whether the agent had solved something before they said this."""
    solved = case.once(_first_solved)
    return solved is not None and solved[:2] < (said.turn, said.start)


def _first_solved(case: Case) -> Annotation | None:
    """Return the first thing the agent did, or told to do when the customer gave thanks for it later."""
    thanked = max((mark.turn for mark in case.transcript.customer_annotations.get("thanks", ())), default=-1)
    for mark in case.agent("solution"):
        if mark.label not in _ADVICE or (mark.label == STEPS and mark.turn < thanked):
            return mark
    return None


def _opened(words: Sequence[str]) -> Sequence[str]:
    """Return the words without those that only open a sentence."""
    start = next((number for number, word in enumerate(words) if word not in _OPENERS), len(words))
    return words[start:]


def _turned(words: Sequence[str]) -> int | None:
    """Return the number of the first auxiliary that stands before its subject."""
    for number, pair in enumerate(pairwise(words)):
        if pair in _ROUND and (number == 0 or words[number - 1] not in _BEFORE_A_STATEMENT):
            return number
    return None


def _asks_to_try(words: Sequence[str]) -> bool:
    return any(
        first in _REQUESTS and second == "you" and third in _TRYING
        for first, second, third in zip(words, words[1:], words[2:], strict=False)
    )


def _asks_of_state(words: Sequence[str]) -> bool:
    opened = _opened(words)
    if _is_of_state(opened) or (opened and opened[0] in _WHOLES and len(opened) < _SHORT):
        return True
    turned = _turned(words)
    return turned is not None and _is_of_state(words[turned:])


def _is_of_state(words: Sequence[str]) -> bool:
    if len(words) > 2 and words[0] in _OPEN_QUESTIONS and words[1] in _STATES:
        return words[2] not in _NOT_OF_STATE and (words[0] == "how" or not _SENSES.isdisjoint(words))
    if len(words) < 2 or words[0] not in _STATES or words[1] in _NOT_OF_STATE:
        return False
    return words[1] != "you" or (len(words) > 2 and words[2] in _SENSES)
