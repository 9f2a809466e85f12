"""Which events there are, what an endpoint may ask for, and how their ids are made."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tenants.models import new_id, utc_now

INTERACTION_SCORED = "interaction.scored"
EVALUATION_PUBLISHED = "evaluation.published"
CRITICAL_FOUND = "critical.found"
SLA_BREACHED = "sla.breached"
GATE_MOVED = "gate.moved"
REPORT_FROZEN = "report.frozen"
EVENT_TYPES = (
    INTERACTION_SCORED,
    EVALUATION_PUBLISHED,
    CRITICAL_FOUND,
    SLA_BREACHED,
    GATE_MOVED,
    REPORT_FROZEN,
)
TEST = "webhook.test"
"""Sent to one endpoint when somebody asks for it, whatever else it wants."""

_NAMESPACE = uuid.UUID("6f0a1c0e-1f5b-5d0a-9c55-1b6f6f2c8e11")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: ids and figures, never what somebody said, and no person's data.

    Attributes
    ----------
    type : str
        One of `EVENT_TYPES`, or `TEST`.
    data : dict
        As the event's schema says.
    client_id, interaction_id : UUID or None
        Whose it is; with the interaction, its deliveries are erased.
    occurred_at : datetime
        Aware.
    event_id : UUID
        The `webhook-id` of every delivery and of every repetition.
    """

    type: str
    data: dict[str, Any]
    client_id: uuid.UUID | None = None
    interaction_id: uuid.UUID | None = None
    occurred_at: datetime = field(default_factory=utc_now)
    event_id: uuid.UUID = field(default_factory=new_id)


def id_of(event_type: str, *subject: object) -> uuid.UUID:
    """Return the id of an event that happens once: however often it is found, it is stored once.

    Examples
    --------
    >>> id_of(SLA_BREACHED, 7, "resolution", 1) == id_of(SLA_BREACHED, 7, "resolution", 1)
    True
    >>> id_of(SLA_BREACHED, 7, "resolution", 1) == id_of(SLA_BREACHED, 7, "resolution", 2)
    False
    """
    return uuid.uuid5(_NAMESPACE, "\n".join((event_type, *map(str, subject))))
