"""Where an agent says that it cannot be done and leaves it there, although the playbook gives a way on."""

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

_NO = re.compile(
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
_WAY_ON = re.compile(
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
    reading: AnnotatedTranscript,
) -> DeadEnd | None:
    """Return the first refusal if nothing came after it, or None.

    What may come after is a step taken, a discretion used, or any way on that the agent offers. What the
    playbook still had to give is a required step that was not taken, or a discretion that was not used and
    that the customer's words call for, or that says no need.
    """
    ways = _left(book, steps, discretion)
    if not ways:
        return None
    refusals = (
        number for number, said in enumerate(reading.agent_sentences) if _refuses(said.annotations.plain)
    )
    refusal = next(refusals, None)
    if refusal is None or any(
        _leads_on(said.annotations.plain) for said in reading.agent_sentences[refusal:]
    ):
        return None
    said = reading.agent_sentences[refusal]
    later = [step.span for step in steps] + [each.span for each in discretion]
    if any(span is not None and (span.turn, span.start or 0) > (said.turn, said.start) for span in later):
        return None
    return DeadEnd(
        span=Span(said.turn, said.start, said.end),
        ways=ways,
        clause=f"{book.key}/{ways[0]}",
        detail=f"The agent says no and leaves it there; the playbook still gives: {_names(book, ways)}.",
    )


def _left(
    book: Playbook, steps: Sequence[StepFinding], discretion: Sequence[DiscretionFinding]
) -> tuple[str, ...]:
    needs = {each.key: bool(each.need) for each in book.discretion}
    ways = [each.key for each in discretion if not each.used and (each.needed or not needs[each.key])]
    ways += [each.key for each in steps if each.required and each.status == MISSING]
    return tuple(ways)


@lru_cache(maxsize=CACHE_SIZE)
def _refuses(plain: str) -> bool:
    return _NO.search(plain) is not None


@lru_cache(maxsize=CACHE_SIZE)
def _leads_on(plain: str) -> bool:
    return _WAY_ON.search(plain) is not None and _ANYTHING_ELSE.search(plain) is None


def _names(book: Playbook, ways: Sequence[str]) -> str:
    named = {each.key: each.name for each in book.steps} | {each.key: each.name for each in book.discretion}
    return ", ".join(named[each] for each in ways)
