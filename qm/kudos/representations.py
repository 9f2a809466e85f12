"""API representations of kudos, as the caller may see them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.kudos.models import Kudos
from qm.reviews.quotes import quoted_words, without_name
from tenants.bulk_sql import id_array
from tenants.credentials import Actor
from tenants.models import Client
from tenants.users import people_by_id


def kudos_representations(session: Session, actor: Actor, found: Sequence[Kudos]) -> list[dict[str, Any]]:
    """Return kudos; a client's people see neither who is praised nor which interaction it was."""
    slugs = {row.client_id: row.slug for row in session.execute(select(Client.client_id, Client.slug))}
    people = people_by_id(session, (each.author_id for each in found))
    rows = session.execute(
        select(Interaction.interaction_id, Interaction.external_id, Interaction.channel, Interaction.turns)
        .where(Interaction.interaction_id == id_array([each.interaction_id for each in found]))
        .where(Interaction.client_id.in_(slugs))
    )
    interactions = {row.interaction_id: row for row in rows}
    return [
        {
            **_kudos(actor, each, interactions[each.interaction_id]),
            "client": slugs[each.client_id],
            "author": people.get(each.author_id) if actor.role != "client_stakeholder" else None,
        }
        for each in found
    ]


def _kudos(actor: Actor, kudos: Kudos, interaction: Any) -> dict[str, Any]:
    named = actor.role != "client_stakeholder"
    words = quoted_words(interaction.turns, kudos.quote) if kudos.quote else None
    return {
        "id": kudos.kudos_id,
        "state": kudos.state,
        "source": kudos.source,
        "agent": kudos.agent if named else None,
        "agent_name": kudos.agent_name if named else None,
        "interaction": kudos.interaction_id if named else None,
        "external_id": interaction.external_id if named else None,
        "channel": interaction.channel,
        "words": words if named or words is None else without_name(words, kudos.agent_name),
        "note": kudos.note if named or not kudos.note else without_name(kudos.note, kudos.agent_name),
        "created_at": kudos.created_at,
    }
