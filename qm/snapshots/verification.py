"""Recomputes a frozen report from the database and compares it figure by figure."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from qm.facts.models import InteractionFacts
from qm.interactions.models import Interaction
from qm.reports.report_request import Period
from qm.reviews.models import Evaluation
from qm.snapshots.content import Freeze, content_hash, frozen_content, leaves
from qm.snapshots.models import ReportSnapshot
from scorecards.authoring.models import Definition
from tenants.clients import time_zone_of
from tenants.http.faults import Fault, Invalid, NotFound
from tenants.models import AuditEntry, Client

# What is about the making of a snapshot, and no figure.
_NOT_COMPARED = ("/versions/qm",)


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that comes out otherwise now: its JSON pointer, the frozen value and the present one."""

    path: str
    frozen: Any
    now: Any


@dataclass(frozen=True, slots=True)
class SnapshotVerification:
    """What came out of recomputing a snapshot.

    Attributes
    ----------
    hash_holds : bool
        Whether the content has the hash that it is given with, which is that in the database.
    figures : int
        Values that were compared.
    differences : tuple of Difference
    changed : mapping
        What has changed in the data of the period since it was frozen, in words, with how often; empty where
        nothing has, so that no difference has an innocent reason.
    """

    snapshot_id: str
    content_hash: str
    hash_holds: bool
    figures: int
    differences: tuple[Difference, ...]
    changed: Mapping[str, int]

    @property
    def holds(self) -> bool:
        """Whether the hash holds and every figure came out the same."""
        return self.hash_holds and not self.differences


def load_stored(session: Session, snapshot_id: uuid.UUID) -> ReportSnapshot:
    """Return a snapshot of this provider by its id."""
    found = session.scalars(
        select(ReportSnapshot).where(ReportSnapshot.snapshot_id == snapshot_id)
    ).one_or_none()
    if found is None:
        raise NotFound("frozen report")
    return found


class SnapshotFile(NamedTuple):
    """A frozen report as the API gives it: its id, its content, which is a text, and the hash of that."""

    snapshot_id: uuid.UUID
    content: str
    content_hash: str


def read_snapshot_file(data: bytes) -> SnapshotFile:
    """Return a frozen report as the API gives it.

    Raises
    ------
    Invalid
        For a file that is none.
    """
    try:
        body = json.loads(data)
        found = SnapshotFile(uuid.UUID(body["id"]), str(body["content"]), str(body["content_hash"]))
        if isinstance(json.loads(found.content), dict):
            return found
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _no_snapshot() from error
    raise _no_snapshot()


def _no_snapshot() -> Invalid:
    detail = "This is no frozen report as GET .../reports/snapshots/{snapshot_id} gives it."
    return Invalid([Fault("", "no_snapshot", detail)])


def verify_snapshot(
    session: Session, client: Client, stored: ReportSnapshot, *, text: str, given_hash: str, key: bytes
) -> SnapshotVerification:
    """Recompute a snapshot as of its moment from what the database holds now, and compare.

    Parameters
    ----------
    text, given_hash
        Content and hash to be verified, from the database or from somebody's file.
    key
        The sampling key.
    """
    frozen = json.loads(text)
    period = Period(stored.first_day, stored.last_day, time_zone_of(client))
    freeze = Freeze(stored.frozen_by, stored.frozen_at, stored.due_at)
    before, now = leaves(frozen), leaves(frozen_content(session, client, period, freeze, key))
    paths = [path for path in sorted({*before, *now}) if path not in _NOT_COMPARED]
    differences = tuple(
        Difference(path, before.get(path), now.get(path))
        for path in paths
        if before.get(path) != now.get(path) or (path in before) != (path in now)
    )
    return SnapshotVerification(
        str(stored.snapshot_id),
        given_hash,
        content_hash(text) == given_hash == stored.content_hash,
        len(paths),
        differences,
        changes_since(session, client, period, stored),
    )


def changes_since(session: Session, client: Client, period: Period, stored: ReportSnapshot) -> dict[str, int]:
    """Count what has changed in a period's data since it was frozen, by what it is; without what has not."""
    at = stored.frozen_at
    made, superseded = Evaluation.created_at > at, Evaluation.superseded_at > at
    by_people, by_machine = Evaluation.kind == "human", Evaluation.kind == "automatic"
    changed = or_(superseded, Evaluation.voided_at > at)
    counts = {
        "reviews submitted later": _count_evaluations(session, client, period, by_people, made),
        "evaluations corrected or voided": _count_evaluations(session, client, period, by_people, changed),
        "interactions scored again": _count_evaluations(session, client, period, by_machine, made),
        "interactions received later": _count_received(session, client, period, stored),
        "erasures": _count_erasures(session, client, stored),
        "definitions put in force later": _count_definitions(session, client, stored),
        "changes of the client's settings": _count_audit(session, client, stored, "client.changed"),
        "texts written about the report": _count_audit(session, client, stored, "corrective_actions.written"),
    }
    return {what: count for what, count in counts.items() if count}


def _count_evaluations(
    session: Session, client: Client, period: Period, *conditions: ColumnElement[bool]
) -> int:
    counted = (
        select(func.count())
        .select_from(Evaluation)
        .join(
            InteractionFacts,
            (InteractionFacts.tenant_id == Evaluation.tenant_id)
            & (InteractionFacts.interaction_id == Evaluation.interaction_id),
        )
        .where(
            InteractionFacts.client_id == client.client_id,
            InteractionFacts.day.between(period.first, period.last),
            *conditions,
        )
    )
    return session.scalar(counted) or 0


def _count_received(session: Session, client: Client, period: Period, stored: ReportSnapshot) -> int:
    counted = select(func.count()).where(
        Interaction.client_id == client.client_id,
        Interaction.started_at >= period.start,
        Interaction.started_at < period.end,
        Interaction.received_at > stored.frozen_at,
    )
    return session.scalar(counted) or 0


def _count_erasures(session: Session, client: Client, stored: ReportSnapshot) -> int:
    return _count_audit(session, client, stored, "interaction.erased")


def _count_definitions(session: Session, client: Client, stored: ReportSnapshot) -> int:
    counted = select(func.count()).where(
        Definition.client_id == client.client_id, Definition.published_at > stored.frozen_at
    )
    return session.scalar(counted) or 0


def _count_audit(session: Session, client: Client, stored: ReportSnapshot, action: str) -> int:
    counted = select(func.count()).where(
        AuditEntry.client_id == client.client_id,
        AuditEntry.action == action,
        AuditEntry.at > stored.frozen_at,
    )
    return session.scalar(counted) or 0
