"""What example reviewers answer: they know the ground truth, but make mistakes and differ in strictness.

Answers come from the ground truth alone, never from an automatic judgement, so that people and machine are
independent.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

from infra.demo.companies import seeded_random
from infra.demo.ground_truth import Fact, GroundTruth
from scorecards.definitions.form import Answer, Form, Option, Question, Span, Value
from scorecards.scoring.scoring import shown_questions

REVIEWERS = ("ana.brandt", "samir.kaya", "lucia.ferri", "joel.whyte", "hema.nair")
"""Reviewers of the provider, from the strictest to the most lenient."""

_ERROR_RATE = 0.065
"""How often a reviewer answers a clear question differently from the truth."""

_SEVERITY_EFFECT = 0.035
_NOTES = ("Look at {turn} together.", "A good moment to talk about: {turn}.", "See {turn}.")


@dataclass(frozen=True, slots=True)
class _Reviewer:
    """One reviewer; severity from -1 (lenient) to 1 (strict)."""

    severity: float
    rng: Random
    error_rate: float = _ERROR_RATE

    def errs(self, *, good: bool, critical: bool) -> bool:
        """Draw whether they answer differently; the strict turn a yes into a no more often, the lenient a no.

        Where an answer can fail the whole form, errors are a quarter as frequent.
        """
        share = self.error_rate + _SEVERITY_EFFECT * self.severity * (1 if good else -1)
        return self.rng.random() < (share / 4 if critical else share)


def severity(reviewer: str) -> float:
    """Return how strict a reviewer is, from -1 to 1; others than `REVIEWERS` are between -0.5 and 0.5."""
    if reviewer in REVIEWERS:
        return 1 - 2 * REVIEWERS.index(reviewer) / (len(REVIEWERS) - 1)
    return seeded_random("severity", reviewer).uniform(-0.5, 0.5)


def answers(form: Form, truth: GroundTruth, reviewer: str, seed: int) -> list[dict[str, Any]]:
    """Fill in the form as this reviewer would: every question that is shown, in order."""
    rng = seeded_random(seed, form.key, truth.external_id, reviewer)
    return _filled(form, truth, _Reviewer(severity(reviewer), rng))


def known_answers(form: Form, truth: GroundTruth) -> list[dict[str, Any]]:
    """Fill in the form without a mistake: what a reviewer who never errs would answer."""
    rng = seeded_random(form.key, truth.external_id)
    return _filled(form, truth, _Reviewer(severity=0, rng=rng, error_rate=0))


def _filled(form: Form, truth: GroundTruth, person: _Reviewer) -> list[dict[str, Any]]:
    given: dict[str, Answer] = {}
    for key, question in form.questions.items():
        shown = shown_questions(form, given, channel=truth.channel, intent=truth.intent)
        if key in shown:
            given[key] = _answer(question, truth, person)
    return [answer.to_json() for answer in given.values()]


def _answer(question: Question, truth: GroundTruth, person: _Reviewer) -> Answer:
    fact = truth.facts.get(question.auto or question.key, Fact(truth.quality, truth.main_turn))
    if fact.value is None and question.na_allowed:
        return Answer(question.key, na=True)
    evidence = (Span(fact.turn),)
    value = 1.0 if fact.value is None else fact.value
    if question.kind in {"yes_no", "scale", "single"}:
        option = _option(question, value, person)
        return Answer(question.key, option.key, reasons=_reasons(option, person), evidence=evidence)
    return Answer(question.key, _value(question, value, truth, person), evidence=evidence)


def _option(question: Question, value: float, person: _Reviewer) -> Option:
    """Choose the option nearest to the truth, or by mistake its neighbour."""
    options = sorted(
        (option for option in question.options if option.value is not None),
        key=lambda option: option.value or 0,
    )
    if not options:
        return question.options[0]
    nearest = min(range(len(options)), key=lambda index: abs((options[index].value or 0) - value))
    good = nearest >= len(options) / 2
    if person.errs(good=good, critical=question.critical is not None):
        down = nearest > 0 and (good or nearest == len(options) - 1)
        nearest += -1 if down else 1
    return options[nearest]


def _reasons(option: Option, person: _Reviewer) -> tuple[str, ...]:
    if not option.reasons or not (option.reason_required or person.rng.random() < 0.6):
        return ()
    return (person.rng.choice(option.reasons),)


def _value(question: Question, value: float, truth: GroundTruth, person: _Reviewer) -> Value:
    """Answer the kinds of question that do not choose a single option."""
    if question.kind == "multi":
        keys = [option.key for option in question.options]
        selected = tuple(
            key for key in keys if (key in question.required) == (person.rng.random() < 0.5 + value / 2)
        )
        return selected or tuple(keys[:1])
    if question.kind == "numeric":
        return _number(question, value)
    if question.kind == "text":
        return person.rng.choice(_NOTES).format(turn=f"turn {truth.main_turn + 1}")
    return None


def _number(question: Question, value: float) -> float:
    """Return a number from the range whose value is nearest."""
    if not question.ranges:
        return round(10 * value)
    nearest = min(question.ranges, key=lambda each: abs(each.value - value))
    if nearest.start is not None:
        return nearest.start
    return 0.0 if nearest.end is None or nearest.end > 0 else nearest.end - 1
