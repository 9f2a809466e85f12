"""Judgements of how the agent sounds and of dead ends: reading level, tone, the client's validating words."""

from collections.abc import Sequence

from scorecards.autoscore.brand_voice.findings import (
    EMPATHY_LIBRARY,
    EXAMPLES,
    READING_LEVEL,
    TONE,
    BrandVoiceFinding,
)
from scorecards.autoscore.case import (
    CERTAIN,
    CLEAR,
    GUESS,
    LIKELY,
    UNSURE,
    Case,
    Verdict,
    abstain,
    not_applicable,
    spans,
)

_NO_VOICE = "This client has no published brand voice."
_NO_PLAYBOOK = "This client has no published playbook."
_CLEARLY_HARDER = 2.0
"""School grades over the limit from which a text is hard whichever way it is measured."""

_MOST_EVIDENCE = 3


def reading_level_fits(case: Case) -> Verdict:
    """No harder to read than the client wants, by the Flesch-Kincaid grade of what the agent said."""
    found = _rule(case, READING_LEVEL)
    if case.voice is None:
        return abstain(_NO_VOICE)
    if not found:
        return abstain("The client asks for no reading level.")
    grade = found[0]
    if grade.kept is None:
        return abstain(grade.detail)
    if grade.kept:
        return _verdict(1.0, CLEAR, grade, [])
    over = (grade.measure or 0.0) - (grade.limit or 0.0)
    return _verdict(0.0, CLEAR if over >= _CLEARLY_HARDER else UNSURE, grade, [grade])


def tone_fits(case: Case) -> Verdict:
    """Sounds like the client: like its good examples, or, where none teach anything, as its tone words say.

    What was learned from the client's own examples decides; the words of its tone are signs that anyone might
    read otherwise, so they alone are never sure.
    """
    if case.voice is None:
        return abstain(_NO_VOICE)
    learned = [each for each in _rule(case, EXAMPLES) if each.kept is not None]
    signs = [each for each in _rule(case, TONE) if each.kept is not None]
    if learned:
        agree = all(each.kept == learned[0].kept for each in signs)
        value = 1.0 if learned[0].kept else 0.0
        return _verdict(value, LIKELY if agree else UNSURE, learned[0], learned)
    if not signs:
        return abstain("Neither examples nor tone words of the client can be held against what was said.")
    broken = [each for each in signs if not each.kept]
    if broken:
        return _verdict(1.0 - len(broken) / len(signs), GUESS, broken[0], broken)
    return _verdict(1.0, UNSURE, signs[0], signs)


def uses_empathy_library(case: Case) -> Verdict:
    """Validates in the client's own words, once the customer expressed a feeling or something had failed."""
    if case.voice is None:
        return abstain(_NO_VOICE)
    found = _rule(case, EMPATHY_LIBRARY)
    if not found:
        return abstain("The client's empathy library is empty.")
    if not case.opportunity.any:
        return not_applicable("The customer expressed no feeling and nothing had gone wrong.")
    first = case.opportunity.first_turn or 0
    used = [each for each in found if each.turn is not None and each.turn >= first]
    if used:
        return _verdict(1.0, CERTAIN, used[0], used)
    reason = "None of the client's validating phrases was said after it was called for."
    return Verdict(
        0.0, LIKELY, spans((*case.opportunity.feelings, *case.opportunity.failures)), reason, found[0].clause
    )


def avoids_dead_ends(case: Case) -> Verdict:
    """Does not leave the customer with a no while the playbook still gives a way on."""
    if case.playbooks is None:
        return abstain(_NO_PLAYBOOK)
    if not case.playbooks:
        return not_applicable("No playbook was called for.")
    ends = [book.dead_end for book in case.playbooks if book.dead_end is not None]
    if ends:
        return Verdict(0.0, LIKELY, tuple(each.span for each in ends), ends[0].detail, ends[0].clause)
    return Verdict(1.0, LIKELY, (), "The customer was not left at a dead end.", case.playbooks[0].clause)


def _rule(case: Case, rule: str) -> list[BrandVoiceFinding]:
    return [each for each in case.voice or () if each.rule == rule]


def _verdict(
    value: float, confidence: float, found: BrandVoiceFinding, shown: Sequence[BrandVoiceFinding]
) -> Verdict:
    places = tuple(each.span for each in shown if each.span is not None)
    return Verdict(value, confidence, places[:_MOST_EVIDENCE], found.detail, found.clause)
