"""Reports are frozen here, by hand and by the calendar, read back, and voided."""

import uuid
from collections import Counter
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from qm.disclosure import is_small
from qm.reports.queries import count_unscored, rollup_sums
from qm.reports.report_request import Period, ReportRequest, period_name
from qm.snapshots.content import Freeze, canonical_json, content_hash, frozen_content
from qm.snapshots.fixed_periods import checked_period
from qm.snapshots.models import ReportSchedule, ReportSnapshot, SnapshotVoid
from qm.webhooks.announcements import report_frozen
from tenants import audit
from tenants.clients import time_zone_of
from tenants.credentials import Actor
from tenants.http.faults import Conflict, NotFound
from tenants.models import Client, new_id


def freeze_by_hand(
    session: Session, actor: Actor, client: Client, *, first: date, last: date, now: datetime, key: bytes
) -> ReportSnapshot:
    """Freeze the report of a month or week that is over, with intervals that hold whenever that is done.

    Raises
    ------
    Invalid
        For other days, and for a period that is not over.
    """
    period = checked_period(first, last, time_zone_of(client), now)
    return _freeze(session, client, period, Freeze("hand", now), key=key, author_id=actor.user_id)


def freeze_by_calendar(
    session: Session,
    client: Client,
    schedule: ReportSchedule,
    *,
    period: Period,
    due_at: datetime,
    now: datetime,
    key: bytes,
) -> ReportSnapshot:
    """Freeze the report of a period whose date has come; the database refuses to do it twice."""
    return _freeze(
        session,
        client,
        period,
        Freeze("calendar", now, due_at),
        key=key,
        schedule_id=schedule.schedule_id,
    )


def _freeze(
    session: Session,
    client: Client,
    period: Period,
    freeze: Freeze,
    *,
    key: bytes,
    author_id: uuid.UUID | None = None,
    schedule_id: uuid.UUID | None = None,
) -> ReportSnapshot:
    text = canonical_json(frozen_content(session, client, period, freeze, key))
    made = ReportSnapshot(
        tenant_id=client.tenant_id,
        client_id=client.client_id,
        snapshot_id=new_id(),
        first_day=period.first,
        last_day=period.last,
        frozen_by=freeze.frozen_by,
        schedule_id=schedule_id,
        due_at=freeze.due_at,
        frozen_at=freeze.frozen_at,
        author_id=author_id,
        for_client=not tells_of_few(session, client, period, freeze.frozen_at),
        content=text,
        content_hash=content_hash(text),
    )
    session.add(made)
    session.flush()
    audit.record(
        session,
        "report.frozen",
        f"snapshot:{made.snapshot_id}",
        client_id=client.client_id,
        first_day=period.first,
        last_day=period.last,
        frozen_by=freeze.frozen_by,
        content_hash=made.content_hash,
    )
    report_frozen(
        session,
        client.client_id,
        snapshot_id=made.snapshot_id,
        first=period.first,
        last=period.last,
        content_hash=made.content_hash,
    )
    return made


def tells_of_few(session: Session, client: Client, period: Period, now: datetime) -> bool:
    """Whether a week, subtracted from the months it lies in, would tell of fewer than five interactions.

    A month alone tells of nothing: its own small figures are kept back.
    """
    request = ReportRequest(client, period, "day", now)
    counts: Counter[str] = Counter()
    for (day,), sums in rollup_sums(session, request, "day", names=("scored",)).items():
        counts[period_name(date.fromisoformat(day), "month")] += int(sums["scored"])
    for day, count in count_unscored(session, request, "day").items():
        counts[period_name(date.fromisoformat(day), "month")] += count
    return period.is_week and any(is_small(count) for count in counts.values())


def select_snapshots(actor: Actor, client: Client) -> Select[ReportSnapshot]:
    """Return the statement of a client's snapshots that somebody may read."""
    statement = select(ReportSnapshot).where(ReportSnapshot.client_id == client.client_id)
    return statement if actor.sees_agents else statement.where(ReportSnapshot.for_client)


def get_snapshot(session: Session, actor: Actor, client: Client, snapshot_id: uuid.UUID) -> ReportSnapshot:
    """Return a snapshot of a client; one that the caller may not read is unknown to them."""
    wanted = select_snapshots(actor, client).where(ReportSnapshot.snapshot_id == snapshot_id)
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise NotFound("frozen report")
    return found


def void_snapshot(
    session: Session, actor: Actor, snapshot: ReportSnapshot, *, reason: str, now: datetime
) -> None:
    """Say that a snapshot holds no longer, and why; its links open nothing any more.

    Raises
    ------
    Conflict
        When that was said before.
    """
    if session.get(SnapshotVoid, _key(snapshot)) is not None:
        raise Conflict("This frozen report was voided before.", "already_voided")
    session.add(
        SnapshotVoid(
            tenant_id=snapshot.tenant_id,
            client_id=snapshot.client_id,
            snapshot_id=snapshot.snapshot_id,
            reason=reason,
            author_id=actor.user_id,
            voided_at=now,
        )
    )
    session.flush()
    subject = f"snapshot:{snapshot.snapshot_id}"
    audit.record(session, "report.voided", subject, client_id=snapshot.client_id, reason=reason)


def _key(snapshot: ReportSnapshot) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    return snapshot.tenant_id, snapshot.snapshot_id, snapshot.client_id
