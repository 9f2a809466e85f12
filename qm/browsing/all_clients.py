"""The list of interactions over all clients that somebody sees."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.browsing.queries import list_statement, summary_representations
from qm.interactions.models import Interaction
from tenants.clients import client_named
from tenants.credentials import Actor
from tenants.http.changes import settled_since
from tenants.http.contract import Page
from tenants.http.merged_pages import merged_page
from tenants.models import Client

_BY_START = (Interaction.started_at, Interaction.interaction_id)
_BY_CHANGE = (Interaction.updated_at, Interaction.interaction_id)


def page_of_interactions(
    session: Session, actor: Actor, filters: Mapping[str, Any], *, limit: int, cursor: str | None
) -> Page:
    """Return one page of the interactions of all clients, or of the one that `client` names.

    Newest first; with `updated_since` by when they changed, oldest first, of which nothing is lost.

    Raises
    ------
    NotFound
        When there is no such client for the caller.
    """
    wanted = dict(filters)
    name, since = wanted.pop("client", None), wanted.pop("updated_since", None)
    clients = [client_named(session, name)] if name else session.scalars(select(Client)).all()
    statements = [list_statement(actor, client, wanted) for client in clients]
    if since is None:
        return merged_page(session, statements, _BY_START, limit=limit, cursor=cursor, descending=True)
    settled = settled_since(session, statements, _BY_CHANGE, since=since)
    return merged_page(session, settled, _BY_CHANGE, limit=limit, cursor=cursor)


def listed_representations(
    session: Session, actor: Actor, interactions: Sequence[Interaction]
) -> list[dict[str, Any]]:
    """Return these interactions as list items, each with the slug of its client."""
    ids = {each.interaction_id: each.client_id for each in interactions}
    wanted = select(Client.client_id, Client.slug).where(Client.client_id.in_(set(ids.values())))
    slugs = {row.client_id: row.slug for row in session.execute(wanted)} if ids else {}
    rows = summary_representations(session, actor, interactions)
    return [{**row, "client": slugs[ids[row["id"]]]} for row in rows]
