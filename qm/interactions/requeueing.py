"""Queues interactions for scoring again when what their facts rest on has changed."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from redis import Redis
from sqlalchemy import ColumnElement, and_, exists, func, literal_column, or_, select, text
from sqlalchemy.orm import Session

from qm import jobs
from qm.facts.models import OPEN_CLOCKS, InteractionFacts
from qm.facts.rollups import redate_facts
from qm.interactions.models import LOCK_ORDER, Interaction
from qm.interactions.pending import set_pending
from tenants import audit
from tenants.changes import TIME_ZONE, AccessChange, Change, EventsStored
from tenants.isolation import scope_of
from tenants.models import Client

Condition = ColumnElement[bool]
_BATCH_SIZE = 10_000


def requeue_interactions(
    session: Session, redis: Redis, client_id: uuid.UUID, condition: Condition, *, reason: str
) -> int:
    """Set a client's interactions that fulfil a condition back to pending; return how many there were.

    The condition is on the columns of `Interaction`; `of_facts` makes one of a condition on their facts.
    Claims are revoked, for what a worker is judging just now it judges by what has changed. What waits
    already needs nothing. Whoever changes definitions or settings holds the client's row, and workers hold
    it as they read them and as they store facts (`tenants.clients.hold_client`): so no batch is judged by
    what is being replaced after this has looked. Rows are locked in the order in which intake and workers
    lock them.
    """
    of_client = (Interaction.tenant_id == scope_of(session).tenant_id, Interaction.client_id == client_id)
    # Locked first and updated by their ids after: an update that joins the locked rows is planned as a nested
    # loop while the planner has no statistics of a new client.
    ids = session.scalars(
        select(Interaction.interaction_id)
        .where(*of_client, Interaction.state.in_(("scored", "claimed")), condition)
        .order_by(*LOCK_ORDER)
        .with_for_update(key_share=True)
    ).all()
    for start in range(0, len(ids), _BATCH_SIZE):
        set_pending(session, client_id, ids[start : start + _BATCH_SIZE])
    if ids:
        audit.record(
            session,
            "interactions.requeued",
            f"client:{client_id}",
            client_id=client_id,
            count=len(ids),
            reason=reason,
        )
        jobs.wake_after_commit(session, redis)
    return len(ids)


def of_facts(condition: Condition) -> Condition:
    """Return the condition on interactions whose facts fulfil this one."""
    return exists().where(
        InteractionFacts.tenant_id == Interaction.tenant_id,
        InteractionFacts.interaction_id == Interaction.interaction_id,
        condition,
    )


def look_again(redis: Redis, session: Session, change: Change | AccessChange | EventsStored) -> None:
    """React to a change of a definition or setting: queue the interactions again whose facts rest on it.

    Scorecards, playbooks and brand voice are no such change: what people and the machine answered once stays
    comparable only under the versions that both answered by.
    """
    affected = _AFFECTED.get(change.what) if isinstance(change, Change) else None
    if affected is None or not isinstance(change, Change):
        return
    requeue_interactions(session, redis, change.client_id, affected(change), reason=change.what)
    if change.what == TIME_ZONE:
        # After the rows above are locked: so do workers.
        redate_facts(
            session, session.scalars(select(Client).where(Client.client_id == change.client_id)).one()
        )


def _begun_since(change: Change) -> Condition:
    return Interaction.started_at >= change.since


def _clocks_since(change: Change) -> Condition:
    """Interactions that began since, or have a clock that ran since: its calendar may have changed."""
    clock = func.jsonb_array_elements(InteractionFacts.clocks).table_valued("value", name="clock")
    stopped_at: ColumnElement[Any] = literal_column("(clock.value ->> 'stopped_at')::timestamptz")
    ran_on = select(1).select_from(clock).where(stopped_at > change.since).exists()
    return or_(
        _begun_since(change),
        Interaction.state == "claimed",
        of_facts(or_(text(f"({OPEN_CLOCKS})"), ran_on)),
    )


def _without_policy_since(change: Change) -> Condition:
    """Interactions that no sampling policy has drawn or left out: what was drawn stays as it was."""
    undrawn = of_facts(InteractionFacts.policy_id.is_(None))
    return and_(_begun_since(change), or_(Interaction.state == "claimed", undrawn))


def _being_judged(_change: Change) -> Condition:
    """Interactions whose day a worker has reckoned already, but not stored."""
    return Interaction.state == "claimed"


_AFFECTED: Mapping[str, Callable[[Change], Condition]] = {
    "sla_policy": _clocks_since,
    "sampling_policy": _without_policy_since,
    TIME_ZONE: _being_judged,
}
