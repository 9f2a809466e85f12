"""Sessions are changed and reopened here, by whoever runs them, with a reason.

Blindness stays: whoever has been shown the results answers nothing of a session any more, and nobody takes
part later who has seen its interactions judged.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from qm.calibration.covert_reviews import assign_reviews, cancel_reviews, covert_faults
from qm.calibration.models import (
    Calibration,
    CalibrationAnswer,
    CalibrationItem,
    CalibrationParticipant,
)
from qm.calibration.participants import MAX_PARTICIPANTS, check_participants, side_of
from qm.calibration.running import lock_session
from qm.reviews.calibrations_to_answer import select_unanswered
from qm.reviews.readings import EvaluationReading
from tenants import audit
from tenants.http.deferred_faults import FaultCollector
from tenants.http.faults import Conflict, Fault
from tenants.models import Client, User

_TIMES = ("opens_at", "deadline")


def change_session(
    session: Session,
    client: Client,
    calibration: Calibration,
    *,
    reason: str,
    changes: Mapping[str, Any],
    now: datetime,
) -> Calibration:
    """Change name, times and participants; `changes` holds what is to change, by its name in the API.

    Raises
    ------
    Invalid
        With every fault of the times and the people.
    Conflict
        When the session has ended and more than its name is to change.
    """
    held = lock_session(session, calibration)
    if held.ended_at(now) is not None and changes.keys() - {"name"}:
        raise Conflict(
            "This session has ended: reopen it to change more than its name.", "calibration_closed"
        )
    added, removed = changes.get("add", ()), changes.get("remove", ())
    people: list[User] = []
    faults = FaultCollector()
    with faults:
        people = check_participants(session, client, added, place="/add")
    for fault in [
        *_time_faults(held, changes, now),
        *_added_faults(session, held, added),
        *_removed_faults(session, held, added, removed),
        *(covert_faults(people, None, None, place="/add") if held.covert else ()),
    ]:
        faults.add(fault)
    faults.raise_all()
    said = _set(held, changes)
    _remove(session, held, removed)
    _add(session, held, people)
    session.flush()
    audit.record(
        session,
        "calibration.changed",
        f"calibration:{held.calibration_id}",
        client_id=held.client_id,
        reason=reason,
        added=list(added),
        removed=list(removed),
        **said,
    )
    return held


def _set(calibration: Calibration, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Set name and times; return what they were and are."""
    said = {}
    for name in ("name", *_TIMES):
        if name in changes:
            value = changes[name].strip() if name == "name" else changes[name]
            said[name] = {"before": getattr(calibration, name), "after": value}
            setattr(calibration, name, value)
    return said


def _time_faults(calibration: Calibration, changes: Mapping[str, Any], now: datetime) -> list[Fault]:
    given = [name for name in _TIMES if name in changes]
    if calibration.covert:
        detail = "A covert session begins at once and ends when it is closed: reviews have no such times."
        return [Fault(f"/{name}", "covert", detail) for name in given]
    faults = []
    opens_at = changes.get("opens_at", calibration.opens_at)
    if "opens_at" in given and (calibration.opens_at <= now or opens_at is None or opens_at <= now):
        detail = "Only a session that has not begun can begin at another time, and only later than now."
        faults.append(Fault("/opens_at", "in_past", detail))
    deadline = changes.get("deadline", calibration.deadline)
    if given and deadline is not None and deadline <= max(now, opens_at or now):
        detail = "The deadline has to come after now and after the opening."
        faults.append(Fault("/deadline", "in_past", detail))
    return faults


def _added_faults(session: Session, calibration: Calibration, added: Sequence[uuid.UUID]) -> list[Fault]:
    items = select(CalibrationItem.interaction_id).where(
        CalibrationItem.calibration_id == calibration.calibration_id
    )
    seen = set(
        session.scalars(
            select(EvaluationReading.user_id).where(
                EvaluationReading.user_id.in_(added), EvaluationReading.interaction_id.in_(items)
            )
        )
    )
    present = {each.user_id for each in _participants(session, calibration)}
    faults = []
    for place, user_id in enumerate(added):
        if user_id in present:
            faults.append(Fault(f"/add/{place}", "duplicate", "This person takes part already."))
        elif user_id in seen:
            detail = "This person has been shown how an interaction of this session was judged."
            faults.append(Fault(f"/add/{place}", "has_seen", detail))
    if len(present) + len(added) > MAX_PARTICIPANTS:
        detail = f"At most {MAX_PARTICIPANTS} people take part."
        faults.append(Fault("/add", "too_many", detail))
    return faults


