"""What a team can reach together, each measure one function: add yours to `GOAL_MEASURES`.

A measure takes the session, the client and two days, and returns a figure of everybody together, with the
number of people behind it. With fewer than three people it would tell of one of them: then nothing is shown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from qm.calibration.models import Calibration, CalibrationAnswer, CalibrationItem, CalibrationParticipant
from qm.reviewer_quality.check_loading import load_checks
from tenants.models import Client

MIN_PEOPLE = 3


@dataclass(frozen=True, slots=True)
class TeamFigure:
    """A figure in percent, or None where nothing was measured, and how many people it is of."""

    percent: float | None
    people: int

    @property
    def shown(self) -> float | None:
        """The figure, where it tells of nobody alone."""
        return self.percent if self.people >= MIN_PEOPLE else None


def _golden_agreement(session: Session, client: Client, first: date, last: date) -> TeamFigure:
    """Percent of questions of golden items that were answered as known, over everybody."""
    checks = [
        [each for each in found if each.kind == "golden" and each.questions]
        for found in load_checks(session, first=first, last=last, client=client).values()
    ]
    asked = sum(len(each.questions) for found in checks for each in found)
    agreed = sum(each.agreed for found in checks for each in found)
    return TeamFigure(100 * agreed / asked if asked else None, sum(bool(found) for found in checks))


def _calibration_answered(session: Session, client: Client, first: date, last: date) -> TeamFigure:
    """Percent of what was asked in calibration sessions of these days that was answered."""
    start = datetime.combine(first, time(), UTC)
    end = datetime.combine(last, time(), UTC) + timedelta(days=1)
    answer, item, participant = CalibrationAnswer, CalibrationItem, CalibrationParticipant
    row = session.execute(
        select(
            func.count().label("asked"),
            func.count(answer.answered_at).label("answered"),
            func.count(participant.user_id.distinct()).label("people"),
        )
        .select_from(Calibration)
        .join(item, item.calibration_id == Calibration.calibration_id)
        .join(participant, participant.calibration_id == Calibration.calibration_id)
        .outerjoin(
            answer,
            and_(
                answer.calibration_id == item.calibration_id,
                answer.interaction_id == item.interaction_id,
                answer.user_id == participant.user_id,
            ),
        )
        .where(
            Calibration.client_id == client.client_id,
            ~Calibration.covert,
            participant.side == "provider",
            Calibration.opens_at >= start,
            Calibration.opens_at < end,
        )
    ).one()
    return TeamFigure(100 * row.answered / row.asked if row.asked else None, row.people)


GOAL_MEASURES: Mapping[str, Callable[[Session, Client, date, date], TeamFigure]] = {
    "golden_agreement": _golden_agreement,
    "calibration_answered": _calibration_answered,
}
