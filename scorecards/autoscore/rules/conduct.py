"""Judgements of conduct: greeting, sign-off, identity, brand voice, playbook and discretion."""

from scorecards.autoscore.brand_voice import checker as brand_voice
from scorecards.autoscore.brand_voice.checker import BrandVoiceFinding
from scorecards.autoscore.case import (
    CERTAIN,
    CLEAR,
    LIKELY,
    UNSURE,
    Case,
    Verdict,
    abstain,
    no,
    not_applicable,
    yes,
)
from scorecards.autoscore.playbook import checker as playbook

_NO_VOICE = "This client has no published brand voice."
_NO_PLAYBOOK = "This client has no published playbook."


def greets(case: Case) -> Verdict:
    """A greeting in the agent's first turn, one of the client's own if it has any."""
    by_client_words = _convention(case, brand_voice.GREETING)
    if by_client_words:
        return by_client_words
    first = case.transcript.agent_turns[:1]
    if greetings := [annotation for annotation in case.agent("greeting") if annotation.turn in first]:
        return yes(CLEAR, greetings, "The agent greets the customer.")
    return no(LIKELY, (), "The agent's first turn has no greeting.")


def signs_off(case: Case) -> Verdict:
    """A farewell in one of the agent's last two turns, one of the client's own if it has any."""
    by_client_words = _convention(case, brand_voice.SIGN_OFF)
    if by_client_words:
        return by_client_words
    last = case.transcript.agent_turns[-2:]
    if sign_offs := [annotation for annotation in case.agent("sign_off") if annotation.turn in last]:
        return yes(CLEAR, sign_offs, "The agent takes leave.")
    return no(LIKELY, (), "The agent's last turns have no farewell.")


def verifies_identity(case: Case) -> Verdict:
    """Verifying the customer's identity before acting on an account."""
    verified, acted = case.agent("verification"), case.agent("account_action")
    if not acted:
        if verified:
            return yes(LIKELY, verified, "The agent verifies who they speak with.")
        return not_applicable("Nothing was done on an account.")
    if not verified:
        return no(UNSURE, acted, "Something is done on the account and nobody asked who it is.")
    if verified[0] < acted[0]:
        return yes(
            CLEAR, [verified[0], acted[0]], "The agent verifies who it is before acting on the account."
        )
    return no(UNSURE, [acted[0], verified[0]], "The agent acts on the account before verifying who it is.")


def avoids_banned_phrases(case: Case) -> Verdict:
    """None of the client's banned phrases."""
    if case.voice is None:
        return abstain(_NO_VOICE)
    if banned := [found for found in case.voice if found.rule == brand_voice.BANNED]:
        return _from(0.0, CERTAIN, banned)
    return yes(CERTAIN, (), "No banned phrase was used.")


def uses_preferred_phrases(case: Case) -> Verdict:
    """The client's preferred phrases, and not those that they replace."""
    if case.voice is None:
        return abstain(_NO_VOICE)
    if instead := [found for found in case.voice if found.rule == brand_voice.INSTEAD_OF]:
        return _from(0.0, CLEAR, instead)
    if used := [found for found in case.voice if found.rule == brand_voice.PREFERRED]:
        return _from(1.0, CERTAIN, used)
    return not_applicable("Neither a preferred phrase nor what it stands in for came up.")


def formality_fits(case: Case) -> Verdict:
    """Neither too casual nor too stiff for the client's voice."""
    if case.voice is None:
        return abstain(_NO_VOICE)
    if violations := [found for found in case.voice if found.rule == brand_voice.FORMALITY]:
        return _from(0.0, LIKELY if len(violations) > 1 else UNSURE, violations)
    return yes(UNSURE, (), "Nothing is too casual or too stiff.")


def playbook_followed(case: Case) -> Verdict:
    """Every required step of every playbook called for, in order where order matters."""
    if case.playbooks is None:
        return abstain(_NO_PLAYBOOK)
    if not case.playbooks:
        return not_applicable("No playbook was called for.")
    steps = [(book, step) for book in case.playbooks for step in book.steps]
    required = [pair for pair in steps if pair[1].required and pair[1].status != playbook.UNKNOWN]
    if not required:
        return abstain("The playbook has no required step that a rule can see.")
    failed = [(book, step) for book, step in required if step.status != playbook.DONE]
    evidence = tuple(step.span for _, step in (failed or required) if step.span is not None)
    if not failed:
        book = required[0][0]
        confidence = min(CLEAR, book.confidence)
        return Verdict(1.0, confidence, evidence, "Every required step was done.", book.playbook)
    words = "; ".join(f"{step.name}: {step.status.replace('_', ' ')}" for _, step in failed)
    share = 1.0 - len(failed) / len(required)
    book = failed[0][0]
    confidence = min(UNSURE if share >= 0.5 else LIKELY, book.confidence)
    return Verdict(share, confidence, evidence, f"Not all steps: {words}.", book.playbook)


def discretion_within_limit(case: Case) -> Verdict:
    """Discretion that was used, within its limit."""
    if case.playbooks is None:
        return abstain(_NO_PLAYBOOK)
    used = [(book, each) for book in case.playbooks for each in book.discretion if each.used]
    if not used:
        return not_applicable("No discretion was used.")
    over = [(book, each) for book, each in used if each.within is False]
    unclear = [(book, each) for book, each in used if each.within is None]
    if unclear and not over:
        return abstain(f"{unclear[0][1].name} was used, but no amount that can be compared was named.")
    shown = over or used
    evidence = tuple(each.span for _, each in shown if each.span is not None)
    book, first = shown[0]
    confidence = min(CLEAR, book.confidence)
    if not over:
        return Verdict(1.0, confidence, evidence, f"{first.name} was used within its limit.", book.playbook)
    detail = (
        f"{first.name}: {first.amount:g} is over the limit of {first.limit:g} {first.currency or ''}".strip()
    )
    return Verdict(0.0, confidence, evidence, f"{detail}.", book.playbook)


def _convention(case: Case, rule: str) -> Verdict | None:
    """Judge by the client's own greeting or sign-off; None if it has none."""
    found = [each for each in case.voice or () if each.rule == rule]
    used = [each for each in found if each.span is not None]
    if used:
        return _from(1.0, CERTAIN, used)
    return _from(0.0, LIKELY, found) if found else None


def _from(value: float, confidence: float, findings: list[BrandVoiceFinding]) -> Verdict:
    evidence = tuple(found.span for found in findings if found.span is not None)[:3]
    return Verdict(value, confidence, evidence, findings[0].detail, findings[0].clause)
