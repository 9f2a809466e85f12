"""Where an agent takes up what only this customer brought in."""

from collections.abc import Sequence

from scorecards.autoscore.annotation.transcript import AnnotatedTranscript, Annotation
from scorecards.autoscore.case import Case
from scorecards.autoscore.matching.matcher import Match
from scorecards.autoscore.text import normalization
from scorecards.autoscore.text.word_rarity import place

_ADDRESSING = normalization.word_set("dear mr mrs ms miss hi hello hey sir madam")
_JOINTS = frozenset(".,-/:")


def facts_used(case: Case) -> list[Annotation]:
    """Return where the agent uses a customer's fact after they told it; the mark's label is the fact."""
    told: dict[str, int] = {}
    for turn, _, _, spoken in case.transcript.customer_sentences:
        for _, fact in spoken.distinctive_words:
            told.setdefault(fact, turn)
    found: list[Annotation] = []
    for turn, begin, _, spoken in case.transcript.agent_sentences if told else ():
        used = [
            each
            for each in spoken.distinctive_words
            if told.get(each[1], turn) < turn and not _is_address(spoken.words, each[0])
        ]
        if not used or _is_canned(spoken.matches):
            continue
        for number, fact in used:
            start, end = place(spoken.plain, spoken.words, number)
            mark = Annotation(turn, begin + start, begin + end, fact)
            last = found[-1] if found and spoken.plain[start - 1 : start] in _JOINTS else None
            if last and (last.turn, last.end + 1) == (mark.turn, mark.start):
                found[-1] = last._replace(end=mark.end)  # the two halves of an amount are one fact
            else:
                found.append(mark)
    return found


def has_facts(reading: AnnotatedTranscript) -> bool:
    """Tell whether the customer said anything that an agent could take up."""
    return any(said.annotations.distinctive_words for said in reading.customer_sentences)


def _is_address(words: Sequence[str], number: int) -> bool:
    """Tell whether a word is the name by which the customer is addressed: that alone takes nothing up."""
    return not _ADDRESSING.isdisjoint(words[max(0, number - 2) : number])


def _is_canned(hits: tuple[Match, ...]) -> bool:
    return any(hit.signal == "canned" for hit in hits)
