"""What is exported of which table.

Columns are those of the tables, so that a column added later is exported by itself. Left out are secrets,
working state, errors and drafts, and whatever is binary: digests and artefacts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, LargeBinary, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from qm.calibration.models import Calibration, CalibrationAnswer
from qm.facts.models import InteractionFacts
from qm.interactions.models import Interaction
from qm.reports.report_request import Period
from qm.reviews.models import Evaluation, Review
from qm.sampling.models import SamplingWindow
from scorecards.authoring.models import Definition

TRANSCRIPT = "turns"
_SAME_IN_EVERY_ROW = frozenset({"tenant_id", "client_id"})
_WORKING_STATE = frozenset({"attempts", "claim_token", "lease_until", "error", "draft", "draft_sentiment"})
LEFT_OUT = _SAME_IN_EVERY_ROW | _WORKING_STATE | {TRANSCRIPT}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: its table, its unique key, the scope that it needs, and what is in a period.

    `hides` is the column of the interaction that a reviewer may be blind to; None where nothing is hidden.
    """

    name: str
    table: Any
    key: Sequence[InstrumentedAttribute[Any]]
    scope: str
    in_period: Callable[[Period], Sequence[ColumnElement[bool]]]
    hides: InstrumentedAttribute[Any] | None = None

    def columns(self, *, transcripts: bool = False) -> list[Column[Any]]:
        """Return the exported columns, in the order of the table."""
        return [
            column
            for column in self.table.__table__.columns
            if not isinstance(column.type, LargeBinary)
            and (column.name not in LEFT_OUT or (transcripts and column.name == TRANSCRIPT))
        ]


def _ever_published(_: Period) -> Sequence[ColumnElement[bool]]:
    """Return the condition of every version that was ever in force: evaluations pin old ones."""
    return (Definition.state != "draft",)


def _windows_of_days(period: Period) -> Sequence[ColumnElement[bool]]:
    return (SamplingWindow.first_day <= period.last, SamplingWindow.last_day >= period.first)


def _interactions_started(period: Period) -> Sequence[ColumnElement[bool]]:
    return (Interaction.started_at >= period.start, Interaction.started_at < period.end)


def _facts_of_days(period: Period) -> Sequence[ColumnElement[bool]]:
    return (InteractionFacts.day.between(period.first, period.last),)


def _evaluations_of_interactions(period: Period) -> Sequence[ColumnElement[bool]]:
    """Return the condition as a subquery for each row.

    A join would read the interactions from their beginning for each batch. The client is left out: it is in
    the key of other indexes too, of which PostgreSQL takes any, as long as the tables are not analysed.
    """
    started = select(and_(*_interactions_started(period))).where(
        Interaction.tenant_id == Evaluation.tenant_id,
        Interaction.interaction_id == Evaluation.interaction_id,
    )
    return (started.scalar_subquery(),)


def _reviews_started(period: Period) -> Sequence[ColumnElement[bool]]:
    return (Review.started_at >= period.start, Review.started_at < period.end)


def _of_ended_sessions(period: Period) -> Sequence[ColumnElement[bool]]:
    """Return the condition of answers given in the period to sessions that have ended: others are blind."""
    ended = (
        select(
            or_(Calibration.closed_at.is_not(None), func.coalesce(Calibration.deadline <= func.now(), False))
        )
        .where(
            Calibration.tenant_id == CalibrationAnswer.tenant_id,
            Calibration.client_id == CalibrationAnswer.client_id,
            Calibration.calibration_id == CalibrationAnswer.calibration_id,
        )
        .scalar_subquery()
    )
    return (
        ended,
        CalibrationAnswer.answered_at >= period.start,
        CalibrationAnswer.answered_at < period.end,
    )


_ALL = (
    Kind("definitions", Definition, (Definition.definition_id,), "definitions:read", _ever_published),
    Kind(
        "sampling_windows",
        SamplingWindow,
        (SamplingWindow.window_id,),
        "interactions:read",
        _windows_of_days,
    ),
    Kind(
        "interactions",
        Interaction,
        (Interaction.interaction_id,),
        "interactions:read",
        _interactions_started,
    ),
    Kind(
        "facts",
        InteractionFacts,
        (InteractionFacts.interaction_id,),
        "interactions:read",
        _facts_of_days,
        InteractionFacts.interaction_id,
    ),
    Kind(
        "evaluations",
        Evaluation,
        (Evaluation.interaction_id, Evaluation.evaluation_id),
        "interactions:read",
        _evaluations_of_interactions,
        Evaluation.interaction_id,
    ),
    Kind(
        "calibration_answers",
        CalibrationAnswer,
        (CalibrationAnswer.calibration_id, CalibrationAnswer.interaction_id, CalibrationAnswer.user_id),
        "calibration:read",
        _of_ended_sessions,
        CalibrationAnswer.interaction_id,
    ),
    Kind("reviews", Review, (Review.review_id,), "reviews:read", _reviews_started, Review.interaction_id),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
"""Kinds of records by name, in the order of an export."""
REPORTED = tuple(name for name in KINDS if name != "calibration_answers")
"""What reports are computed from, which is exported where no kind is named."""
