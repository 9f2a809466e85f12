"""The reviewed sample of a period: human beside automatic scores, and the state of everything that was drawn.

Only what was reviewed in turn counts (`scorecards/sampling/worked_queue.py`). How far the queue is worked
off, and which share of what had its turn was answered, are properties of the whole client and period: they
are found before filters and groups are applied.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, or_, select, true
from sqlalchemy.orm import Session

from qm.calibration.reviewer_severity import ReviewerSeverity, is_corrected, load_reviewer_severity
from qm.facts.models import CRITICAL_MEASURES, InteractionFacts
from qm.reports.report_request import ReportRequest
from qm.reviews.models import Evaluation, Review
from qm.reviews.worked_queues import (
    arrival_day,
    counted_probability,
    in_sample,
    load_worked_queue,
    passed_over,
)
from scorecards.arrays import BoolArray, FloatArray
from scorecards.authoring.version_queries import forms_by_id
from scorecards.definitions.form import PILLARS
from scorecards.sampling.worked_queue import WorkedQueue, response_shares
from scorecards.scoring.error_rates import error_rates

EMPATHY_MEASURES = ("empathy", *PILLARS)
OUTCOME_MEASURES = ("score", "pass_rate", *CRITICAL_MEASURES)
WAITING = "waiting"
_EVALUATED = (
    *(Evaluation.score.label("human_score"), Evaluation.outcome, Evaluation.critical),
    *(Evaluation.scorecard_id, Evaluation.reviewer_id),
)


@dataclass(frozen=True, slots=True)
class ReviewedSample:
    """The reviews of a period that count, by group, and the states of all that was drawn.

    Attributes
    ----------
    measures : tuple of str
        Rows of `human` and `machine`.
    groups : object array of shape (n,)
    human, machine : float array of shape (measures, n)
        Scores in [0, 100]; nan where not applicable.
    rate, probability : float array of shape (n,)
        Sampling rate, and the probability of having been drawn, reached and answered.
    states : mapping of group to Counter
        Number of interactions by state of their reviews; `waiting` is queued and claimed together. One with
        an outdated review counts under its present review, too.
    waiting_since : mapping of group to date
        Since when the oldest of a group waits.
    drawn_rates : mapping of float to int
        Number of drawn interactions by sampling rate.
    unanswered : mapping of float to float
        Share of those that had their turn but are not answered, by sampling rate.
    queue : WorkedQueue or None
        How far the queue of the whole client is worked off.
    reviewers : sequence of UUID or None, of length n
    severity : ReviewerSeverity or None
        How severe they are, where the client's estimates are freed of it.
    parts, fits : dict
        What was made of this sample: the parts of groups, and what was fitted to it (`estimates.py`). A
        sample never changes, and lives as long as the report.
    """

    measures: tuple[str, ...]
    groups: NDArray[np.object_]
    human: FloatArray
    machine: FloatArray
    rate: FloatArray
    probability: FloatArray
    states: Mapping[str, Counter[str]] = field(default_factory=dict)
    waiting_since: Mapping[str, date] = field(default_factory=dict)
    drawn_rates: Mapping[float, int] = field(default_factory=dict)
    unanswered: Mapping[float, float] = field(default_factory=dict)
    queue: WorkedQueue | None = None
    reviewers: Sequence[uuid.UUID | None] = ()
    severity: ReviewerSeverity | None = None
    parts: dict[str, "ReviewedSample"] = field(default_factory=dict, repr=False, compare=False)
    fits: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def n(self) -> int:
        """The number of reviews that count."""
        return int(self.probability.size)

    @property
    def reviewed(self) -> int:
        """The number of submitted reviews, counted yet or not."""
        return self.count("submitted")

    @property
    def reached(self) -> datetime | None:
        """What arrived until then has had its turn; None for everything."""
        return None if self.queue is None else self.queue.reached

    @property
    def drawn(self) -> int:
        """The number of drawn interactions."""
        return sum(self.count(state) for state in ("submitted", "skipped", WAITING))

    def count(self, state: str) -> int:
        """Return the number of interactions with a review in a state."""
        return sum(each[state] for each in self.states.values())

    def of_group(self, group: str) -> "ReviewedSample":
        """Return the part of one group."""
        if group not in self.parts:
            self.parts[group] = self._part(np.asarray(self.groups == group, dtype=np.bool_), {group})
        return self.parts[group]

    def without_group(self, group: str) -> "ReviewedSample":
        """Return the part of all other groups."""
        return self._part(np.asarray(self.groups != group, dtype=np.bool_), self.states.keys() - {group})

    def _part(self, kept: BoolArray, groups: Collection[str]) -> "ReviewedSample":
        return ReviewedSample(
            self.measures,
            self.groups[kept],
            self.human[:, kept],
            self.machine[:, kept],
            self.rate[kept],
            self.probability[kept],
            {group: self.states.get(group, Counter()) for group in groups},
            {group: day for group, day in self.waiting_since.items() if group in groups},
            unanswered=self.unanswered,
            queue=self.queue,
            reviewers=[each for each, wanted in zip(self.reviewers, kept, strict=True) if wanted],
            severity=self.severity,
        )


def load_reviewed_sample(
    session: Session,
    request: ReportRequest,
    dimension: str | None = None,
    measures: Sequence[str] = EMPATHY_MEASURES,
    queue: WorkedQueue | None = None,
) -> ReviewedSample:
    """Return the reviewed sample of a report, with these measures; `queue` is its client's, where known."""
    key = getattr(InteractionFacts, dimension) if dimension else InteractionFacts.channel
    scores = [getattr(InteractionFacts, name) for name in measures]
    columns = (key.label("key"), _matches(request).label("matches"), InteractionFacts.rate)
    drawn = (Review.arrived_at, Review.finished_at, Review.draw, Review.inclusion_probability)
    statement = _drawn(request, *columns, *drawn, *scores, *_human_columns(measures), Review.state)
    is_answered = Review.state == "submitted"
    had_turn = session.execute(
        statement.where(or_(is_answered, passed_over)).order_by(Review.review_id)
    ).all()
    answered = [row for row in had_turn if row.state == "submitted"]
    missed = [row for row in had_turn if row.state != "submitted"]
    queue = queue or load_worked_queue(session, request.client.client_id)
    in_turn = [(row, p) for row in answered if (p := counted_probability(queue, row)) is not None]
    responses = response_shares(
        Counter(row.rate for row, _ in in_turn),
        Counter(row.rate for row in missed if counted_probability(queue, row) is not None),
    )
    rows = [row for row, _ in in_turn if row.matches]
    forms = forms_by_id(session, {row.scorecard_id for row in rows}) if _needs_forms(measures) else {}
    probability = [p * responses.get(row.rate, 1.0) for row, p in in_turn if row.matches]
    return ReviewedSample(
        tuple(measures),
        np.array([request.group_of(row.key) if dimension else "" for row in rows], dtype=np.object_),
        _matrix([_human_scores(row, measures, forms) for row in rows], len(measures)),
        _matrix([[row[7 + place] for place in range(len(measures))] for row in rows], len(measures)),
        np.array([row.rate for row in rows], dtype=np.float64),
        np.array(probability, dtype=np.float64),
        **_states(session, request, key if dimension else None),
        unanswered={each: 1 - share for each, share in responses.items()},
        queue=queue,
        reviewers=[row.reviewer_id for row in rows],
        severity=_severity(session, request) if rows and is_corrected(request.client) else None,
    )


