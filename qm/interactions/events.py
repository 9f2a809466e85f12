"""Events that arrive after an interaction: stored as sent, and merged into it whenever it is read."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from redis import Redis
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from qm import jobs
from qm.interactions.models import Interaction, InteractionEvent
from tenants import audit
from tenants.bulk_sql import id_array

_FACTS = ("csat", "nps", "resolved", "reopened", "churned", "repurchased", "refunded")
_STATUS_OF = {"resolved": "resolved", "reopened": "reopened"}


def add_events(
    session: Session, redis: Redis, interaction: Interaction, events: Sequence[Mapping[str, Any]]
) -> list[InteractionEvent]:
    """Store new events of an interaction and queue it for scoring again; known events are ignored."""
    known = {(event.at, event.kind, str(event.value)) for event in events_of(session, interaction)}
    added = []
    for event in events:
        if (event["at"], event["kind"], str(event["value"])) in known:
            continue
        known.add((event["at"], event["kind"], str(event["value"])))
        added.append(
            InteractionEvent(
                tenant_id=interaction.tenant_id,
                client_id=interaction.client_id,
                interaction_id=interaction.interaction_id,
                at=event["at"],
                kind=event["kind"],
                value=event["value"],
            )
        )
    if added:
        session.add_all(added)
        requeue(session, interaction)
        audit.record(
            session,
            "interaction.events_added",
            f"interaction:{interaction.interaction_id}",
            client_id=interaction.client_id,
            kinds=[event.kind for event in added],
        )
        jobs.wake_after_commit(session, redis)
    return added


def requeue(session: Session, interaction: Interaction) -> None:
    """Set an interaction back to pending and revoke the claim of a worker that is scoring it."""
    session.execute(
        update(Interaction)
        .where(
            Interaction.tenant_id == interaction.tenant_id,
            Interaction.interaction_id == interaction.interaction_id,
        )
        .values(
            state="pending",
            attempts=0,
            claim_token=None,
            lease_until=None,
            error=None,
            revision=Interaction.revision + 1,
        )
        .execution_options(synchronize_session=False)
    )
    session.flush()
    session.refresh(interaction)


def events_of(session: Session, interaction: Interaction) -> Sequence[InteractionEvent]:
    """Return an interaction's events by time."""
    return _events(session, [interaction.interaction_id])


def events_by_interaction(
    session: Session, interaction_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[InteractionEvent]]:
    """Return the events of many interactions, by interaction id."""
    found: dict[uuid.UUID, list[InteractionEvent]] = {}
    for event in _events(session, interaction_ids):
        found.setdefault(event.interaction_id, []).append(event)
    return found


def _events(session: Session, interaction_ids: Sequence[uuid.UUID]) -> Sequence[InteractionEvent]:
    return session.scalars(
        select(InteractionEvent)
        .where(InteractionEvent.interaction_id == id_array(interaction_ids))
        .order_by(InteractionEvent.at, InteractionEvent.event_id)
    ).all()


def merge_events(
    outcome: Mapping[str, Any], status: Sequence[Mapping[str, Any]], events: Iterable[InteractionEvent]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the outcome and status events of an interaction with its later events merged in.

    A later event of the same kind replaces an earlier one; `resolved` and `reopened` events that are true
    are status events as well, so that they stop and start SLA clocks.
    """
    facts = dict(outcome)
    status_events = [{"at": _parse_time(change["at"]), "to": change["to"]} for change in status]
    for event in events:
        if event.kind == "status":
            status_events.append({"at": event.at, "to": event.value})
        elif event.kind == "discretion_used":
            facts.setdefault("discretion_used", []).append(event.value)
        elif event.kind in _FACTS:
            facts[event.kind] = event.value
            if event.value is True and event.kind in _STATUS_OF:
                status_events.append({"at": event.at, "to": _STATUS_OF[event.kind]})
    return facts, sorted(status_events, key=lambda change: change["at"])


def _parse_time(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
