"""Blind calibration: the one rule of who sees what others, and the machine, answered in a session.

* Nobody sees it before they have submitted all of theirs, or the session has ended. Interactions that were
  erased, or whose words have changed, ask for no answer.
* Whoever only runs or watches a session has nothing to submit, and sees it once it has ended.
* As long as participants may not see it here, they see no evaluation of these interactions anywhere else
  (`qm/reviews/blindness.py`).
* Once a session has been reopened, nobody answers who has been shown its results.
* What they have answered themselves leaves them blind. Once they are shown the results they have seen what
  others and the machine say of these interactions, and are offered no review of them
  (`qm/reviews/readings.py`).
* Participants see a session once it begins, and a covert one once it has ended: until then its interactions
  are reviews assigned to them. A client's people see the sessions they take part in and no others, and of the
  provider's people numbers instead of names.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, not_, or_, select, true, update
from sqlalchemy.orm import Session

from qm.calibration.models import Calibration, CalibrationParticipant
from qm.reviews.calibrations_to_answer import select_unanswered
from tenants.access import Forbidden
from tenants.credentials import Actor
from tenants.http.faults import Conflict, NotFound
from tenants.isolation import before_commit

RUNNERS = frozenset({"admin", "qm_manager"})
_WATCHERS = frozenset({"team_lead"})


class NotRunner(Forbidden):
    """The credential has the scope, but the role of its user does not run sessions."""

    def __init__(self) -> None:
        """Set the message that names the roles."""
        super().__init__("calibration:write")
        self.args = ("Only a QM manager or an admin runs calibration sessions.",)


def runs(actor: Actor) -> bool:
    """Whether the caller may make and close sessions: managers, admins, and keys that act for nobody."""
    return actor.role is None or actor.role in RUNNERS


def check_runs(actor: Actor) -> None:
    """Raise `NotRunner` unless the caller may make and close sessions."""
    if not runs(actor):
        raise NotRunner


def visible_sessions(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a caller may know of a session."""
    if runs(actor):
        return true()
    ended = or_(Calibration.closed_at.is_not(None), Calibration.deadline <= now)
    mine = exists(
        select(literal(1))
        .select_from(CalibrationParticipant)
        .where(
            CalibrationParticipant.calibration_id == Calibration.calibration_id,
            CalibrationParticipant.user_id == actor.user_id,
        )
    )
    known = and_(mine, or_(ended, and_(not_(Calibration.covert), Calibration.opens_at <= now)))
    return or_(known, ended) if actor.role in _WATCHERS else known


def select_sessions(actor: Actor, now: datetime) -> Select[Calibration]:
    """Return the statement of the sessions that a caller may know of."""
    return select(Calibration).where(visible_sessions(actor, now))


def get_session(session: Session, actor: Actor, calibration_id: uuid.UUID, now: datetime) -> Calibration:
    """Return the session with this id, if the caller may know of it."""
    wanted = select_sessions(actor, now).where(Calibration.calibration_id == calibration_id)
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise NotFound("calibration session")
    return found


def participation(session: Session, actor: Actor, calibration: Calibration) -> CalibrationParticipant | None:
    """Return how the caller takes part in a session, if they do."""
    if actor.user_id is None:
        return None
    return session.scalars(
        select(CalibrationParticipant).where(
            CalibrationParticipant.calibration_id == calibration.calibration_id,
            CalibrationParticipant.user_id == actor.user_id,
        )
    ).one_or_none()


def unanswered(session: Session, actor: Actor, calibration: Calibration) -> Sequence[uuid.UUID]:
    """Return the interactions of a session that the caller still has to answer."""
    if actor.user_id is None:
        return ()
    return session.scalars(select_unanswered(actor.user_id, calibration.calibration_id)).all()


def sees_answers(session: Session, actor: Actor, calibration: Calibration, now: datetime) -> bool:
    """Whether the caller may see what others and the machine answered."""
    if calibration.ended_at(now) is not None:
        return True
    if calibration.covert or participation(session, actor, calibration) is None:
        return False
    return not unanswered(session, actor, calibration)


def note_results_seen(session: Session, actor: Actor, calibration_ids: Collection[uuid.UUID]) -> None:
    """Note that a participant is shown results: from then on they answer nothing of these sessions."""
    if actor.user_id is None:
        return
    statement = (
        update(CalibrationParticipant)
        .where(
            CalibrationParticipant.calibration_id.in_(calibration_ids),
            CalibrationParticipant.user_id == actor.user_id,
            CalibrationParticipant.results_seen_at.is_(None),
        )
        .values(results_seen_at=func.now())
        .execution_options(synchronize_session=False)
    )

    def store(writer: Session) -> None:
        writer.execute(statement)

    before_commit(session, store)


def check_sees_answers(session: Session, actor: Actor, calibration: Calibration, now: datetime) -> None:
    """Raise `Conflict` unless the caller may see what others and the machine answered."""
    if not sees_answers(session, actor, calibration, now):
        raise Conflict(
            "This session is blind: you see what the others and the machine answered once you have submitted "
            "all of your answers, or the session has ended.",
            "still_blind",
        )


def sees_names(actor: Actor, side: str) -> bool:
    """Whether the caller sees the names of the people of a side: a client's people only their own."""
    return actor.role != "client_stakeholder" or side == "client"
