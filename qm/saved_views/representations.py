"""API representations of saved views."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.saved_views.models import SavedView
from tenants.credentials import Actor
from tenants.models import Client, User
from tenants.users import people_by_id


def view_representations(session: Session, actor: Actor, views: Sequence[SavedView]) -> list[dict[str, Any]]:
    """Return views with their client's slug and their owner's name."""
    people = people_by_id(session, (view.user_id for view in views))
    left = _who_left(session, {view.user_id for view in views})
    wanted = {view.client_id for view in views if view.client_id is not None}
    found = select(Client.client_id, Client.slug).where(Client.client_id.in_(wanted))
    slugs = {row.client_id: row.slug for row in session.execute(found)} if wanted else {}
    return [
        {
            "id": view.view_id,
            "list": view.list,
            "client": slugs.get(view.client_id) if view.client_id else None,
            "name": view.name,
            "query": view.query,
            "shared": view.shared,
            "owner": people.get(view.user_id, {}).get("name"),
            "is_own": view.user_id == actor.user_id,
            "owner_left": view.user_id in left,
            "created_at": view.created_at,
        }
        for view in views
    ]


def _who_left(session: Session, ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of these people who are disabled."""
    wanted = select(User.user_id).where(User.user_id.in_(ids), User.disabled_at.is_not(None))
    return set(session.scalars(wanted)) if ids else set()
