"""Personalisation: where an agent repeats details that this customer mentioned."""

from collections.abc import Sequence

from scorecards.autoscore.annotation.transcript import AnnotatedTranscript, Annotation
from scorecards.autoscore.case import Case
from scorecards.autoscore.matching.matcher import Match
from scorecards.autoscore.text import normalization
from scorecards.autoscore.text.word_rarity import word_span

_FORMS_OF_ADDRESS = normalization.word_set("dear mr mrs ms miss hi hello hey sir madam")
_AMOUNT_SEPARATORS = frozenset(".,-/:")


def details_used(case: Case) -> list[Annotation]:
    """Return where the agent repeats a detail after the customer mentioned it; the label is the detail."""
    first_mention: dict[str, int] = {}
    for turn, _, _, annotated in case.transcript.customer_sentences:
        for _, detail in annotated.distinctive_words:
            first_mention.setdefault(detail, turn)
    found: list[Annotation] = []
    for turn, offset, _, annotated in case.transcript.agent_sentences if first_mention else ():
        repeated = [
            each
            for each in annotated.distinctive_words
            if first_mention.get(each[1], turn) < turn and not _is_address(annotated.words, each[0])
        ]
        if not repeated or _is_canned(annotated.matches):
            continue
        for index, detail in repeated:
            start, end = word_span(annotated.plain, annotated.words, index)
            annotation = Annotation(turn, offset + start, offset + end, detail)
            previous = (
                found[-1] if found and annotated.plain[start - 1 : start] in _AMOUNT_SEPARATORS else None
            )
            if previous and (previous.turn, previous.end + 1) == (annotation.turn, annotation.start):
                found[-1] = previous._replace(end=annotation.end)  # both halves of an amount are one detail
            else:
                found.append(annotation)
    return found


def has_details(transcript: AnnotatedTranscript) -> bool:
    """Tell whether the customer mentioned any detail that an agent could repeat."""
    return any(sentence.annotations.distinctive_words for sentence in transcript.customer_sentences)


def _is_address(words: Sequence[str], index: int) -> bool:
    """Tell whether a word is the name in a form of address, which alone is no personalisation."""
    return not _FORMS_OF_ADDRESS.isdisjoint(words[max(0, index - 2) : index])


def _is_canned(matches: tuple[Match, ...]) -> bool:
    return any(match.signal == "canned" for match in matches)
