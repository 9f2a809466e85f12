"""Tenant and client isolation by PostgreSQL row-level security.

Every tenant-owned table has policies that compare its rows with two settings, the tenant and the clients of
the caller, which exist for one transaction only. This is the only module that uses these settings.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from select import POLLIN, poll
from typing import Any, TypeVar

from sqlalchemy import (
    Engine,
    MetaData,
    Row,
    Select,
    Text,
    TextClause,
    Uuid,
    cast,
    create_engine,
    event,
    func,
    text,
)
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

TENANT_SETTING = "app.tenant_id"
CLIENTS_SETTING = "app.client_ids"

# After its transaction a setting reads as '', not as NULL: nullif makes the comparison false instead of an
# error. The SQL below is built from constants only, never from user input.
_TENANT_CLAUSE = f"tenant_id = (select nullif(current_setting('{TENANT_SETTING}', true), '')::uuid)"
_CLIENT_CLAUSE = (
    "client_id = any (array(select x::uuid from"  # noqa: S608
    f" string_to_table(nullif(current_setting('{CLIENTS_SETTING}', true), ''), ',') x))"
)
_OPTIONAL_CLIENT_CLAUSE = f"(client_id is null or {_CLIENT_CLAUSE})"

_SET_SCOPE = text(
    f"select set_config('{TENANT_SETTING}', :tenant, true), set_config('{CLIENTS_SETTING}', :clients, true)"
)
_ENTER_SCOPE = f"""
    select found.*, set_config('{TENANT_SETTING}', found.tenant_id::text, true),
           set_config('{CLIENTS_SETTING}', array_to_string(found.client_ids, ','), true)
    from ({{}} limit 1) as found
"""  # noqa: S608

AfterCommit = Callable[[], object]
BeforeCommit = Callable[[Session], None]


class Base(DeclarativeBase):
    """Declarative base of all tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class TenantOwned:
    """Mixin of rows that belong to a tenant; `tenant_id` is the first column of the primary key."""

    tenant_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, sort_order=-20)


class ClientOwned(TenantOwned):
    """Mixin of rows that belong to one client of a tenant."""

    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, sort_order=-10)


Owned = TypeVar("Owned", bound=ClientOwned)


@dataclass(frozen=True, slots=True)
class Scope:
    """The tenant and clients whose rows a transaction may access; staff have the ids of all their clients."""

    tenant_id: uuid.UUID
    client_ids: tuple[uuid.UUID, ...] = field(default=())

    def narrowed(self, client_id: uuid.UUID) -> "Scope":
        """Return the scope of one client."""
        return Scope(self.tenant_id, (client_id,))


def make_engine(url: str, *, pool_size: int = 10) -> Engine:
    """Create a connection pool; it connects with the first transaction.

    Statement parameters are hidden in errors, and so in logs: they contain customers' messages.
    """
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=15,
        hide_parameters=True,
        connect_args={
            "options": "-c timezone=UTC -c lock_timeout=20000",
            "application_name": "qm",
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
        },
    )
    event.listen(engine, "checkout", _reconnect_if_closed)
    return engine


def _reconnect_if_closed(connection: Any, *_: object) -> None:
    """Have the pool reconnect where the server has closed its idle connections, as after a restart.

    A closed connection is readable, an idle open one is not: polling costs no round trip. TCP keepalives
    close connections whose peer is gone.
    """
    idle = poll()
    idle.register(connection, POLLIN)
    if idle.poll(0):
        raise InvalidatePoolError


@contextmanager
def transaction(engine: Engine, *, snapshot: bool = False) -> Iterator[Session]:
    """Run a block in one transaction with commit hooks: `before_commit`, commit, then `after_commit`.

    With `snapshot` every statement sees the database as of the first one, and the database refuses to write:
    a write would fail whenever somebody else changed the same row since.

    It starts without a scope and so sees no tenant-owned row: only the lookup functions return anything
    before `set_scope`. The scope is local to the transaction, so none remains on a pooled connection. An
    exception rolls back and discards the hooks.
    """
    session = Session(engine, expire_on_commit=False)
    try:
        if snapshot:
            session.info["snapshot_of"] = engine
            session.connection(
                execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            )
        yield session
        session.flush()
        hooks: list[BeforeCommit] = session.info.pop("before_commit", [])
        for hook in hooks:
            hook(session)
        session.commit()
        callbacks: list[AfterCommit] = session.info.pop("after_commit", [])
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()
    for callback in callbacks:
        callback()