def _severity(session: Session, request: ReportRequest) -> ReviewerSeverity | None:
    return load_reviewer_severity(session, request.client, until=request.period.end, now=request.now)


def _matches(request: ReportRequest) -> ColumnElement[bool]:
    return and_(
        true(), *(getattr(InteractionFacts, name) == value for name, value in request.filters.items())
    )


def _drawn(request: ReportRequest, *columns: Any) -> Select[Any]:
    """Return the statement of the drawn reviews of the client and period, without filters."""
    client, period = request.client, request.period
    facts = and_(
        InteractionFacts.tenant_id == Review.tenant_id,
        InteractionFacts.interaction_id == Review.interaction_id,
    )
    evaluation = and_(
        Evaluation.tenant_id == Review.tenant_id,
        Evaluation.interaction_id == Review.interaction_id,
        Evaluation.evaluation_id == Review.evaluation_id,
    )
    return (
        select(*columns)
        .select_from(Review)
        .join(InteractionFacts, facts)
        .outerjoin(Evaluation, evaluation)
        .where(
            Review.tenant_id == client.tenant_id,
            Review.client_id == client.client_id,
            Review.started_at >= period.start,
            Review.started_at < period.end,
            InteractionFacts.judged == 1,
            in_sample,
        )
    )


def _needs_forms(measures: Sequence[str]) -> bool:
    return any(name in measures for name in CRITICAL_MEASURES)


def _human_columns(measures: Sequence[str]) -> tuple[Any, ...]:
    return (
        *(getattr(Evaluation, name).label(f"human_{name}") for name in EMPATHY_MEASURES if name in measures),
        *_EVALUATED,
    )


def _human_scores(row: Any, measures: Sequence[str], forms: Mapping[uuid.UUID, Any]) -> list[float | None]:
    rates: Mapping[str, Any] = {}
    if row.scorecard_id in forms:
        rates = error_rates(
            forms[row.scorecard_id], score=row.human_score, outcome=row.outcome, critical=row.critical
        )
    elif row.outcome is not None:
        rates = {"pass_rate": 100.0 * (row.outcome == "pass")}
    return [
        rates.get(name) if name in OUTCOME_MEASURES[1:] else getattr(row, f"human_{name}")
        for name in measures
    ]


def _matrix(rows: Sequence[Sequence[float | None]], measures: int) -> FloatArray:
    return np.array(rows, dtype=np.float64).reshape(len(rows), measures).T


def _states(session: Session, request: ReportRequest, key: Any) -> dict[str, Any]:
    """Return how many drawn interactions there are by group and state, and what waits since when."""
    state = case((Review.state.in_(("queued", "claimed")), WAITING), else_=Review.state)
    keys = [InteractionFacts.rate, state, *([key] if key is not None else [])]
    # Of one interaction several reviews may be outdated.
    interactions = func.count(distinct(Review.interaction_id))
    statement = _drawn(request, *keys, interactions, func.min(Review.created_at))
    found = session.execute(statement.where(_matches(request), Review.state != "cancelled").group_by(*keys))
    states: dict[str, Counter[str]] = {}
    since: dict[str, date] = {}
    rates: Counter[float] = Counter()
    for rate, name, *group_key, count, oldest in found:
        group = request.group_of(group_key[0]) if group_key else ""
        states.setdefault(group, Counter())[name] += count
        if name != "outdated":
            rates[rate] += count
        if name == WAITING:
            since[group] = min(arrival_day(oldest), since.get(group, date.max))
    return {"states": states, "waiting_since": since, "drawn_rates": rates}
