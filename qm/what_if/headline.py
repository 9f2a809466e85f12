"""Summarizes a comparison in one sentence (pure)."""

from qm.what_if.comparison import Comparison

NOTHING = "No evaluation of this period was made with this scorecard, so there is nothing to compare."
ROUNDING = 0.005
"""Interval bounds are shown to two decimal places; values that round to zero count as zero."""


def headline(comparison: Comparison, *, kind: str, incomplete: int) -> str:
    """Return one sentence on what the scorecard would change.

    Parameters
    ----------
    comparison : Comparison
        Comparison of the evaluations of one kind.
    kind : {'automatic', 'human', 'repeated'}
        Stored automatic evaluations, human ones, or automatic evaluations made again.
    incomplete : int
        How many of them lack an answer to a question of the scorecard.

    Examples
    --------
    >>> from qm.what_if.comparison import compare_scores
    >>> headline(compare_scores([]), kind="automatic", incomplete=0) == NOTHING
    True
    """
    if not comparison.evaluations:
        return NOTHING
    plural = "" if comparison.evaluations == 1 else "s"
    noun = f"{comparison.evaluations:,} {kind} evaluation{plural}"
    parts = [_totals(comparison, noun), _outcomes(comparison)]
    if incomplete:
        parts.append(f"{incomplete:,} of them {_verb(incomplete)} an answer that it asks for")
    return "; ".join(part for part in parts if part) + "."


def _totals(comparison: Comparison, noun: str) -> str:
    total = comparison.total
    if total.before is None or total.after is None or total.difference is None:
        return f"None of {noun} has a total both before and after"
    if not comparison.moved:
        return f"No total, outcome or band of {noun} would change"
    if max(map(abs, (total.difference, total.low or 0.0, total.high or 0.0))) < ROUNDING:
        return f"The mean total of {noun} would stay at {total.before:.2f}"
    means = f"from {total.before:.2f} to {total.after:.2f}"
    if total.low is None or total.high is None:
        return f"The mean total of {noun} would move {means}"
    interval = f"95 % interval of the difference {_signed(total.low)} to {_signed(total.high)}"
    if total.low > ROUNDING or total.high < -ROUNDING:
        word = "rise" if total.difference > 0 else "fall"
        points = f"{abs(total.difference):.2f} points"
        return f"The mean total of {noun} would {word} by {points} {means} ({interval})"
    return f"The mean total of {noun} shows no clear move, {means} ({interval})"


def _outcomes(comparison: Comparison) -> str:
    failing, passing = comparison.pass_to_fail.count, comparison.fail_to_pass.count
    if not comparison.moved:
        return ""
    if not failing and not passing:
        return "no outcome would flip"
    return f"{failing:,} would fail that passed, and {passing:,} pass that failed"


def _signed(points: float) -> str:
    return "0.00" if abs(points) < ROUNDING else f"{points:+.2f}"


def _verb(count: int) -> str:
    return "lacks" if count == 1 else "lack"
