"""Reviews that agents are asked for: of their own work, or of a colleague's.

They are marked by their kind wherever they are shown, feed no estimate, and neither prove nor teach the
machine.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reviews.models import AGENT_KINDS, Review
from qm.reviews.permissions import check_may_manage_queue
from qm.reviews.queue import create_hand_picked_review
from tenants.credentials import Actor
from tenants.http.faults import Conflict, Fault, Invalid
from tenants.models import Client, User

_NOBODY = "unknown_person", "no_agent", "other_client"


def ask_agent(
    session: Session,
    actor: Actor,
    client: Client,
    *,
    kind: str,
    user_id: uuid.UUID,
    external_ids: Sequence[str],
    note: str | None,
    due_at: datetime | None,
) -> list[Review]:
    """Ask an agent to review these interactions of a client, all of them or none.

    Where several agents spoke, a review of the kind `self` is of the agent's own part, one of the kind `peer`
    of the part of the only other one.

    Raises
    ------
    Invalid
        With every fault: of the person at `/user`, of an interaction at `/interactions`.
    """
    check_may_manage_queue(actor)
    agent = session.scalar(select(User.agent).where(User.user_id == user_id))
    made: list[Review] = []
    faults: dict[tuple[str, str, str], Fault] = {}
    for external_id in dict.fromkeys(external_ids):
        try:
            found = _interaction_or_part(session, client, external_id, kind=kind, agent=agent)
            made.append(
                create_hand_picked_review(
                    session, actor, found, note=note, user_id=user_id, kind=kind, due_at=due_at
                )
            )
        except (Invalid, Conflict) as error:
            for fault in _faults_of(error, external_id):
                faults[(fault.pointer, fault.code, fault.detail)] = fault
    if faults:
        raise Invalid(list(faults.values()))
    return made


def _faults_of(error: Invalid | Conflict, external_id: str) -> list[Fault]:
    found = [Fault("", error.code, str(error))] if isinstance(error, Conflict) else list(error.faults)
    return [
        each if each.code in _NOBODY else Fault("/interactions", each.code, f"{external_id}: {each.detail}")
        for each in found
    ]


def _interaction_or_part(
    session: Session, client: Client, external_id: str, *, kind: str, agent: str | None
) -> uuid.UUID:
    """Return the id of the interaction, or of the part of it that is meant where several agents spoke."""
    rows = session.execute(
        select(Interaction.interaction_id, Interaction.part_agent).where(
            Interaction.tenant_id == client.tenant_id,
            Interaction.client_id == client.client_id,
            Interaction.external_id == external_id,
        )
    ).all()
    if not rows:
        raise Invalid([Fault("", "unknown_interaction", "There is no such interaction of this client.")])
    parts = [row for row in rows if row.part_agent and (row.part_agent == agent) == (kind == "self")]
    whole = [row for row in rows if not row.part_agent]
    found: uuid.UUID = (parts if len(parts) == 1 else whole)[0].interaction_id
    return found


def select_agent_reviews() -> Select[Review]:
    """Return the statement of all reviews that agents were asked for."""
    return select(Review).where(Review.kind.in_(AGENT_KINDS))
