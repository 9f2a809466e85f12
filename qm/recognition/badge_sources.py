"""What badges rest on, each source one function: add yours to `BADGE_SOURCES`.

A source takes the session, the person and the moment, and returns what of its kind the person has earned, a
`Badge` or None; the kind goes into `badges.KINDS`, its words into `_badge` of the page of recognition.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Date, cast, func, or_, select
from sqlalchemy.orm import Session

from qm.calibration.models import Calibration, CalibrationAnswer, CalibrationParticipant
from qm.coaching.follow_up import coached_questions_that_moved
from qm.kudos.giving import count_confirmed
from qm.recognition.badges import (
    Badge,
    accuracy_badge,
    agreement_badge,
    count_badge,
    improvement_badge,
    streak_badge,
    working_weeks,
)
from qm.reviewer_quality.check_loading import load_checks
from qm.reviewer_quality.figures import Check, agreement
from qm.reviews.models import Review
from scorecards.statistics.confidence_intervals import Interval
from tenants.models import User

QUARTER = timedelta(days=90)
YEAR = timedelta(days=365)


def _streak(session: Session, user: User, now: datetime) -> Badge | None:
    day = cast(func.timezone("UTC", Review.finished_at), Date)
    days = session.scalars(
        select(day)
        .where(Review.reviewer_id == user.user_id, Review.state == "submitted", Review.kind == "standard")
        .distinct()
    )
    return streak_badge(working_weeks(days, now.astimezone(UTC).date()))


def _golden(session: Session, user: User, now: datetime) -> Badge | None:
    found = agreement(_golden_checks(session, user, now - QUARTER, now))
    if found.estimate is None or found.low is None or found.high is None:
        return None
    return agreement_badge(Interval(100 * found.estimate, 100 * found.low, 100 * found.high))


def _improvement(session: Session, user: User, now: datetime) -> Badge | None:
    before = _golden_checks(session, user, now - 2 * QUARTER, now - QUARTER - timedelta(days=1))
    return improvement_badge(_percents(before), _percents(_golden_checks(session, user, now - QUARTER, now)))


def _golden_checks(session: Session, user: User, first: datetime, last: datetime) -> list[Check]:
    found = load_checks(session, first=first.date(), last=last.date()).get(user.user_id, ())
    return [each for each in found if each.kind == "golden" and each.questions]


def _percents(checks: Sequence[Check]) -> list[float]:
    return [100 * each.agreed / len(each.questions) for each in checks]


def _calibration(session: Session, user: User, now: datetime) -> Badge | None:
    """Take the sessions of the last year that have ended; the others, or the expert, are the reference."""
    ended = or_(Calibration.closed_at <= now, Calibration.deadline <= now)
    mine = select(CalibrationParticipant.calibration_id).where(CalibrationParticipant.user_id == user.user_id)
    rows = session.execute(
        select(
            CalibrationAnswer.calibration_id,
            CalibrationAnswer.interaction_id,
            CalibrationAnswer.user_id,
            CalibrationAnswer.scores,
            Calibration.expert_id,
        )
        .join(Calibration, Calibration.calibration_id == CalibrationAnswer.calibration_id)
        .where(
            CalibrationAnswer.calibration_id.in_(mine),
            ended,
            Calibration.reference != "none",
            CalibrationAnswer.answered_at > now - YEAR,
        )
        .order_by(CalibrationAnswer.calibration_id, CalibrationAnswer.interaction_id)
    ).all()
    items: dict[tuple[object, object], dict[object, float]] = {}
    experts = {row.calibration_id: row.expert_id for row in rows}
    for row in rows:
        if row.scores.get("score") is not None:
            key = (row.calibration_id, row.interaction_id)
            items.setdefault(key, {})[row.user_id] = row.scores["score"]
    found = [
        _deviation(scores, user.user_id, experts[session_id]) for (session_id, _), scores in items.items()
    ]
    return accuracy_badge([each for each in found if each is not None])


def _deviation(scores: dict[object, float], user_id: object, expert_id: object) -> float | None:
    if user_id not in scores or user_id == expert_id:
        return None
    if expert_id is not None:
        return scores[user_id] - scores[expert_id] if expert_id in scores else None
    others = [score for other, score in scores.items() if other != user_id]
    return scores[user_id] - sum(others) / len(others) if len(others) >= 2 else None


def _kudos(session: Session, user: User, _now: datetime) -> Badge | None:
    return count_badge("kudos", count_confirmed(session, user.agent)) if user.agent else None


def _coached(session: Session, user: User, _now: datetime) -> Badge | None:
    """Take the questions of plans that later evaluations showed to have moved."""
    if not user.agent:
        return None
    return count_badge("coached_questions", len(coached_questions_that_moved(session, user.agent)))


BADGE_SOURCES: Sequence[Callable[[Session, User, datetime], Badge | None]] = (
    _streak,
    _golden,
    _improvement,
    _calibration,
    _kudos,
    _coached,
)
