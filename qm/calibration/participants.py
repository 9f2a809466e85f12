"""Who takes part in a session: reviewers and managers for the provider, stakeholders for the client."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qm.calibration.models import Calibration, CalibrationAnswer, CalibrationParticipant
from tenants.clients import every_client
from tenants.http.faults import Fault, Invalid
from tenants.models import Client, Membership, User
from tenants.roles import ROLES

MAX_PARTICIPANTS = 30
_STAKEHOLDER = "client_stakeholder"
_SCOPE = "calibration:write"


@dataclass(frozen=True, slots=True)
class Attendance:
    """A participant, and how many interactions they have answered until when."""

    number: int
    user_id: uuid.UUID
    name: str
    side: str
    answered: int
    last_answer_at: datetime | None


def check_participants(
    session: Session, client: Client, user_ids: Sequence[uuid.UUID], *, place: str = "/participants"
) -> list[User]:
    """Return the people who are to take part.

    Raises
    ------
    Invalid
        With a fault for each that is unknown, named twice, or may not take part.
    """
    found = {user.user_id: user for user in session.scalars(select(User).where(User.user_id.in_(user_ids)))}
    fitting = {user.user_id for user in possible_participants(session, client)}
    faults = [
        Fault(f"{place}/{number}", *fault)
        for number, user_id in enumerate(user_ids)
        if (fault := _ineligibility(found.get(user_id), fitting, twice=user_id in user_ids[:number]))
    ]
    if faults:
        raise Invalid(faults)
    return [found[user_id] for user_id in user_ids]


def _ineligibility(
    user: User | None, fitting: Collection[uuid.UUID], *, twice: bool
) -> tuple[str, str] | None:
    if user is None or user.disabled_at is not None:
        return "unknown_person", "There is no such person."
    if twice:
        return "duplicate", "This person is named twice."
    if _SCOPE not in ROLES[user.role]:
        return "cannot_take_part", f"The role {user.role} does not take part in calibration."
    return None if user.user_id in fitting else ("other_client", "This person does not work for the client.")


def possible_participants(session: Session, client: Client) -> list[User]:
    """Return who may take part in a session of a client: its stakeholders, and who works for it."""
    with every_client(session):  # what else they are bound to lies outside of this client's scope
        bound: dict[uuid.UUID, set[uuid.UUID]] = {}
        for row in session.scalars(select(Membership)):
            bound.setdefault(row.user_id, set()).add(row.client_id)
    people = session.scalars(select(User).where(User.disabled_at.is_(None)).order_by(User.name))
    return [
        user
        for user in people
        if _SCOPE in ROLES[user.role]
        and (
            client.client_id in bound.get(user.user_id, ())
            or (user.user_id not in bound and user.role != _STAKEHOLDER)
        )
    ]


def side_of(user: User) -> str:
    """Return for which side somebody takes part."""
    return "client" if user.role == _STAKEHOLDER else "provider"


def load_attendance(session: Session, calibration: Calibration) -> list[Attendance]:
    """Return the participants of a session in their order, and what they have answered."""
    answered = (
        select(
            CalibrationAnswer.user_id,
            func.count().label("answered"),
            func.max(CalibrationAnswer.answered_at).label("last"),
        )
        .where(CalibrationAnswer.calibration_id == calibration.calibration_id)
        .group_by(CalibrationAnswer.user_id)
        .subquery()
    )
    rows = session.execute(
        select(CalibrationParticipant, User.name, answered.c.answered, answered.c.last)
        .join(User, User.user_id == CalibrationParticipant.user_id)
        .outerjoin(answered, answered.c.user_id == CalibrationParticipant.user_id)
        .where(CalibrationParticipant.calibration_id == calibration.calibration_id)
        .order_by(CalibrationParticipant.number)
    )
    return [
        Attendance(each.number, each.user_id, name, each.side, count or 0, last)
        for each, name, count, last in rows
    ]
