"""Questions of agents: whether a sentence is one, and whether it asks for the outcome of a solution."""

from collections.abc import Sequence
from itertools import pairwise

from scorecards.autoscore.annotation.transcript import Annotation, Sentence
from scorecards.autoscore.case import Case
from scorecards.autoscore.deflection_patterns import MOCKS
from scorecards.autoscore.solution_patterns import OFFER, STEPS
from scorecards.autoscore.text import normalization

_ADVICE = frozenset({OFFER, STEPS})
_MIN_WORDS = 3
_MAX_SHORT_QUESTION = 9
_STATEMENT_ENDS = (".", "!", ",", ";", ":")
_QUESTION_WORDS = normalization.word_set("what when where which who how why whose")
_AUXILIARIES = normalization.word_set("do does did is are was were have has can could would will may shall")
_CONTRACTED_QUESTION_WORDS = normalization.word_set("what's where's who's how's when's which's")
_SUBJECTS = normalization.word_set(
    "i you your he she it they we the that this these those there my our his her any anyone anybody anything "
    "everyone everybody everything someone somebody all both"
)
_DISCOURSE_MARKERS = normalization.word_set(
    "and so ok okay right well oh gosh now good morning afternoon evening then but yes yeah yep thanks thank "
    "great lovely perfect sure hi hello hey first just also um uh er ah hm hmm alright fine please sorry "
    "dear "
    "madam sir tell me quickly nice super wonderful brilliant excellent"
)
_PERSONAL_SUBJECTS = normalization.word_set(
    "you he she they everybody everyone anybody anyone somebody someone"
)
_INVERSIONS = frozenset(
    {(first, person) for first in _AUXILIARIES - {"may", "shall", "have"} for person in _PERSONAL_SUBJECTS}
    | {(first, "it") for first in normalization.word_set("is was does will would could")}
    | {(first, "there") for first in normalization.word_set("is was are were")}
    | {("have", "you"), ("have", "they")}
)
"""An auxiliary before its subject, which is rare in statements."""

_BEFORE_A_STATEMENT = normalization.word_set(
    "i i'll i'd i've we we'll we'd you you'll he he'll she she'll it it'll that that's this they they'll to "
    "who "
    "which what how where when why let lets everything"
)
_STATES = normalization.word_set("is are does do did has have was were can will")
_SHORT_QUESTION_WORDS = normalization.word_set(
    "all both everything everyone everybody still any better nothing warmer working"
)
_NO_STATE_SUBJECTS = normalization.word_set("i we shall anything else")
_PERCEPTION = normalization.word_set("see have get feel hear find notice reach say show look")
_TRY_VERBS = normalization.word_set(
    "try test refresh open compare check look tell write text message drop let report see give log load "
    "sign send"
)
_OPEN_QUESTIONS = normalization.word_set("how what")
_REQUESTS = normalization.word_set("can could will would")

ONLY_A_FACT = "The customer asked for a fact; there was nothing to solve."


def asks_for_a_fact(case: Case) -> bool:
    """Tell whether the customer asks for facts and says nothing else, but for thanks and a word or two."""
    if case.opportunity.any or case.transcript.customer_annotations.get("asks_when"):
        return False
    told = [
        {match.signal for match in sentence.annotations.matches}
        for sentence in case.transcript.customer_sentences
        if len(sentence.annotations.words) >= _MIN_WORDS
    ]
    return any("asks_fact" in signals for signals in told) and all(
        signals & {"asks_fact", "thanks"} for signals in told
    )


def is_question(sentence: Sentence) -> bool:
    """Tell whether a sentence is a question, by its question mark or, without punctuation, by its words."""
    plain, words = sentence.annotations.plain.rstrip("\"') "), sentence.annotations.words
    if plain.endswith("?"):
        return True
    if len(words) < _MIN_WORDS or plain.endswith(_STATEMENT_ENDS):
        return False
    opened = _without_markers(words)
    if len(opened) > 1 and (
        (opened[0] in _AUXILIARIES and opened[1] in _SUBJECTS)
        or (opened[0] in _QUESTION_WORDS and opened[1] in _AUXILIARIES)
        or opened[0] in _CONTRACTED_QUESTION_WORDS
    ):
        return True
    return _inversion(words) is not None or "if i may ask" in plain


def asked_of_outcome(case: Case) -> list[Annotation]:
    """Return where the agent asks for the outcome of a solution: whether it works, or to try it."""
    solved = case.once(_first_solved)
    if solved is None:
        return []
    mocking_turns = case.turns_of("blame", MOCKS)
    found = []
    next_customer_turn = min(
        (turn for turn in case.transcript.customer_turns if turn > solved.turn), default=None
    )
    for sentence in case.transcript.agent_sentences:
        if (
            (sentence.turn, sentence.end) <= solved[:2]
            or sentence.turn in mocking_turns
            or not is_question(sentence)
        ):
            continue
        signals = {match.signal for match in sentence.annotations.matches}
        if not signals.isdisjoint({"verification", "more_help", "deflection", "blame"}):
            continue
        words = sentence.annotations.words
        if _asks_to_try(words) or (
            next_customer_turn is not None and sentence.turn > next_customer_turn and _asks_of_state(words)
        ):
            found.append(Annotation(sentence.turn, sentence.start, sentence.end, ""))
    return found


def solved_before(case: Case, sentence: Sentence) -> bool:
    """Tell whether the agent had offered a solution before this sentence."""
    solved = case.once(_first_solved)
    return solved is not None and solved[:2] < (sentence.turn, sentence.start)


def _first_solved(case: Case) -> Annotation | None:
    """Return the first solution: what the agent did, or steps that the customer gave thanks for later."""
    last_thanks = max(
        (annotation.turn for annotation in case.transcript.customer_annotations.get("thanks", ())), default=-1
    )
    for annotation in case.agent("solution"):
        if annotation.label not in _ADVICE or (annotation.label == STEPS and annotation.turn < last_thanks):
            return annotation
    return None


def _without_markers(words: Sequence[str]) -> Sequence[str]:
    """Return the words without discourse markers at the beginning."""
    start = next((index for index, word in enumerate(words) if word not in _DISCOURSE_MARKERS), len(words))
    return words[start:]


def _inversion(words: Sequence[str]) -> int | None:
    """Return the index of the first auxiliary before its subject."""
    for index, pair in enumerate(pairwise(words)):
        if pair in _INVERSIONS and (index == 0 or words[index - 1] not in _BEFORE_A_STATEMENT):
            return index
    return None


def _asks_to_try(words: Sequence[str]) -> bool:
    return any(
        first in _REQUESTS and second == "you" and third in _TRY_VERBS
        for first, second, third in zip(words, words[1:], words[2:], strict=False)
    )


def _asks_of_state(words: Sequence[str]) -> bool:
    opened = _without_markers(words)
    if _is_of_state(opened) or (
        opened and opened[0] in _SHORT_QUESTION_WORDS and len(opened) < _MAX_SHORT_QUESTION
    ):
        return True
    inversion = _inversion(words)
    return inversion is not None and _is_of_state(words[inversion:])


def _is_of_state(words: Sequence[str]) -> bool:
    if len(words) > 2 and words[0] in _OPEN_QUESTIONS and words[1] in _STATES:
        return words[2] not in _NO_STATE_SUBJECTS and (words[0] == "how" or not _PERCEPTION.isdisjoint(words))
    if len(words) < 2 or words[0] not in _STATES or words[1] in _NO_STATE_SUBJECTS:
        return False
    return words[1] != "you" or (len(words) > 2 and words[2] in _PERCEPTION)
