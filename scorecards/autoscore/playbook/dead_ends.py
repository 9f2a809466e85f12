"""Dead ends: an agent refuses and leaves it there, although the playbook has an option left."""

import re
from collections.abc import Sequence
from functools import lru_cache

from scorecards.autoscore.annotation.transcript import CACHE_SIZE, AnnotatedTranscript
from scorecards.autoscore.playbook.findings import (
    MISSING,
    DeadEnd,
    DiscretionFinding,
    StepFinding,
)
from scorecards.definitions.form import Span
from scorecards.definitions.playbook import Playbook

_REFUSAL = re.compile(
    r"\b(?:there(?:'s| is| are) )?(?:really )?nothing (?:else |more |further )?(?:that )?(?:i|we)"
    r" (?:can|could)(?: really)? do\b"
    r"|\b(?:i|we|i'm afraid (?:i|we))(?: (?:really|just|simply|therefore|unfortunately))?"
    r" (?:cannot|can't|can not|won't be able to|will not be able to|am unable to|are unable to"
    r"|am not able to|are not able to|(?:do not|don't) (?:offer|accept|give|do|make|allow|refund|provide))"
    r"(?! (?:see|find|thank|wait|imagine|stress|apologi[sz]e|tell|hear|believe|help but|understand))"
    r"|\b(?:it's|it is|that's|that is|this is|is) (?:simply |just |unfortunately )?"
    r"(?:not possible|impossible|out of the question|not something (?:i|we) can)"
    r"|\b(?:we're|we are|i'm|i am) (?:unfortunately )?(?:unable|not able) to\b"
    r"|\bmy hands are tied\b|\bno exceptions?\b|\b(?:is|are) not eligible\b|\b(?:isn't|aren't) eligible\b"
)
_OPTION_OFFERED = re.compile(
    r"\bwhat (?:i|we) can do\b|\binstead\b"
    r"|\b(?:however|but|though)\b.{0,20}\b(?:i|we)(?:'ll| can| could| will)\b"
    r"|\b(?:i|we)(?:'ll| can| could| will| am going to)(?: (?:also|still|gladly|certainly|happily))?"
    r" (?:escalate|offer|ask|pass|forward|raise|arrange|send|give|make|check|speak|connect|transfer|suggest"
    r"|see if|look)\b"
    r"|\b(?:let me|i'd be (?:glad|happy) to|happy to) (?:see|check|ask|escalate|offer|arrange|speak|find"
    r"|look)\b"
    r"|\balternative(?:ly|s)?\b|\banother (?:way|option)\b|\bmake an exception\b"
    r"|\bone thing (?:i|we) can\b|\bescalat\w+\b"
)
_ANYTHING_ELSE = re.compile(r"\banything else\b")


def dead_end(
    book: Playbook,
    steps: Sequence[StepFinding],
    discretion: Sequence[DiscretionFinding],
    transcript: AnnotatedTranscript,
) -> DeadEnd | None:
    """Return the first refusal if it is a dead end, or None.

    It is none if a step, a use of discretion or an offer of the agent comes after it. An option of the
    playbook is left if a required step was not taken, or if a discretion was not used that the customer's
    words call for or that lists no need.
    """
    options = _options_left(book, steps, discretion)
    if not options:
        return None
    refusals = (
        index
        for index, sentence in enumerate(transcript.agent_sentences)
        if _refuses(sentence.annotations.plain)
    )
    refusal = next(refusals, None)
    if refusal is None or any(
        _offers_option(sentence.annotations.plain) for sentence in transcript.agent_sentences[refusal:]
    ):
        return None
    sentence = transcript.agent_sentences[refusal]
    later = [step.span for step in steps] + [each.span for each in discretion]
    refused_at = (sentence.turn, sentence.start)
    if any(span is not None and (span.turn, span.start or 0) > refused_at for span in later):
        return None
    return DeadEnd(
        span=Span(sentence.turn, sentence.start, sentence.end),
        ways=options,
        clause=f"{book.key}/{options[0]}",
        detail=f"The agent says no and leaves it there; the playbook still gives: {_names(book, options)}.",
    )


def _options_left(
    book: Playbook, steps: Sequence[StepFinding], discretion: Sequence[DiscretionFinding]
) -> tuple[str, ...]:
    has_need = {each.key: bool(each.need) for each in book.discretion}
    options = [each.key for each in discretion if not each.used and (each.needed or not has_need[each.key])]
    options += [each.key for each in steps if each.required and each.status == MISSING]
    return tuple(options)


@lru_cache(maxsize=CACHE_SIZE)
def _refuses(plain: str) -> bool:
    return _REFUSAL.search(plain) is not None


@lru_cache(maxsize=CACHE_SIZE)
def _offers_option(plain: str) -> bool:
    return _OPTION_OFFERED.search(plain) is not None and _ANYTHING_ELSE.search(plain) is None


def _names(book: Playbook, options: Sequence[str]) -> str:
    name_of = {each.key: each.name for each in book.steps} | {each.key: each.name for each in book.discretion}
    return ", ".join(name_of[each] for each in options)
