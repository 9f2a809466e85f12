"""Schedules say when a client's reports are frozen; what is due is frozen once, also after an outage."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from qm.snapshots.fixed_periods import due_periods
from qm.snapshots.freezing import freeze_by_calendar
from qm.snapshots.models import ReportDelivery, ReportSchedule, ReportSnapshot
from tenants import audit
from tenants.clients import time_zone_of
from tenants.credentials import Actor
from tenants.http.faults import NotFound
from tenants.models import Client, new_id

MAX_AT_ONCE = 4
"""So many missed reports are frozen in one transaction; the next run takes the others."""


def set_schedule(
    session: Session,
    actor: Actor,
    client: Client,
    *,
    unit: str,
    days_after: int,
    addresses: Sequence[str],
    now: datetime,
) -> ReportSchedule:
    """Fix when the reports of weeks or months are frozen from now on, in place of an earlier schedule.

    Only dates that come after `now` count, so that nothing is fixed once it is known.
    """
    for earlier in session.scalars(_select_running(client).where(ReportSchedule.unit == unit)):
        end_schedule(session, earlier, now)
    made = ReportSchedule(
        tenant_id=client.tenant_id,
        client_id=client.client_id,
        schedule_id=new_id(),
        unit=unit,
        days_after=days_after,
        addresses=list(dict.fromkeys(addresses)),
        author_id=actor.user_id,
        created_at=now,
    )
    session.add(made)
    session.flush()
    _record(session, made, "set", unit=unit, days_after=days_after, addresses=len(made.addresses))
    return made


def end_schedule(session: Session, schedule: ReportSchedule, now: datetime) -> None:
    """End a schedule: dates that have come by now are still kept, later ones are not."""
    schedule.ended_at = now
    session.flush()
    _record(session, schedule, "ended", unit=schedule.unit)


def running_schedules(session: Session, client: Client) -> Sequence[ReportSchedule]:
    """Return the schedules of a client that have not ended."""
    return session.scalars(_select_running(client).order_by(ReportSchedule.unit)).all()


def get_schedule(session: Session, client: Client, schedule_id: uuid.UUID) -> ReportSchedule:
    """Return a schedule of a client that has not ended, locked."""
    wanted = _select_running(client).where(ReportSchedule.schedule_id == schedule_id)
    found = session.scalars(wanted.with_for_update()).one_or_none()
    if found is None:
        raise NotFound("schedule of reports")
    return found


def freeze_due(session: Session, client: Client, key: bytes, now: datetime) -> int:
    """Freeze what is due of a client, the oldest first, and note whom it is to be mailed to.

    `key` is the sampling key, of which the keys of past months are told.
    """
    frozen = 0
    every = select(ReportSchedule).where(ReportSchedule.client_id == client.client_id)
    for schedule in session.scalars(every.order_by(ReportSchedule.created_at).with_for_update()):
        until = min(now, schedule.ended_at or now)
        known = _frozen_by_calendar(session, client)
        dates = due_periods(
            schedule.unit,
            schedule.days_after,
            since=schedule.created_at,
            now=until,
            time_zone=time_zone_of(client),
        )
        for period, due_at in dates:
            if (period.first, period.last) in known or frozen >= MAX_AT_ONCE:
                continue
            made = freeze_by_calendar(
                session, client, schedule, period=period, due_at=due_at, now=now, key=key
            )
            frozen += 1
            if made.for_client:
                _note_deliveries(session, schedule, made, now)
    return frozen


def _frozen_by_calendar(session: Session, client: Client) -> set[tuple[date, date]]:
    days = select(ReportSnapshot.first_day, ReportSnapshot.last_day)
    ours = ReportSnapshot.client_id == client.client_id, ReportSnapshot.frozen_by == "calendar"
    return {(row.first_day, row.last_day) for row in session.execute(days.where(*ours))}


def _note_deliveries(
    session: Session, schedule: ReportSchedule, snapshot: ReportSnapshot, now: datetime
) -> None:
    session.add_all(
        ReportDelivery(
            tenant_id=snapshot.tenant_id,
            client_id=snapshot.client_id,
            snapshot_id=snapshot.snapshot_id,
            address=address,
            next_attempt_at=now,
            created_at=now,
        )
        for address in schedule.addresses
    )
    session.flush()


def _select_running(client: Client) -> Select[ReportSchedule]:
    return select(ReportSchedule).where(
        ReportSchedule.client_id == client.client_id, ReportSchedule.ended_at.is_(None)
    )


def _record(session: Session, schedule: ReportSchedule, verb: str, **details: object) -> None:
    subject = f"report_schedule:{schedule.schedule_id}"
    audit.record(session, f"report_schedule.{verb}", subject, client_id=schedule.client_id, **details)