@contextmanager
def attempt(session: Session) -> Iterator[None]:
    """Run a block in a savepoint: when it fails, what it wrote and what it was to announce is undone.

    The exception goes on. The scope is that of before again, whatever the block has set.
    """
    before = {name: list(value) if isinstance(value, list) else value for name, value in session.info.items()}
    savepoint = session.begin_nested()
    try:
        yield
        savepoint.commit()
    except BaseException:
        savepoint.rollback()
        session.info.clear()
        session.info.update(before)
        raise


@contextmanager
def acting_as(engine: Engine, scope: Scope) -> Iterator[Session]:
    """Open a transaction with `scope` set from its beginning."""
    with transaction(engine) as session:
        set_scope(session, scope)
        yield session


def set_scope(session: Session, scope: Scope) -> None:
    """Set the scope of the running transaction."""
    session.execute(
        _SET_SCOPE,
        {
            "tenant": str(scope.tenant_id),
            "clients": ",".join(map(str, scope.client_ids)),
        },
    )
    session.info["scope"] = scope


def enter_tenant_scope(session: Session, statement: str, **values: Any) -> Row[Any] | None:
    """Enter the scope that a lookup returns as `tenant_id` and `client_ids`, in the same round trip.

    Returns its row, or None when there is none and no scope is entered.
    """
    row = session.execute(_text(_ENTER_SCOPE.format(statement)), values).one_or_none()
    if row is not None:
        session.info["scope"] = Scope(row.tenant_id, tuple(row.client_ids))
    return row


def restrict_to_clients(session: Session, statement: Select[Owned]) -> Owned | None:
    """Return the client-owned row that a select finds, and restrict the scope to its client.

    One round trip: the row is selected under the present policies, and the setting changes as it is returned.
    """
    client_id = cast(statement.selected_columns.client_id, Text)
    set_client = func.set_config(CLIENTS_SETTING, client_id, True)
    row = session.execute(statement.add_columns(set_client)).one_or_none()
    if row is None:
        return None
    owned: Owned = row[0]
    session.info["scope"] = scope_of(session).narrowed(owned.client_id)
    return owned


def scope_of(session: Session) -> Scope:
    """Return the scope of the running transaction; raise KeyError before `set_scope`."""
    scope: Scope = session.info["scope"]
    return scope


def before_commit(session: Session, hook: BeforeCommit) -> None:
    """Run `hook` at the end of the transaction, before the commit: for brief locks.

    What only reads cannot write: there the hook gets a transaction of its own, of the same scope, after it.
    """
    if "snapshot_of" in session.info:
        after_commit(session, partial(_run_apart, session, hook))
    else:
        session.info.setdefault("before_commit", []).append(hook)


def _run_apart(reader: Session, hook: BeforeCommit) -> None:
    """Run a hook with what a reader has collected; the reader's connection is free by then."""
    with acting_as(reader.info["snapshot_of"], scope_of(reader)) as writer:
        writer.info.update({name: value for name, value in reader.info.items() if name != "snapshot_of"})
        hook(writer)


def after_commit(session: Session, announce: AfterCommit) -> None:
    """Run `announce` after the commit, and not at all after a rollback."""
    session.info.setdefault("after_commit", []).append(announce)


def isolate(table: str, *, client: str | None) -> Sequence[str]:
    """Return the statements that create the row-level security policies of a table.

    Parameters
    ----------
    table
        Name of a table that has a `tenant_id` column.
    client
        ``"required"`` when each row belongs to a client, ``"optional"`` when `client_id` may be null
        (rows of the tenant itself), ``None`` when the table has no `client_id`.

    Notes
    -----
    The client policy is restrictive, so that it can only exclude rows that the tenant policy admits. Both
    name the roles they apply to, because the lookup role has permissive policies of its own.
    """
    statements = [
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        (
            f"create policy tenant_wall on {table} as permissive for all to qm_app, qm_owner"
            f" using ({_TENANT_CLAUSE}) with check ({_TENANT_CLAUSE})"
        ),
    ]
    if client is not None:
        clause = _CLIENT_CLAUSE if client == "required" else _OPTIONAL_CLIENT_CLAUSE
        statements.append(
            f"create policy client_wall on {table} as restrictive for all to qm_app, qm_owner"
            f" using ({clause}) with check ({clause})"
        )
    return statements


def lookup(session: Session, statement: str, **values: Any) -> Sequence[Any]:
    """Call one of the lookup functions and return its rows."""
    return session.execute(_text(statement), values).all()


@cache
def _text(statement: str) -> TextClause:
    return text(statement)
