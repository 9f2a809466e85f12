"""Agreement over the sessions of a client, and whether a reworded question is agreed on more than before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from qm.calibration.blindness import visible_sessions
from qm.calibration.board import Board, QuestionRatings, ratings_of
from qm.calibration.board_loading import load_board
from qm.calibration.models import Calibration
from qm.calibration.question_agreement import Agreement, question_agreement
from scorecards.statistics.agreement_change import AgreementChange, agreement_change, unit_agreement
from tenants.credentials import Actor

MAX_SESSIONS = 12


@dataclass(frozen=True, slots=True)
class PastSession:
    """A session that has ended, or the present one, with its board."""

    calibration: Calibration
    ended_at: datetime | None
    board: Board


@dataclass(frozen=True, slots=True)
class QuestionHistory:
    """A question over sessions, oldest first: each with the version of its scorecard, and its agreement."""

    scorecard: str
    question: str
    sessions: Sequence[tuple[PastSession, int, Agreement]]
    change: AgreementChange | None
    before: int | None
    after: int | None


def load_past(
    session: Session, actor: Actor, calibration: Calibration, board: Board, now: datetime
) -> list[PastSession]:
    """Return the sessions of the client that ended before this one, and this one, oldest first."""
    began = calibration.created_at
    ended = or_(Calibration.closed_at <= began, Calibration.deadline <= began)
    earlier = session.scalars(
        select(Calibration)
        .where(Calibration.client_id == calibration.client_id, ended, visible_sessions(actor, now))
        .order_by(Calibration.created_at.desc(), Calibration.calibration_id.desc())
        .limit(MAX_SESSIONS - 1)
    ).all()
    past = [PastSession(each, each.ended_at(now), load_board(session, actor, each)) for each in earlier]
    return [*reversed(past), PastSession(calibration, calibration.ended_at(now), board)]


def question_histories(past: Sequence[PastSession]) -> list[QuestionHistory]:
    """Return the history of each question of the last of these sessions."""
    by_session = [
        {(each.scorecard, each.question.key): each for each in ratings_of(one.board)} for one in past
    ]
    return [_history(past, by_session, key) for key in by_session[-1]] if past else []


def _history(past: Sequence[PastSession], by_session: Sequence[Any], key: tuple[str, str]) -> QuestionHistory:
    found: list[tuple[PastSession, QuestionRatings]] = [
        (one, ratings[key]) for one, ratings in zip(past, by_session, strict=True) if key in ratings
    ]
    sessions = [
        (one, ratings.version, question_agreement(ratings, one.board.people)) for one, ratings in found
    ]
    last = found[-1][1]
    earlier = [each for each in found if _wording(each[1]) != _wording(last)]
    if not earlier:
        return QuestionHistory(*key, sessions, None, None, None)
    before = _wording(earlier[-1][1])
    change = agreement_change(_units(found, before), _units(found, _wording(last)))
    return QuestionHistory(*key, sessions, change, earlier[-1][1].version, last.version)


def _wording(ratings: QuestionRatings) -> tuple[Any, ...]:
    """Return what people read of a question: as long as it stays, a new version is no rewording."""
    question = ratings.question
    options = tuple((option.key, option.label, option.value) for option in question.options)
    return question.text, question.help, question.examples, question.na_allowed, options


def _units(found: Sequence[tuple[PastSession, QuestionRatings]], wording: tuple[Any, ...]) -> list[float]:
    """Return the agreement on each item, over the sessions with this wording."""
    return [
        share
        for one, ratings in found
        if _wording(ratings) == wording
        for share in unit_agreement(ratings.counts(one.board.people, ratings.items))
    ]
