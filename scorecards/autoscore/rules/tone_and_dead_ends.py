"""Judgements of brand voice and dead ends: reading level, tone, the client's empathy library."""

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
_CLEARLY_OVER = 2.0
"""School grades over the limit from which a text is too hard beyond the error of the measure."""

_MAX_EVIDENCE = 3


def reading_level_fits(case: Case) -> Verdict:
    """A Flesch-Kincaid grade of the agent's text within the client's limit."""
    findings = _rule(case, READING_LEVEL)
    if case.voice is None:
        return abstain(_NO_VOICE)
    if not findings:
        return abstain("The client asks for no reading level.")
    grade = findings[0]
    if grade.kept is None:
        return abstain(grade.detail)
    if grade.kept:
        return _verdict(1.0, CLEAR, grade, [])
    over = (grade.measure or 0.0) - (grade.limit or 0.0)
    return _verdict(0.0, CLEAR if over >= _CLEARLY_OVER else UNSURE, grade, [grade])


def tone_fits(case: Case) -> Verdict:
    """Text like the client's good examples or, if those train no classifier, as its tone words describe.

    The classifier of the client's own examples decides; the measures of tone words are open to
    interpretation, so the confidence by them alone is low.
    """
    if case.voice is None:
        return abstain(_NO_VOICE)
    by_examples = [each for each in _rule(case, EXAMPLES) if each.kept is not None]
    by_words = [each for each in _rule(case, TONE) if each.kept is not None]
    if by_examples:
        agree = all(each.kept == by_examples[0].kept for each in by_words)
        value = 1.0 if by_examples[0].kept else 0.0
        return _verdict(value, LIKELY if agree else UNSURE, by_examples[0], by_examples)
    if not by_words:
        return abstain("Neither examples nor tone words of the client can be held against what was said.")
    broken = [each for each in by_words if not each.kept]
    if broken:
        return _verdict(1.0 - len(broken) / len(by_words), GUESS, broken[0], broken)
    return _verdict(1.0, UNSURE, by_words[0], by_words)


def uses_empathy_library(case: Case) -> Verdict:
    """Phrases of the client's empathy library, once the customer expressed a feeling or something failed."""
    if case.voice is None:
        return abstain(_NO_VOICE)
    findings = _rule(case, EMPATHY_LIBRARY)
    if not findings:
        return abstain("The client's empathy library is empty.")
    if not case.opportunity.any:
        return not_applicable("The customer expressed no feeling and nothing had gone wrong.")
    first = case.opportunity.first_turn or 0
    used = [each for each in findings if each.turn is not None and each.turn >= first]
    if used:
        return _verdict(1.0, CERTAIN, used[0], used)
    reason = "None of the client's validating phrases was said after it was called for."
    return Verdict(
        0.0,
        LIKELY,
        spans((*case.opportunity.feelings, *case.opportunity.failures)),
        reason,
        findings[0].clause,
    )


def avoids_dead_ends(case: Case) -> Verdict:
    """No refusal at the end while the playbook has an option left."""
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
    value: float, confidence: float, finding: BrandVoiceFinding, evidence: Sequence[BrandVoiceFinding]
) -> Verdict:
    evidence_spans = tuple(each.span for each in evidence if each.span is not None)
    return Verdict(value, confidence, evidence_spans[:_MAX_EVIDENCE], finding.detail, finding.clause)
