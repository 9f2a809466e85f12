"""Periodic jobs: one table, run by one process at a time.

Every host may run a scheduler; an advisory lock in the database lets one of them run a job, and the jobs are
idempotent.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import delete, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from qm import jobs
from qm.mail import Mailer
from qm.reviews.unassignable import name_unassignable
from qm.sampling import closing
from qm.sampling.commitments import commit_ahead
from qm.services import Services
from qm.snapshots.delivery import deliver_next
from qm.snapshots.schedules import freeze_due
from qm.webhooks.retention import delete_old_deliveries
from tenants import audit
from tenants.clients import tenant_scope
from tenants.http.idempotency import RETENTION
from tenants.isolation import Scope, acting_as, lookup, set_scope, transaction
from tenants.models import AccessToken, Client, IdempotencyKey, utc_now
from workers.event_watch import watch_events
from workers.friction_check import check_friction
from workers.rollup_check import check_rollups

log = structlog.get_logger(__name__)

CONNECTIONS = 2
"""Needed at once: a job may open transactions of its own while another one holds the lock."""

_LOCK = 7_236_002
_HOUR = 3600
# New labels are trained on soon; the check of a provider without any is cheap.
_TRAINING_CHECK_SECONDS = 300
_ROLLUP_CHECK_SECONDS = 300
_ASSIGNMENT_SECONDS = 300
_FRICTION_SECONDS = 30
_WATCH_SECONDS = 60
_FREEZING_SECONDS = 60
_MAX_LETTERS = 5
"""So many letters are mailed in one run: a mail server that does not answer must not hold up all else."""


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """A job that runs every so many seconds, in the transaction that holds the lock."""

    name: str
    every: int
    action: Callable[[Services, Session], object]


def table(services: Services) -> Sequence[PeriodicJob]:
    """Return all periodic jobs."""
    return (
        PeriodicJob("sweep", services.settings.sweep_seconds, sweep),
        PeriodicJob("tidy", _HOUR, clean_up),
        PeriodicJob("close_windows", _HOUR, close_sampling_windows),
        PeriodicJob("mend_sums", _ROLLUP_CHECK_SECONDS, check_rollups),
        PeriodicJob("keep_friction", _FRICTION_SECONDS, check_friction),
        PeriodicJob("watch_events", _WATCH_SECONDS, watch_events),
        PeriodicJob("name_unassignable", _ASSIGNMENT_SECONDS, name_unassignable_reviews),
        PeriodicJob("freeze_reports", _FREEZING_SECONDS, freeze_reports),
        PeriodicJob("commit_draws", _HOUR, commit_draws),
        PeriodicJob("mail_reports", _FREEZING_SECONDS, mail_reports),
        PeriodicJob("look_for_labels", _TRAINING_CHECK_SECONDS, enqueue_training_checks),
    )


def sweep(services: Services, session: Session) -> int:
    """Queue a job for every provider with waiting work or events, whatever became of earlier ones."""
    waiting = lookup(session, "select distinct tenant_id from qm_backlog() where state = 'pending'")
    scoring = jobs.wake_many(services.redis, [row.tenant_id for row in waiting])
    requested = lookup(session, "select distinct tenant_id from qm_training_backlog() where state = 'queued'")
    training = jobs.wake_many(services.redis, [row.tenant_id for row in requested], jobs.TRAININGS)
    due = lookup(session, "select tenant_id from qm_webhooks_due()")
    return (
        scoring + training + jobs.wake_many(services.redis, [row.tenant_id for row in due], jobs.DELIVERIES)
    )


def enqueue_training_checks(services: Services, session: Session) -> int:
    """Queue a check of every provider for labels that came since its last training."""
    tenants = lookup(session, "select tenant_id from qm_tenants()")
    return jobs.wake_many(services.redis, [row.tenant_id for row in tenants], jobs.TRAINING_CHECKS)


def clean_up(_services: Services, session: Session) -> None:
    """Delete expired tokens, idempotency keys and deliveries; log the newest entry of each audit log.

    Logs are kept elsewhere: an audit log that was rewritten in the database does not hold what they say.
    """
    now = utc_now()
    for row in lookup(session, "select tenant_id from qm_tenants()"):
        set_scope(session, tenant_scope(session, row.tenant_id))
        session.execute(delete(AccessToken).where(AccessToken.expires_at < now))
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now - RETENTION))
        delete_old_deliveries(session, now)
        log.info("audit_newest", tenant=str(row.tenant_id), anchor=str(audit.newest(session)))


def name_unassignable_reviews(services: Services, session: Session) -> int:
    """Note of what waits for review whether nobody may review it; return how many changed."""
    changed = 0
    for row in lookup(session, "select tenant_id from qm_tenants()"):
        with acting_as(services.engine, tenant_scope(session, row.tenant_id)) as opened:
            changed += name_unassignable(opened)
    return changed


def close_sampling_windows(services: Services, session: Session) -> int:
    """Close the windows of quotas that are due, each in a transaction of its own; return how many periods."""
    closed = 0
    for row in lookup(session, "select tenant_id from qm_tenants()"):
        for client_id in tenant_scope(session, row.tenant_id).client_ids:
            closed += _close_windows_of(services, Scope(row.tenant_id, (client_id,)))
    return closed


def freeze_reports(services: Services, session: Session) -> int:
    """Freeze the reports whose date has come, of each client in a transaction of its own; return how many."""
    frozen = 0
    for scope in _clients(session):
        try:
            with acting_as(services.engine, scope) as opened:
                audit.act_as(opened, "scheduler")
                client = opened.scalars(select(Client)).one()
                frozen += freeze_due(opened, client, services.sampling_key, utc_now())
        except Exception as error:  # noqa: BLE001 - one client's data keep no other's report from its date
            log.warning("report_not_frozen", client=str(scope.client_ids[0]), error=type(error).__name__)
    return frozen


def commit_draws(services: Services, session: Session) -> int:
    """Commit to the keys by which the coming months of each client are drawn; return to how many."""
    made = 0
    for scope in _clients(session):
        with acting_as(services.engine, scope) as opened:
            audit.act_as(opened, "scheduler")
            client = opened.scalars(select(Client)).one()
            made += commit_ahead(opened, client, services.sampling_key, utc_now())
    return made


def mail_reports(services: Services, session: Session) -> int:
    """Mail frozen reports to those who are to get them, where mail is set up; return how many were sent.

    The first that cannot be sent ends the run: the next one would wait for the same mail server.
    """
    post, sent = Mailer(services.settings), 0
    for scope in _clients(session) if post.is_set_up else ():
        done: bool | None = True
        while done and sent < _MAX_LETTERS:
            with acting_as(services.engine, scope) as opened:
                audit.act_as(opened, "mail")
                client = opened.scalars(select(Client)).one()
                done = deliver_next(opened, client, post.send, post.address, utc_now())
            sent += bool(done)
        if done is False or sent >= _MAX_LETTERS:
            break
    return sent


def _clients(session: Session) -> list[Scope]:
    """Return the scope of every client there is."""
    found = []
    for row in lookup(session, "select tenant_id from qm_tenants()"):
        whole = tenant_scope(session, row.tenant_id)
        found += [whole.narrowed(client_id) for client_id in whole.client_ids]
    return found


def _close_windows_of(services: Services, scope: Scope) -> int:
    [client_id] = scope.client_ids
    now = utc_now()
    with acting_as(services.engine, scope) as session:
        due = closing.periods_to_close(session, client_id, now)
    for period in due:
        with acting_as(services.engine, scope) as session:
            audit.act_as(session, "scheduler")
            closing.close_windows(session, client_id, period, now=now)
    return len(due)


def run(services: Services, stop: threading.Event) -> None:
    """Run the periodic jobs until told to stop; while the database is unavailable, retry."""
    due = {entry.name: 0.0 for entry in table(services)}
    while not stop.is_set():
        for entry in table(services):
            if time.monotonic() >= due[entry.name]:
                due[entry.name] = time.monotonic() + entry.every
                run_entry(services, entry)
        stop.wait(min(1.0, *(max(0.05, at - time.monotonic()) for at in due.values())))


def run_entry(services: Services, entry: PeriodicJob) -> bool:
    """Run one periodic job unless another process is running one; tells whether it did."""
    try:
        with transaction(services.engine) as session:
            if not session.scalar(text("select pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}):
                return False
            entry.action(services, session)
    except SQLAlchemyError as error:
        log.warning("schedule_missed", entry=entry.name, error=type(error).__name__)
        return False
    return True
