"""Tenants and their client brands: creation, lookup by slug or id, changes."""

import re
import unicodedata
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.changes import TIME_ZONE, Change, announce
from tenants.http.faults import Conflict, Fault, Invalid, NotFound
from tenants.isolation import Scope, lookup, restrict_to_clients, scope_of, set_scope
from tenants.models import AuditHead, Client, Tenant, id_for, new_id

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
MAX_NAME_LENGTH = 200
_CONTROL = re.compile("[\x00-\x1f\ud800-\udfff]")
DEFAULT_SETTINGS: Mapping[str, Any] = {
    "charged_threshold": 0.5,
    "coaching_suggestions": {"after": 8, "below": 60},
    "disagreement_limit": 0.1,
    "disputes": {
        "days": 14,
        "acknowledge_days": 7,
        "open_per_person": 10,
        "open_per_evaluation": 2,
        "by_client": True,
    },
    "golden_rate": 0.0,
    "interval_limit": 10.0,
    "languages": ["en"],
    "publish_evaluations": {"when": "at_once"},
    "re_review_rate": 0.0,
    "review_own_team": True,
    "severity_correction": False,
    "time_zone": "UTC",
}


def time_zone_of(client: Client) -> ZoneInfo:
    """Return the time zone that makes the days of a client's reports."""
    return ZoneInfo(client.settings.get("time_zone", DEFAULT_SETTINGS["time_zone"]))


