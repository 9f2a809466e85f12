"""The severity of a client's reviewers, from its calibration sessions and what several people reviewed."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import distinct, func, or_, select
from sqlalchemy.orm import Session

from qm.calibration.models import Calibration, CalibrationAnswer
from qm.reviews.models import Evaluation
from scorecards.arrays import IntArray
from scorecards.definitions.form import PILLARS
from scorecards.statistics.severity import Severities, severities
from tenants.models import Client

MEASURES = ("score", "empathy", *PILLARS)
LOOKS_BACK = timedelta(days=365)
SETTING = "severity_correction"


@dataclass(frozen=True, slots=True)
class ReviewerSeverity:
    """Severities by measure; `places` says which column is whose.

    `sessions` and `reviewed_twice` count what they rest on: sessions, and interactions outside of them that
    several people reviewed.
    """

    places: Mapping[uuid.UUID, int]
    by_measure: Mapping[str, Severities]
    sessions: int
    reviewed_twice: int

    def places_of(self, reviewers: Sequence[uuid.UUID | None]) -> IntArray:
        """Return the column of each reviewer; -1 for those without one."""
        return np.array(
            [-1 if each is None else self.places.get(each, -1) for each in reviewers], dtype=np.int64
        )


def load_reviewer_severity(
    session: Session, client: Client, *, until: datetime, now: datetime
) -> ReviewerSeverity | None:
    """Return how severe the client's reviewers are, from the year before a moment; None without any session.

    The zero are the experts of these sessions; without any it is the mean of all who took part. Answers of
    people who had seen the interaction judged are left out.
    """
    ended = or_(Calibration.closed_at <= now, Calibration.deadline <= now)
    sessions = session.scalars(
        select(Calibration).where(
            Calibration.client_id == client.client_id,
            ended,
            Calibration.created_at > until - LOOKS_BACK,
        )
    ).all()
    given = _calibrated(session, [each.calibration_id for each in sessions])
    if not given:
        return None
    twice = _reviewed_twice(session, client, until - LOOKS_BACK)
    given += twice
    people = sorted({person for _, person, _ in given})
    places = {person: place for place, person in enumerate(people)}
    experts = [places[each.expert_id] for each in sessions if each.expert_id in places]
    units = {unit: row for row, unit in enumerate(sorted({unit for unit, _, _ in given}))}
    found = {}
    for measure in MEASURES:
        table = np.full((len(units), len(people)), np.nan)
        for unit, person, scores in given:
            value = scores.get(measure)
            table[units[unit], places[person]] = np.nan if value is None else value
        found[measure] = severities(table, sorted(set(experts)))
    return ReviewerSeverity(places, found, len(sessions), len({unit for unit, _, _ in twice}))


_Given = tuple[tuple[str, str], uuid.UUID, Mapping[str, float | None]]


def _calibrated(session: Session, ids: Sequence[uuid.UUID]) -> list[_Given]:
    rows = session.scalars(
        select(CalibrationAnswer).where(CalibrationAnswer.calibration_id.in_(ids), CalibrationAnswer.blind)
    )
    return [((str(row.calibration_id), str(row.interaction_id)), row.user_id, row.scores) for row in rows]


def _reviewed_twice(session: Session, client: Client, since: datetime) -> list[_Given]:
    """Return the scores of interactions that several people reviewed under the same version."""
    several = (
        select(Evaluation.interaction_id, Evaluation.scorecard_id)
        .where(*_by_people(client, since))
        .group_by(Evaluation.interaction_id, Evaluation.scorecard_id)
        .having(func.count(distinct(Evaluation.reviewer_id)) > 1)
        .subquery()
    )
    rows = session.scalars(
        select(Evaluation)
        .join(
            several,
            (several.c.interaction_id == Evaluation.interaction_id)
            & (several.c.scorecard_id == Evaluation.scorecard_id),
        )
        .where(*_by_people(client, since))
    )
    return [
        (
            (str(row.scorecard_id), str(row.interaction_id)),
            row.reviewer_id,
            {name: getattr(row, name) for name in MEASURES},
        )
        for row in rows
        if row.reviewer_id is not None
    ]


def _by_people(client: Client, since: datetime) -> tuple[Any, ...]:
    return (
        Evaluation.tenant_id == client.tenant_id,
        Evaluation.client_id == client.client_id,
        Evaluation.kind == "human",
        Evaluation.superseded_at.is_(None),
        Evaluation.updated_at >= since,
    )


def is_corrected(client: Client) -> bool:
    """Whether the client's estimates are freed of the severity of its reviewers."""
    return bool(client.settings.get(SETTING, False))
