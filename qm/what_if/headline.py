"""What a comparison shows, in one sentence (pure)."""

from qm.what_if.comparison import Comparison

NOTHING = "No evaluation of this period was made with this scorecard, so there is nothing to compare."
NEAR = 0.005
"""Ends of an interval are shown to two places; what rounds to zero is zero."""


def headline(comparison: Comparison, *, kind: str, incomplete: int) -> str:
    """Say in one sentence what the scorecard would change.

    Parameters
    ----------
    comparison : Comparison
        Of the evaluations of one kind.
    kind : {'automatic', 'human', 'repeated'}
        Whose they are: the machine's, people's, or the machine's of conversations judged again.
    incomplete : int
        How many of them lack an answer that the scorecard asks for.

    Examples
    --------
    >>> from qm.what_if.comparison import compare
    >>> finding(compare([]), kind="automatic", incomplete=0) == NOTHING
    True
    """
    if not comparison.evaluations:
        return NOTHING
    plural = "" if comparison.evaluations == 1 else "s"
    them = f"{comparison.evaluations:,} {kind} evaluation{plural}"
    parts = [_totals(comparison, them), _outcomes(comparison)]
    if incomplete:
        parts.append(f"{incomplete:,} of them {_verb(incomplete)} an answer that it asks for")
    return "; ".join(part for part in parts if part) + "."


def _totals(comparison: Comparison, them: str) -> str:
    total = comparison.total
    if total.before is None or total.after is None or total.difference is None:
        return f"None of {them} has a total both before and after"
    if not comparison.moved:
        return f"No total, outcome or band of {them} would change"
    if max(map(abs, (total.difference, total.low or 0.0, total.high or 0.0))) < NEAR:
        return f"The mean total of {them} would stay at {total.before:.2f}"
    ends = f"from {total.before:.2f} to {total.after:.2f}"
    if total.low is None or total.high is None:
        return f"The mean total of {them} would move {ends}"
    interval = f"95 % interval of the difference {_signed(total.low)} to {_signed(total.high)}"
    if total.low > NEAR or total.high < -NEAR:
        word = "rise" if total.difference > 0 else "fall"
        return (
            f"The mean total of {them} would {word} by {abs(total.difference):.2f} points {ends} ({interval})"
        )
    return f"The mean total of {them} shows no clear move, {ends} ({interval})"


def _outcomes(comparison: Comparison) -> str:
    failing, passing = comparison.pass_to_fail.count, comparison.fail_to_pass.count
    if not comparison.moved:
        return ""
    if not failing and not passing:
        return "no outcome would flip"
    return f"{failing:,} would fail that passed, and {passing:,} pass that failed"


def _signed(points: float) -> str:
    return "0.00" if abs(points) < NEAR else f"{points:+.2f}"


def _verb(count: int) -> str:
    return "lacks" if count == 1 else "lack"
