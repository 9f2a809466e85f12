"""Tells, within the transaction that makes it, of a change that facts or claims rest on.

Definitions, settings and people know nothing of interactions and reviews; whoever keeps these reacts.
Reactions belong to an engine: the composition root names them once, and every transaction of it has them.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

# Version 1 of a definition applies to earlier interactions too.
ALWAYS = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
TIME_ZONE = "time_zone"
_OPTION = "qm_reactions"


@dataclass(frozen=True, slots=True)
class Change:
    """What changed for a client: a kind of definition, or `TIME_ZONE`; and from when on it applies."""

    client_id: uuid.UUID
    what: str
    since: datetime = ALWAYS


@dataclass(frozen=True, slots=True)
class AccessChange:
    """A person may no longer do all they could: another role, other clients, or none at all."""

    user_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class EventsStored:
    """Events for the tenant's webhooks wait to be delivered."""


Reaction = Callable[[Session, Change | AccessChange | EventsStored], object]


def react_to_changes(engine: Engine, *reactions: Reaction) -> Engine:
    """Have every transaction of an engine call these with each change that it announces."""
    engine.update_execution_options(**{_OPTION: reactions})
    return engine


def announce(session: Session, change: Change | AccessChange | EventsStored) -> None:
    """Flush, and call the reactions to a change at once: they commit or roll back with it."""
    session.flush()
    reactions: tuple[Reaction, ...] = session.get_bind().get_execution_options().get(_OPTION, ())
    for reaction in reactions:
        reaction(session, change)
