"""Figures of disputes: answers that changed, days to decisions, what became of the scores (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from scorecards.statistics.confidence_intervals import UNKNOWN, Interval, wilson

UNDECIDED = "undecided"
WITHDRAWN = "withdrawn"
DAYS: Sequence[tuple[str, float]] = (("0-1", 1), ("2-3", 3), ("4-7", 7), ("8-14", 14))
LATER = "15+"
CHANGED = ("as_proposed", "other")


@dataclass(frozen=True, slots=True)
class Case:
    """One disputed answer, with what is known of its dispute; `outcome` is None unless it was decided."""

    dispute: str
    interaction: str
    question: str
    reviewer: str
    side: str
    outcome: str | None
    days: float | None
    score_change: float | None
    withdrawn: bool = False

    @property
    def outcome_group(self) -> str:
        """What became of it: an outcome, `undecided`, or `withdrawn` before a decision.

        >>> Case("d", "i", "hears", "r", "agent", None, None, None, withdrawn=True).outcome_group
        'withdrawn'
        """
        return self.outcome or (WITHDRAWN if self.withdrawn else UNDECIDED)

    @property
    def days_group(self) -> str:
        """The range of days in which the first decision came.

        >>> Case("d", "i", "hears", "r", "agent", "keep", 2.4, None).days_group
        '2-3'
        """
        if self.days is None:
            return WITHDRAWN if self.withdrawn else UNDECIDED
        return next((name for name, most in DAYS if self.days <= most), LATER)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a set of disputed answers comes to.

    Attributes
    ----------
    disputes, interactions, answers : int
        Different disputes and interactions, and disputed answers.
    decided, kept, as_proposed, other : int
        Answers with a decision, and with each outcome.
    changed : Interval
        Share of decided answers that did not stay, with Wilson's interval.
    days : float or None
        Median days to the first decision, over disputes.
    score_change : float or None
        Mean change of the score, in points of 100, over decided disputes.
    """

    disputes: int
    interactions: int
    answers: int
    decided: int
    kept: int
    as_proposed: int
    other: int
    changed: Interval
    days: float | None
    score_change: float | None


def figures(cases: Sequence[Case]) -> Figures:
    """
    Return the figures of disputed answers.

    Parameters
    ----------
    cases : sequence of Case
        One for each disputed answer; several may be of one dispute.

    Returns
    -------
    Figures
        Answers count one by one; days and score changes once for each dispute.

    Examples
    --------
    >>> cases = [Case("d", "i", "hears", "r", "agent", "keep", 2.0, 5.0),
    ...          Case("d", "i", "how", "r", "agent", "as_proposed", 2.0, 5.0),
    ...          Case("e", "j", "how", "r", "client", None, None, None)]
    >>> found = figures(cases)
    >>> found.disputes, found.answers, found.decided, found.changed.estimate, found.days, found.score_change
    (2, 3, 2, 0.5, 2.0, 5.0)
    """
    outcomes = [case.outcome for case in cases if case.outcome is not None]
    changed = sum(outcome in CHANGED for outcome in outcomes)
    by_dispute = {case.dispute: case for case in cases}.values()
    days = [case.days for case in by_dispute if case.days is not None]
    moved = [case.score_change for case in by_dispute if case.score_change is not None]
    return Figures(
        disputes=len(by_dispute),
        interactions=len({case.interaction for case in cases}),
        answers=len(cases),
        decided=len(outcomes),
        kept=outcomes.count("keep"),
        as_proposed=outcomes.count("as_proposed"),
        other=outcomes.count("other"),
        changed=wilson(changed / len(outcomes), len(outcomes)) if outcomes else UNKNOWN,
        days=median(days) if days else None,
        score_change=fmean(moved) if moved else None,
    )
