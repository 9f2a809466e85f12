"""Saving, reading, sharing and deleting views of lists."""

import uuid
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from qm.saved_views.models import SavedView
from tenants import audit
from tenants.credentials import Actor
from tenants.http.faults import Conflict, Fault, Invalid, NotFound
from tenants.models import Client, User

MOST = 100
"""How many views one person may have."""
_NEVER_SAVED = frozenset({"cursor", "format", "limit"})


def select_visible(actor: Actor, *, of: str | None = None, client: Client | None = None) -> Select[SavedView]:
    """Return the statement of the caller's own views and of those that are shared with them."""
    statement = select(SavedView).where(or_(SavedView.user_id == actor.user_id, SavedView.shared))
    if of is not None:
        statement = statement.where(SavedView.list == of)
    if client is not None:
        statement = statement.where(SavedView.client_id == client.client_id)
    return statement


def get_own(session: Session, actor: Actor, view_id: uuid.UUID) -> SavedView:
    """Return a view of the caller's own, locked; another's is none that they could change."""
    wanted = select(SavedView).where(SavedView.view_id == view_id, SavedView.user_id == actor.user_id)
    found = session.scalars(wanted.with_for_update()).one_or_none()
    if found is None:
        raise NotFound("view of yours")
    return found


def save_view(
    session: Session,
    actor: Actor,
    *,
    of: str,
    client: Client | None,
    name: str,
    query: str,
    shared: bool,
) -> SavedView:
    """Save a view, in place of an own one of the same name.

    Raises
    ------
    Invalid
        For a query that is none, and for more views than anybody needs.
    """
    query = _plain_query(query)
    own = select(SavedView).where(SavedView.user_id == actor.user_id)
    same = own.where(
        SavedView.list == of,
        SavedView.client_id.is_not_distinct_from(client.client_id if client else None),
        SavedView.name == name,
    )
    view = session.scalars(same.with_for_update()).one_or_none()
    if view is None:
        _check_number(session, actor)
        view = SavedView(
            tenant_id=actor.scope.tenant_id,
            user_id=actor.user_id,
            client_id=client.client_id if client else None,
            list=of,
            name=name,
        )
        session.add(view)
    view.query, view.shared = query, shared
    return _noted(session, view, "saved")


def _check_number(session: Session, actor: Actor) -> None:
    own = select(SavedView).where(SavedView.user_id == actor.user_id)
    if (session.scalar(select(func.count()).select_from(own.subquery())) or 0) >= MOST:
        detail = f"One person has at most {MOST} views; delete one first."
        raise Invalid([Fault("/name", "too_many", detail)])


def take_over(session: Session, actor: Actor, view_id: uuid.UUID) -> SavedView:
    """Make a shared view of somebody who is disabled the caller's own; it stays shared.

    Raises
    ------
    NotFound
        When there is no such view, or its owner is not disabled.
    Conflict
        When the caller has another view of that name.
    """
    gone = select(User.user_id).where(User.disabled_at.is_not(None))
    wanted = select(SavedView).where(
        SavedView.view_id == view_id, SavedView.shared, SavedView.user_id.in_(gone)
    )
    view = session.scalars(wanted.with_for_update()).one_or_none()
    if view is None:
        raise NotFound("view of somebody who left")
    if actor.user_id is None:
        raise NotFound("person")
    _check_number(session, actor)
    _check_name(session, view, actor.user_id, view.name)
    view.user_id = actor.user_id
    return _noted(session, view, "taken_over")


def _check_name(session: Session, view: SavedView, user_id: uuid.UUID, name: str) -> None:
    other = select(SavedView.view_id).where(
        SavedView.user_id == user_id,
        SavedView.list == view.list,
        SavedView.client_id.is_not_distinct_from(view.client_id),
        SavedView.name == name,
    )
    if session.scalars(other).one_or_none() is not None:
        raise Conflict(f"You have a view {name!r} of this list already.", "view_exists")


def change_view(
    session: Session,
    view: SavedView,
    *,
    name: str | None = None,
    query: str | None = None,
    shared: bool | None = None,
) -> SavedView:
    """Rename, change or share a view.

    Raises
    ------
    Conflict
        When the owner has another view of that name.
    """
    if name is not None and name != view.name:
        _check_name(session, view, view.user_id, name)
        view.name = name
    view.query = view.query if query is None else _plain_query(query)
    view.shared = view.shared if shared is None else shared
    return _noted(session, view, "changed")


def delete_view(session: Session, view: SavedView) -> None:
    """Delete a view."""
    _noted(session, view, "deleted")
    session.delete(view)
    session.flush()


def _noted(session: Session, view: SavedView, verb: str) -> SavedView:
    """Store a view and note what was done to it."""
    session.flush()
    said = {"name": view.name, "list": view.list, "query": view.query, "shared": view.shared}
    audit.record(session, f"view.{verb}", f"view:{view.view_id}", client_id=view.client_id, **said)
    return view


def _plain_query(query: str) -> str:
    """Return a query without what is no filter of the list: which page of it, and in which form."""
    try:
        pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True, strict_parsing=bool(query))
    except ValueError as error:
        detail = "This is no query such as channel=chat&state=dead."
        raise Invalid([Fault("/query", "wrong_format", detail)]) from error
    return urlencode([(name, value) for name, value in pairs if value and name not in _NEVER_SAVED])
