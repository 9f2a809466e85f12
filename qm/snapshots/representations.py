"""How frozen reports, their schedules, links and deliveries are shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qm.snapshots.fixed_periods import next_due
from qm.snapshots.models import ReportDelivery, ReportSchedule, ReportShare, ReportSnapshot, SnapshotVoid
from qm.snapshots.schedules import running_schedules
from qm.snapshots.sharing import state_of
from tenants.bulk_sql import id_array
from tenants.clients import time_zone_of
from tenants.credentials import Actor
from tenants.days import start_of
from tenants.models import Client


def snapshot_representations(
    session: Session, client: Client, snapshots: Sequence[ReportSnapshot]
) -> list[dict[str, Any]]:
    """Return snapshots as they are listed, without their content."""
    ids = [each.snapshot_id for each in snapshots]
    voids: Mapping[Any, SnapshotVoid] = {}
    if ids:
        found = session.scalars(select(SnapshotVoid).where(SnapshotVoid.snapshot_id == id_array(ids)))
        voids = {each.snapshot_id: each for each in found}
    return [_summary(client, each, voids.get(each.snapshot_id)) for each in snapshots]


def snapshot_representation(session: Session, client: Client, snapshot: ReportSnapshot) -> dict[str, Any]:
    """Return one snapshot with its content."""
    [summary] = snapshot_representations(session, client, [snapshot])
    return {**summary, "content": snapshot.content}


def _summary(client: Client, snapshot: ReportSnapshot, void: SnapshotVoid | None) -> dict[str, Any]:
    return {
        "id": snapshot.snapshot_id,
        "client": client.slug,
        "from": snapshot.first_day,
        "to": snapshot.last_day,
        "frozen_by": snapshot.frozen_by,
        "interval": "anytime" if snapshot.frozen_by == "hand" else "fixed_time",
        "due_at": snapshot.due_at,
        "frozen_at": snapshot.frozen_at,
        "for_client": snapshot.for_client,
        "content_hash": snapshot.content_hash,
        "voided_at": void.voided_at if void else None,
        "void_reason": void.reason if void else None,
    }


def share_representation(share: ReportShare, now: datetime) -> dict[str, Any]:
    """Return a share link without what opens it."""
    return {
        "id": share.share_id,
        "state": state_of(share, now),
        "with_password": share.password_hash is not None,
        "created_at": share.created_at,
        "expires_at": share.expires_at,
        "revoked_at": share.revoked_at,
    }


def schedule_representations(session: Session, actor: Actor, client: Client) -> list[dict[str, Any]]:
    """Return the schedules of a client that have not ended, each with what is frozen next."""
    return [
        schedule_representation(actor, client, each, _kept_until(session, client, each))
        for each in running_schedules(session, client)
    ]


def schedule_representation(
    actor: Actor, client: Client, schedule: ReportSchedule, since: datetime
) -> dict[str, Any]:
    """Return a schedule; whom it mails to is the provider's business."""
    period, at = next_due(schedule.unit, schedule.days_after, since=since, time_zone=time_zone_of(client))
    return {
        "id": schedule.schedule_id,
        "unit": schedule.unit,
        "days_after": schedule.days_after,
        "addresses": schedule.addresses if actor.sees_agents else [],
        "created_at": schedule.created_at,
        "next_from": period.first,
        "next_to": period.last,
        "next_at": at,
    }


def _kept_until(session: Session, client: Client, schedule: ReportSchedule) -> datetime:
    """Return the end of the last period that a schedule has frozen; before the first, when it was made."""
    newest = select(func.max(ReportSnapshot.last_day)).where(
        ReportSnapshot.schedule_id == schedule.schedule_id
    )
    last = session.scalar(newest)
    if last is None:
        return schedule.created_at
    return start_of(last + timedelta(days=1), time_zone_of(client))


def delivery_representation(delivery: ReportDelivery) -> dict[str, Any]:
    """Return a delivery and what became of it."""
    waiting = delivery.state == "waiting"
    return {
        "id": delivery.delivery_id,
        "snapshot": delivery.snapshot_id,
        "address": delivery.address,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_attempt_at": delivery.next_attempt_at if waiting else None,
        "error": delivery.error,
        "created_at": delivery.created_at,
        "sent_at": delivery.sent_at,
    }
