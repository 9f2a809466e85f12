"""Facts that arrive later: kept as they came, and folded over what was pushed whenever it is read."""

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
    """Keep later facts of an interaction and have it judged anew; a fact that is known already stays one."""
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
        reopen(session, interaction)
        audit.record(
            session,
            "interaction.events_added",
            f"interaction:{interaction.interaction_id}",
            client_id=interaction.client_id,
            kinds=[event.kind for event in added],
        )
        jobs.wake_after_commit(session, redis)
    return added


def reopen(session: Session, interaction: Interaction) -> None:
    """Put an interaction back to waiting; whoever works on it now finds the claim gone."""
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
    """Return an interaction's later facts by time."""
    return _events(session, [interaction.interaction_id])


def events_by_interaction(
    session: Session, interaction_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[InteractionEvent]]:
    """Return the later facts of many interactions at once."""
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


def folded(
    outcome: Mapping[str, Any], status: Sequence[Mapping[str, Any]], events: Iterable[InteractionEvent]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the outcome and the status events as all later facts together have them.

    A later fact of the same kind replaces an earlier one; `resolved` and `reopened` facts that are true are
    status events as well, so that the SLA clocks see them.
    """
    facts = dict(outcome)
    changes = [{"at": _moment(change["at"]), "to": change["to"]} for change in status]
    for event in events:
        if event.kind == "status":
            changes.append({"at": event.at, "to": event.value})
        elif event.kind == "discretion_used":
            facts.setdefault("discretion_used", []).append(event.value)
        elif event.kind in _FACTS:
            facts[event.kind] = event.value
            if event.value is True and event.kind in _STATUS_OF:
                changes.append({"at": event.at, "to": _STATUS_OF[event.kind]})
    return facts, sorted(changes, key=lambda change: change["at"])


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