def _removed_faults(
    session: Session, calibration: Calibration, added: Sequence[uuid.UUID], removed: Sequence[uuid.UUID]
) -> list[Fault]:
    present = {each.user_id for each in _participants(session, calibration)}
    answered = set(
        session.scalars(
            select(CalibrationAnswer.user_id)
            .where(CalibrationAnswer.calibration_id == calibration.calibration_id)
            .distinct()
        )
    )
    faults = []
    for place, user_id in enumerate(removed):
        if user_id not in present:
            faults.append(Fault(f"/remove/{place}", "not_a_participant", "This person takes no part."))
        elif user_id in answered:
            detail = "This person has answered already; what they answered counts."
            faults.append(Fault(f"/remove/{place}", "has_answered", detail))
        elif user_id == calibration.expert_id:
            faults.append(Fault(f"/remove/{place}", "is_expert", "The expert is the reference and stays."))
    if removed and not added and present <= set(removed):
        faults.append(Fault("/remove", "nobody_left", "Somebody has to take part."))
    return faults


def _participants(session: Session, calibration: Calibration) -> Sequence[CalibrationParticipant]:
    wanted = select(CalibrationParticipant).where(
        CalibrationParticipant.calibration_id == calibration.calibration_id
    )
    return session.scalars(wanted).all()


def _remove(session: Session, calibration: Calibration, removed: Sequence[uuid.UUID]) -> None:
    if not removed:
        return
    cancel_reviews(session, calibration, removed)
    session.execute(
        delete(CalibrationParticipant).where(
            CalibrationParticipant.calibration_id == calibration.calibration_id,
            CalibrationParticipant.user_id.in_(removed),
        )
    )


def _add(session: Session, calibration: Calibration, people: Sequence[User]) -> None:
    if not people:
        return
    owner = {name: getattr(calibration, name) for name in ("tenant_id", "client_id", "calibration_id")}
    last = session.scalar(
        select(func.max(CalibrationParticipant.number)).where(
            CalibrationParticipant.calibration_id == calibration.calibration_id
        )
    )
    session.add_all(
        CalibrationParticipant(**owner, user_id=user.user_id, number=number, side=side_of(user))
        for number, user in enumerate(people, (last or 0) + 1)
    )
    if calibration.covert:
        items = session.scalars(
            select(CalibrationItem)
            .where(CalibrationItem.calibration_id == calibration.calibration_id)
            .order_by(CalibrationItem.number)
        ).all()
        assign_reviews(session, calibration, items, people)


def reopen_session(
    session: Session, calibration: Calibration, *, reason: str, deadline: datetime | None, now: datetime
) -> Calibration:
    """Take answers again of those who have not seen the results.

    Raises
    ------
    Invalid
        When the deadline has passed already.
    Conflict
        When the session is open, was covert, or everybody has answered or seen the results.
    """
    held = lock_session(session, calibration)
    if held.ended_at(now) is None:
        raise Conflict("This session has not ended.", "calibration_open")
    if held.covert:
        detail = "Who took part in a covert session knows of it once it has ended: make another one."
        raise Conflict(detail, "covert_session")
    faults = FaultCollector()
    if deadline is not None and deadline <= now:
        faults.add(Fault("/deadline", "in_past", "The deadline has to come after now."))
    faults.raise_all()
    if not _somebody_left(session, held):
        detail = "Everybody has answered all of it or has seen the results: nobody could answer blind."
        raise Conflict(detail, "nobody_left")
    before = held.ended_at(now)
    held.closed_at, held.deadline, held.reopened_at = None, deadline, now
    session.flush()
    audit.record(
        session,
        "calibration.reopened",
        f"calibration:{held.calibration_id}",
        client_id=held.client_id,
        reason=reason,
        ended_at=before,
        deadline=deadline,
    )
    return held


def _somebody_left(session: Session, calibration: Calibration) -> bool:
    people = [each.user_id for each in _participants(session, calibration)]
    unanswered = (select_unanswered(user_id, calibration.calibration_id).limit(1) for user_id in people)
    return any(session.scalar(each) is not None for each in unanswered)
