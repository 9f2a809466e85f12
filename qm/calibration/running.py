"""Sessions are made and closed here, by whoever runs them."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.calibration.covert_reviews import assign_reviews, cancel_reviews, covert_faults
from qm.calibration.draws import ChosenItem, draw_items, pick_items
from qm.calibration.models import Calibration, CalibrationItem, CalibrationParticipant
from qm.calibration.participants import check_participants, side_of
from tenants import audit
from tenants.http.deferred_faults import FaultCollector
from tenants.http.faults import Conflict, Fault
from tenants.models import Client, User


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to make, as of the API."""

    name: str
    participants: Sequence[uuid.UUID]
    source: str
    draw: Mapping[str, Any] | None
    interactions: Sequence[uuid.UUID]
    reference: str
    expert: uuid.UUID | None
    covert: bool
    opens_at: datetime | None
    deadline: datetime | None
    scorecard_version: str = "then"


def create_session(session: Session, client: Client, new: NewSession, now: datetime) -> Calibration:
    """Make a session; its interactions and the versions they are answered under are fixed from now on.

    Raises
    ------
    Invalid
        With every fault of the people, the times, and the interactions.
    """
    people, items, drawn = _checked(session, client, new, now)
    made = Calibration(
        tenant_id=client.tenant_id,
        client_id=client.client_id,
        name=new.name.strip(),
        source=new.source,
        draw=drawn,
        drawn=len(items),
        reference=new.reference,
        expert_id=new.expert,
        covert=new.covert,
        opens_at=new.opens_at or now,
        deadline=new.deadline,
        created_at=now,
    )
    session.add(made)
    session.flush()
    _add_parts(session, made, items, people)
    if new.covert:
        assign_reviews(session, made, items, people)
    audit.record(
        session,
        "calibration.created",
        f"calibration:{made.calibration_id}",
        client_id=client.client_id,
        name=made.name,
        interactions=len(items),
        participants=list(new.participants),
        draw=drawn,
        scorecard_version=new.scorecard_version,
    )
    return made


def _checked(
    session: Session, client: Client, new: NewSession, now: datetime
) -> tuple[list[User], list[ChosenItem], dict[str, Any] | None]:
    """Return the people, the interactions and how they were drawn; raise Invalid with every fault."""
    people: list[User] = []
    items: list[ChosenItem] = []
    drawn: dict[str, Any] | None = None
    faults = FaultCollector()
    with faults:
        people = check_participants(session, client, new.participants)
    found = [
        *_source_faults(new.source, new.draw, new.interactions),
        *_expert_faults(new.reference, new.expert, new.participants),
        *(
            covert_faults(people, new.opens_at, new.deadline, scorecard_version=new.scorecard_version)
            if new.covert
            else _time_faults(new.opens_at, new.deadline, now)
        ),
    ]
    for fault in found:
        faults.add(fault)
    under = now if new.scorecard_version == "now" else None
    with faults:
        if new.source == "picked":
            items = pick_items(session, client, new.interactions, under)
        elif new.draw is not None:
            items, drawn = draw_items(session, client, reviewed=new.source == "past", under=under, **new.draw)
    faults.raise_all()
    return people, items, drawn


def _source_faults(
    source: str, draw: Mapping[str, Any] | None, interactions: Sequence[uuid.UUID]
) -> list[Fault]:
    if source == "picked" and (not interactions or draw is not None):
        detail = "Name the interactions that are picked, and no draw."
        return [Fault("/interactions", "required", detail)]
    if source != "picked" and (draw is None or interactions):
        detail = "Say of which days how many interactions are drawn, and pick none."
        return [Fault("/draw", "required", detail)]
    return []


def _expert_faults(
    reference: str, expert: uuid.UUID | None, participants: Sequence[uuid.UUID]
) -> list[Fault]:
    if (reference == "expert") != (expert is not None):
        detail = "Name the expert where the reference is one, and nobody otherwise."
        return [Fault("/expert", "required", detail)]
    if expert is not None and expert not in participants:
        return [Fault("/expert", "not_a_participant", "The expert has to be one of the participants.")]
    return []


def _time_faults(opens_at: datetime | None, deadline: datetime | None, now: datetime) -> list[Fault]:
    if deadline is not None and deadline <= max(now, opens_at or now):
        return [Fault("/deadline", "in_past", "The deadline has to come after now and after the opening.")]
    return []


def _add_parts(
    session: Session, made: Calibration, items: Sequence[ChosenItem], people: Sequence[User]
) -> None:
    owner = {name: getattr(made, name) for name in ("tenant_id", "client_id", "calibration_id")}
    session.add_all(
        CalibrationItem(
            **owner,
            interaction_id=item.interaction_id,
            number=number,
            scorecard_id=item.scorecard.definition_id,
            words=item.words,
        )
        for number, item in enumerate(items, 1)
    )
    session.add_all(
        CalibrationParticipant(**owner, user_id=user.user_id, number=number, side=side_of(user))
        for number, user in enumerate(people, 1)
    )
    session.flush()


def lock_session(session: Session, calibration: Calibration) -> Calibration:
    """Return a session as it is now, locked against answers and other changes."""
    return session.scalars(
        select(Calibration)
        .where(Calibration.calibration_id == calibration.calibration_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def close_session(session: Session, calibration: Calibration, now: datetime) -> Calibration:
    """End a session: no answer is taken any more, and everybody sees the results.

    Raises
    ------
    Conflict
        When it has ended already.
    """
    locked = lock_session(session, calibration)
    if locked.ended_at(now) is not None:
        raise Conflict("This session has ended already.", "calibration_closed")
    locked.closed_at = now
    session.flush()
    cancel_reviews(session, locked)
    subject = f"calibration:{locked.calibration_id}"
    audit.record(session, "calibration.closed", subject, client_id=locked.client_id, name=locked.name)
    return locked
