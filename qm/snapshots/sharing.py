"""Share links: an unguessable address that opens one frozen report, with an end and perhaps a password."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.snapshots.models import ReportShare, ReportSnapshot, SnapshotVoid
from tenants import audit
from tenants.credentials import KEY_BYTES, hashed
from tenants.http.faults import Conflict, Fault, Invalid, NotFound
from tenants.isolation import restrict_to_clients
from tenants.models import Tenant
from tenants.sign_in import MAX_PASSWORD_LENGTH, password_hash

MAX_SHARE_DAYS = 366
MIN_SHARE_PASSWORD = 8


@dataclass(frozen=True, slots=True)
class NewShare:
    """A share link as it was made: its row, and the address, which cannot be had again."""

    share: ReportShare
    link: str


def share_snapshot(
    session: Session,
    snapshot: ReportSnapshot,
    *,
    address: str,
    expires_at: datetime,
    password: str | None,
    author_id: uuid.UUID | None,
    now: datetime,
) -> NewShare:
    """Make a link to a snapshot at the address of this server.

    Raises
    ------
    Invalid
        For an end that has passed or is too far away, and for a password that is too short.
    Conflict
        For a snapshot that was voided, or would tell the client of few interactions.
    """
    _check(session, snapshot, expires_at, password, now)
    token = secrets.token_urlsafe(KEY_BYTES)
    share = ReportShare(
        tenant_id=snapshot.tenant_id,
        client_id=snapshot.client_id,
        snapshot_id=snapshot.snapshot_id,
        token_hash=hashed(token),
        password_hash=None if password is None else password_hash(password),
        author_id=author_id,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(share)
    session.flush()
    _record(session, share, "made", expires_at=expires_at, with_password=password is not None)
    slug = session.scalars(select(Tenant.slug)).one()
    return NewShare(share, f"{address.rstrip('/')}/shared/{slug}/{token}")


def _check(
    session: Session,
    snapshot: ReportSnapshot,
    expires_at: datetime,
    password: str | None,
    now: datetime,
) -> None:
    faults = []
    if expires_at <= now:
        faults.append(
            Fault("/expires_at", "in_the_past", "This moment has passed: the link would open nothing.")
        )
    if (expires_at - now).days >= MAX_SHARE_DAYS:
        detail = f"A link ends within {MAX_SHARE_DAYS} days; make another one then."
        faults.append(Fault("/expires_at", "too_far_away", detail))
    if password is not None and not MIN_SHARE_PASSWORD <= len(password) <= MAX_PASSWORD_LENGTH:
        detail = f"The password of a link has {MIN_SHARE_PASSWORD} to {MAX_PASSWORD_LENGTH} characters."
        faults.append(Fault("/password", "bad_password", detail))
    if faults:
        raise Invalid(faults)
    if session.get(SnapshotVoid, (snapshot.tenant_id, snapshot.snapshot_id, snapshot.client_id)) is not None:
        raise Conflict("This frozen report was voided; share another one.", "voided")
    if not snapshot.for_client:
        detail = (
            "Beside the reports of its months this week would tell of fewer than five interactions; "
            "it is not for the client."
        )
        raise Conflict(detail, "tells_of_few")


def shares_of(session: Session, snapshot: ReportSnapshot) -> Sequence[ReportShare]:
    """Return the links to a snapshot, the newest first."""
    theirs = select(ReportShare).where(ReportShare.snapshot_id == snapshot.snapshot_id)
    return session.scalars(theirs.order_by(ReportShare.created_at.desc(), ReportShare.share_id)).all()


def revoke_share(session: Session, snapshot: ReportSnapshot, share_id: uuid.UUID, now: datetime) -> None:
    """End a link to a snapshot at once; one that has been revoked stays so."""
    wanted = select(ReportShare).where(
        ReportShare.snapshot_id == snapshot.snapshot_id, ReportShare.share_id == share_id
    )
    share = session.scalars(wanted.with_for_update()).one_or_none()
    if share is None:
        raise NotFound("share link")
    if share.revoked_at is None:
        share.revoked_at = now
        session.flush()
        _record(session, share, "revoked")


def state_of(share: ReportShare, now: datetime) -> str:
    """Return whether a link is `open`, `expired` or `revoked`."""
    if share.revoked_at is not None:
        return "revoked"
    return "expired" if share.expires_at <= now else "open"


def find_share(session: Session, token: str, now: datetime) -> tuple[ReportShare, ReportSnapshot]:
    """Return the share that a token opens now and its snapshot; the scope is that of its client from then on.

    Raises
    ------
    NotFound
        When the token is unknown, has expired or was revoked, or the snapshot was voided: all alike.
    """
    share = restrict_to_clients(session, select(ReportShare).where(ReportShare.token_hash == hashed(token)))
    if share is None or state_of(share, now) != "open":
        raise NotFound("shared report")
    key = (share.tenant_id, share.snapshot_id, share.client_id)
    snapshot = session.get(ReportSnapshot, key)
    if snapshot is None or session.get(SnapshotVoid, key) is not None:
        raise NotFound("shared report")
    return share, snapshot


def note_opened(session: Session, share: ReportShare) -> None:
    """Note in the audit log that a link was opened; who did it is not known."""
    audit.act_as(session, f"share:{share.share_id}")
    _record(session, share, "opened")


def note_refused(session: Session, share: ReportShare) -> None:
    """Note in the audit log that a wrong password was given for a link."""
    audit.act_as(session, f"share:{share.share_id}")
    _record(session, share, "refused")


def _record(session: Session, share: ReportShare, verb: str, **details: object) -> None:
    subject = f"share:{share.share_id}"
    audit.record(
        session,
        f"report_share.{verb}",
        subject,
        client_id=share.client_id,
        snapshot=share.snapshot_id,
        **details,
    )
