"""API representations of kudos, as the caller may see them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.kudos.models import Kudos
from qm.reviews.client_reading import redactor_of_speech, without_names
from qm.reviews.quotes import quoted_words
from tenants.bulk_sql import id_array
from tenants.credentials import Actor
from tenants.models import Client
from tenants.roles import CLIENT_ROLE
from tenants.users import people_by_id

_OF_THE_PROVIDER = ("agent", "agent_name", "interaction", "external_id", "author")
"""What a client's people are not told of kudos."""


def kudos_representations(session: Session, actor: Actor, found: Sequence[Kudos]) -> list[dict[str, Any]]:
    """Return kudos; a client's people see neither who is praised nor which interaction it was."""
    slugs = {row.client_id: row.slug for row in session.execute(select(Client.client_id, Client.slug))}
    people = people_by_id(session, (each.author_id for each in found))
    rows: Any = session.execute(
        select(
            *(Interaction.interaction_id, Interaction.client_id, Interaction.external_id),
            *(Interaction.channel, Interaction.started_at, Interaction.turns),
        )
        .where(Interaction.interaction_id == id_array([each.interaction_id for each in found]))
        .where(Interaction.client_id.in_(slugs))
    ).all()
    interactions = {row.interaction_id: row for row in rows}
    shown = [
        {
            **_kudos(each, interactions[each.interaction_id]),
            "client": slugs[each.client_id],
            "author": people.get(each.author_id),
        }
        for each in found
    ]
    return shown if actor.role != CLIENT_ROLE else _for_client(session, actor, rows, shown)


def _for_client(
    session: Session, actor: Actor, praised: Sequence[Any], shown: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    said = redactor_of_speech(session, praised)
    bodies: list[dict[str, Any]] = without_names(session, actor, praised, shown)
    for body in bodies:
        body["words"] = body["words"] and said.redact(body["words"])[0]
        body.update(dict.fromkeys(_OF_THE_PROVIDER))
    return bodies


def _kudos(kudos: Kudos, interaction: Any) -> dict[str, Any]:
    return {
        "id": kudos.kudos_id,
        "state": kudos.state,
        "source": kudos.source,
        "agent": kudos.agent,
        "agent_name": kudos.agent_name,
        "interaction": kudos.interaction_id,
        "external_id": interaction.external_id,
        "channel": interaction.channel,
        "words": quoted_words(interaction.turns, kudos.quote) if kudos.quote else None,
        "note": kudos.note,
        "created_at": kudos.created_at,
    }
