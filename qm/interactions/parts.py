"""Parts of interactions in which several agents spoke: one row for each agent, made from the whole.

A part is judged, drawn and reviewed in place of the whole, so that each agent answers for their own turns
(`Conversation.part_of`). It follows the whole: the worker that scores the whole makes and changes its parts,
and erasing the whole erases them. The part of an agent who is corrected away stays in the record with its
reviews, and counts nowhere.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from qm.interactions.models import LOCK_ORDER, Interaction
from tenants.isolation import scope_of
from tenants.models import new_id

_COPIED = (
    *("channel", "language", "program", "queue", "priority", "intent", "customer", "segment", "started_at"),
    *("ended_at", "details", "priorities", "source_updated_at", "received_at"),
)
_OWN = ("interaction_id", "part_agent", "agent", "agent_details", "turns", "status", "outcome", "digest")
_CHANGED = (*_COPIED, "agent_details", "turns", "status", "outcome", "digest")
# A turn that names no agent is by the agent of the whole interaction, or by somebody unknown.
_TURNS = """
    (select coalesce(jsonb_agg(case when e.turn ->> 'speaker' = 'agent' and e.turn ->> 'agent' is null
                                    then e.turn || jsonb_build_object('agent', coalesce(w.agent, ''))
                                    else e.turn end order by e.place), '[]')
     from jsonb_array_elements(w.turns) with ordinality as e (turn, place))
"""
_UPSERT = f"""
    insert into interactions (tenant_id, client_id, external_id, {", ".join((*_COPIED, *_OWN))})
    select w.tenant_id, w.client_id, w.external_id, {", ".join(f"w.{name}" for name in _COPIED)},
           x.interaction_id, x.agent, x.agent,
           case when x.agent = w.agent then w.agent_details else '{{}}' end, {_TURNS},
           x.status::jsonb, x.outcome::jsonb,
           sha256(w.digest || convert_to(x.status || x.outcome || w.priorities::text, 'UTF8'))
    from unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[])
         as x (whole_id, interaction_id, agent, status, outcome)
    join interactions w on w.tenant_id = %b and w.interaction_id = x.whole_id
    order by w.external_id, x.agent
    on conflict (tenant_id, client_id, external_id, part_agent) do update
    set {", ".join(f"{name} = excluded.{name}" for name in _CHANGED)}, revision = interactions.revision + 1,
        state = 'pending', attempts = 0, claim_token = null, lease_until = null, error = null
    where interactions.digest <> excluded.digest
    returning interaction_id
"""  # noqa: S608 - built from the constants above
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole interaction that has parts or may have had some, with its later events merged in.

    `agents` are those who have a part of it now: none where only one spoke.
    """

    interaction_id: uuid.UUID
    external_id: str
    agents: frozenset[str]
    status: Sequence[Any]
    outcome: Mapping[str, Any]


def stored_parts(session: Session, client_id: uuid.UUID, wholes: Sequence[Whole]) -> Sequence[Row[Any]]:
    """Return the id, external id and agent of every stored part of these interactions."""
    if not wholes:
        return ()
    columns: tuple[Any, ...] = (Interaction.interaction_id, Interaction.external_id, Interaction.part_agent)
    return session.execute(
        select(*columns).where(
            Interaction.tenant_id == scope_of(session).tenant_id,
            Interaction.client_id == client_id,
            Interaction.external_id.in_([each.external_id for each in wholes]),
            Interaction.part_agent != "",
        )
    ).all()


def store_parts(session: Session, client_id: uuid.UUID, wholes: Sequence[Whole]) -> int:
    """Make the parts of whole interactions, and change those that were made before; return how many.

    The wholes and their stored parts are locked. What does not change is not scored again.
    """
    agents: dict[str, set[str]] = {each.external_id: set(each.agents) for each in wholes}
    for part in stored_parts(session, client_id, wholes):
        agents[part.external_id].add(part.part_agent)
    rows = [(each, agent) for each in wholes for agent in sorted(agents[each.external_id])]
    if not rows:
        return 0
    session.flush()
    cursor: Any = session.connection().connection.cursor()
    cursor.execute(
        _UPSERT,
        [
            [whole.interaction_id for whole, _ in rows],
            [new_id() for _ in rows],
            [agent for _, agent in rows],
            [_encode(whole.status).decode() for whole, _ in rows],
            [_encode(whole.outcome).decode() for whole, _ in rows],
            scope_of(session).tenant_id,
        ],
    )
    return len(cursor.fetchall())


def lock_with_parts(session: Session, interaction: Interaction) -> list[uuid.UUID]:
    """Lock an interaction and its parts against everything, and return their ids; none if it is gone.

    The whole is locked first, in a statement of its own: a worker that holds it may be making parts, which
    only a statement that begins after the worker's commit sees.
    """
    key = (
        Interaction.tenant_id == interaction.tenant_id,
        Interaction.client_id == interaction.client_id,
        Interaction.external_id == interaction.external_id,
    )
    ids = select(Interaction.interaction_id).where(*key)
    whole = Interaction.interaction_id == interaction.interaction_id
    if session.scalars(ids.where(whole).with_for_update()).first() is None:
        return []
    return list(session.scalars(ids.order_by(*LOCK_ORDER).with_for_update()))