def slug_of(name: str) -> str:
    """Return the URL slug of a name; empty when it has no Latin letter or digit.

    >>> slug_of("Café Nord & Söhne")
    'cafe-nord-sohne'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:63].strip("-")


def check_name(name: str) -> None:
    """Validate a name.

    Raises
    ------
    Invalid
        When it is blank, longer than `MAX_NAME_LENGTH` or has control characters.
    """
    if not name.strip() or len(name) > MAX_NAME_LENGTH or _CONTROL.search(name):
        detail = f"A name has 1 to {MAX_NAME_LENGTH} characters, is not blank and has no control characters."
        raise Invalid([Fault("/name", "bad_name", detail)])


def checked_slug(name: str, slug: str | None) -> str:
    """Return the slug of a client to be, made from its name where none is given.

    Raises
    ------
    Invalid
        When it is none.
    """
    checked = slug if slug is not None else slug_of(name)
    if not SLUG.fullmatch(checked) or _looks_like_id(checked):
        detail = "A slug has 1 to 63 characters a-z, 0-9 and -, and is no UUID."
        if slug is None:
            detail = f"No slug can be made from this name; give one. {detail}"
        raise Invalid([Fault("/slug" if slug is not None else "/name", "bad_slug", detail)])
    return checked


def _looks_like_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def create_tenant(session: Session, *, name: str, slug: str | None = None) -> Tenant:
    """Create a tenant and enter its scope; slugs are unique on this server.

    Raises
    ------
    Invalid
        For an invalid name or slug.
    Conflict
        When the slug is taken.
    """
    check_name(name)
    slug = checked_slug(name, slug)
    if lookup(session, "select * from qm_locate_tenant(:wanted)", wanted=slug):
        raise Conflict(f"There is a tenant {slug!r} already.", "tenant_exists")
    tenant = Tenant(tenant_id=id_for("tenant", slug), slug=slug, name=name)
    set_scope(session, Scope(tenant.tenant_id))
    session.add(tenant)
    session.flush()
    session.add(AuditHead(tenant_id=tenant.tenant_id, number=0, digest=b""))
    session.flush()
    audit.record(session, "tenant.created", f"tenant:{tenant.tenant_id}", name=name, slug=slug)
    return tenant


def enter_tenant(session: Session, wanted: str) -> Tenant:
    """Enter the scope of a tenant given by slug or id, with all its clients: for operators."""
    rows = lookup(session, "select tenant_id from qm_locate_tenant(:wanted)", wanted=wanted)
    if not rows:
        raise NotFound("tenant")
    set_scope(session, tenant_scope(session, rows[0].tenant_id))
    return session.scalars(select(Tenant)).one()


def tenant_scope(session: Session, tenant_id: uuid.UUID) -> Scope:
    """Return the scope of a tenant with all its clients, but for those that were removed."""
    rows = lookup(session, "select client_id from qm_present_client_ids(:tenant)", tenant=tenant_id)
    return Scope(tenant_id, tuple(row.client_id for row in rows))


@contextmanager
def every_client(session: Session) -> Iterator[None]:
    """Enter the scope of all clients of the tenant for as long as the block lasts, removed ones included."""
    scope = scope_of(session)
    rows = lookup(session, "select client_id from qm_client_ids(:tenant)", tenant=scope.tenant_id)
    set_scope(session, Scope(scope.tenant_id, tuple(row.client_id for row in rows)))
    yield
    session.flush()
    set_scope(session, scope)


def create_client(
    session: Session, *, name: str, slug: str | None = None, settings: Mapping[str, Any] | None = None
) -> Client:
    """Create a client brand and add it to the scope of this transaction.

    Raises
    ------
    Invalid
        For an invalid name or slug.
    Conflict
        When the slug is taken.
    """
    check_name(name)
    slug = checked_slug(name, slug)
    scope = scope_of(session)
    set_scope(session, tenant_scope(session, scope.tenant_id))
    if session.scalars(select(Client).where(Client.slug == slug)).one_or_none() is not None:
        raise Conflict(f"There is a client {slug!r} already.", "client_exists")
    client = Client(
        tenant_id=scope.tenant_id,
        client_id=_id_of_new(session, scope.tenant_id, slug),
        slug=slug,
        name=name,
        settings={**DEFAULT_SETTINGS, **(settings or {})},
    )
    set_scope(session, Scope(scope.tenant_id, (*scope.client_ids, client.client_id)))
    session.add(client)
    session.flush()
    subject = f"client:{client.client_id}"
    audit.record(session, "client.created", subject, client_id=client.client_id, name=name, slug=slug)
    return client


def _id_of_new(session: Session, tenant_id: uuid.UUID, slug: str) -> uuid.UUID:
    """Return an id for a new client; where ids are seeded, a removed client may have that of its slug."""
    wanted = id_for("client", tenant_id, slug)
    rows = lookup(session, "select client_id from qm_client_ids(:tenant)", tenant=tenant_id)
    return new_id() if any(row.client_id == wanted for row in rows) else wanted


def load_client(session: Session, client: Client) -> Client:
    """Refresh the client and lock its row until this transaction ends."""
    # Like that of definitions it lets foreign key checks through: intake must not wait for it.
    session.refresh(client, with_for_update={"key_share": True})
    return client


def hold_client(session: Session, client_id: uuid.UUID) -> Client:
    """Return a client whose settings and definitions cannot change until this transaction ends.

    Whoever changes them locks the row too. Any number of transactions may hold it at once.
    """
    statement = select(Client).where(
        Client.tenant_id == scope_of(session).tenant_id, Client.client_id == client_id
    )
    return session.scalars(statement.with_for_update(read=True)).one()


def change_client(
    session: Session, client: Client, *, name: str | None = None, settings: Mapping[str, Any] | None = None
) -> Client:
    """Rename a client or change some of its settings."""
    if name is not None:
        check_name(name)
    load_client(session, client)
    before, zone_before = {"name": client.name, "settings": client.settings}, time_zone_of(client)
    client.name = client.name if name is None else name
    client.settings = {**client.settings, **(settings or {})}
    after = {"name": client.name, "settings": client.settings}
    if after != before:
        client.revision += 1
        session.flush()
        audit.record(
            session,
            "client.changed",
            f"client:{client.client_id}",
            client_id=client.client_id,
            before=before,
            after=after,
        )
        if time_zone_of(client) != zone_before:
            announce(session, Change(client.client_id, TIME_ZONE))
    return client


def removed_client(session: Session, client_id: uuid.UUID) -> Client:
    """Return a client that was removed; raise NotFound for any other."""
    with every_client(session):
        wanted = select(Client).where(Client.client_id == client_id, Client.removed_at.is_not(None))
        client = session.scalars(wanted).one_or_none()
    if client is None:
        raise NotFound("removed client")
    return client


def client_named(session: Session, wanted: str) -> Client:
    """Return the client with this slug or id, if the caller may see it."""
    client = session.scalars(_select_by_name(session, wanted)).one_or_none()
    if client is None:
        raise NotFound("client")
    return client


def use_client_scope(session: Session, wanted: str) -> Client:
    """Return the client with this slug or id, if the caller may see it, and restrict the scope to it."""
    client = restrict_to_clients(session, _select_by_name(session, wanted))
    if client is None:
        raise NotFound("client")
    return client


def _select_by_name(session: Session, wanted: str) -> Select[Client]:
    if not wanted.isascii() or not wanted.isprintable():
        raise NotFound("client")
    column = Client.client_id if _looks_like_id(wanted) else Client.slug
    value: Any = uuid.UUID(wanted) if _looks_like_id(wanted) else wanted
    return select(Client).where(Client.tenant_id == scope_of(session).tenant_id, column == value)


def clients_named(session: Session, wanted: Sequence[str]) -> list[Client]:
    """Return the clients listed under `/clients` of a request body.

    Raises
    ------
    Invalid
        With a fault for each one outside the caller's scope, whether or not it exists.
    """
    clients: dict[uuid.UUID, Client] = {}
    faults: list[Fault] = []
    for index, name in enumerate(wanted):
        try:
            client = client_named(session, name)
        except NotFound as error:
            faults.append(Fault(f"/clients/{index}", "unknown_client", str(error)))
        else:
            clients[client.client_id] = client
    if faults:
        raise Invalid(faults)
    return list(clients.values())
