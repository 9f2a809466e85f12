"""The headline of a session: what its figures say, in a sentence (pure)."""

from collections.abc import Sequence

from qm.calibration.question_agreement import Agreement
from scorecards.statistics.agreement import MIN_UNITS, RELIABLE, TENTATIVE, ZONES

MAX_NAMED = 3
MAX_LETTERS = 120
"""So long may the questions be that a headline names; one is always named."""


def finding(overall: Agreement, questions: Sequence[tuple[str, Agreement]]) -> str:
    """Return what a session found; questions are named as they are asked.

    Examples
    --------
    >>> from scorecards.statistics.confidence_intervals import Interval
    >>> low = Agreement(12, 60.0, Interval(0.49, 0.3, 0.66), Interval(0.5, 0.3, 0.7))
    >>> high = Agreement(12, 97.0, Interval(0.91, 0.84, 0.96), Interval(0.9, 0.8, 1.0))
    >>> finding(high, [("Tone?", low), ("Greeting?", high)])
    '“Tone?” is not yet shared language'
    >>> finding(high, [("Greeting?", high)])
    'People agree reliably'
    >>> long = "Did the agent show that they had understood, by saying it back?"
    >>> finding(low, [(long, low), (long, low)])
    '“Did the agent show that they had understood, by saying it back?” and 1 more are not yet shared language'
    """
    if overall.n == 0:
        return "Nobody has answered the same interaction as somebody else, so there is nothing to compare"
    low = [(agreement.alpha.estimate, text) for text, agreement in questions if _is_low(agreement)]
    if low:
        named = _named([text for _, text in sorted(low)])
        more = f" and {len(low) - len(named)} more" if len(low) > len(named) else ""
        joined = f"{', '.join(named)}{more}" if more or len(named) == 1 else _joined(named)
        return f"{joined} {'is' if len(low) == 1 else 'are'} not yet shared language"
    if any(agreement.is_skewed for _, agreement in questions) and (overall.alpha.estimate or 0.0) < TENTATIVE:
        return "Nearly all answers are the same, which tells agreement no better than habit"
    if overall.alpha.estimate is None:
        return "All answers to each question are the same, so nothing tells agreement from habit"
    return (
        "People agree reliably" if overall.alpha.estimate >= RELIABLE else "People agree well enough to go on"
    )


def _is_low(agreement: Agreement) -> bool:
    alpha = agreement.alpha.estimate
    return alpha is not None and alpha < TENTATIVE and not agreement.is_skewed


def _named(texts: Sequence[str]) -> list[str]:
    """Return as many of these questions in quotes as a headline has room for."""
    named = [f"“{text}”" for text in texts[:MAX_NAMED]]
    while len(named) > 1 and sum(map(len, named)) > MAX_LETTERS:
        named.pop()
    return named


def _joined(named: Sequence[str]) -> str:
    return f"{', '.join(named[:-1])} and {named[-1]}"


def number(value: float) -> str:
    """Write a coefficient with a real minus sign.

    Examples
    --------
    >>> number(0.666), number(-0.29).isascii()
    ('0.67', False)
    """
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def finding_note(overall: Agreement, questions: Sequence[tuple[str, Agreement]]) -> str:
    """Return the sentence below the headline: the figure, its interval, and what to do.

    Examples
    --------
    >>> from scorecards.statistics.confidence_intervals import Interval
    >>> low = Agreement(12, 60.0, Interval(0.49, 0.3, 0.66), Interval(0.5, 0.3, 0.7))
    >>> finding_note(low, [("Tone?", low)])
    'Overall alpha 0.49 (0.30 to 0.66). One question falls below 0.667: reword it before it is scored again.'
    >>> skewed = Agreement(12, 94.0, Interval(-0.02, -0.05, 0.0), Interval(0.94, 0.9, 0.98))
    >>> finding(skewed, [("Greeting?", skewed)])
    'Nearly all answers are the same, which tells agreement no better than habit'
    """
    alpha = overall.alpha
    if alpha.estimate is None or alpha.low is None or alpha.high is None:
        return "" if overall.n == 0 else ZONES["no_variation"]
    said = f"Overall alpha {number(alpha.estimate)} ({number(alpha.low)} to {number(alpha.high)})."
    if overall.n < MIN_UNITS:
        said += " Fewer than ten interactions: read the intervals."
    low = sum(_is_low(each) for _, each in questions)
    skewed = sum(each.is_skewed for _, each in questions)
    if skewed:
        what = "one question" if skewed == 1 else f"{skewed} questions"
        said += f" Of {what} nearly all answers are the same: calibrate on interactions where they matter."
    if not low:
        return said if skewed else f"{said} No question falls below 0.667."
    count = "One question falls" if low == 1 else f"{low} questions fall"
    again = "it before it is" if low == 1 else "them before they are"
    return f"{said} {count} below 0.667: reword {again} scored again."
