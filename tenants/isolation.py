"""The two walls: one provider never sees another, and a client-bound caller sees only those clients.

The walls stand in the database: every tenant-owned table carries row-level security, and the policies
read two settings that exist for one transaction only. This is the only module that knows these settings.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
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

# A lost setting reads as '' after the transaction, not as NULL: with nullif the comparison is false, not an
# error. The texts below are constants, never made from what a caller sent.
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
    """Every table of QM."""

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
    """A row of one provider; `tenant_id` starts its primary key."""

    tenant_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, sort_order=-20)


class ClientOwned(TenantOwned):
    """A row of one client of a provider."""

    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, sort_order=-10)


Owned = TypeVar("Owned", bound=ClientOwned)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows a transaction may touch; staff carry the list of all their clients."""

    tenant_id: uuid.UUID
    client_ids: tuple[uuid.UUID, ...] = field(default=())

    def narrowed(self, client_id: uuid.UUID) -> "Scope":
        """Return the scope of one client."""
        return Scope(self.tenant_id, (client_id,))


def make_engine(url: str, *, pool_size: int = 10) -> Engine:
    """Open a pool to the database; nothing connects before the first transaction.

    Statements' values are kept out of errors, and so out of logs: they are customers' words.
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
    """Have the pool connect anew where the database has closed its idle connections, as when it restarted.

    A closed connection has something to read, and an idle one that is open has not: to look costs no round
    trip. Keepalives close those whose other end is silently gone.
    """
    idle = poll()
    idle.register(connection, POLLIN)
    if idle.poll(0):
        raise InvalidatePoolError


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Open the one transaction in which a caller's work happens; commit it, then run what waited for it.

    It starts without a scope and so sees no tenant's row: only the narrow look-up functions answer until
    `set_scope`. The scope lasts for this transaction only, so a pooled connection carries nothing to its
    next user. Anything raised inside rolls everything back and forgets what was to run after the commit.
    """
    session = Session(engine, expire_on_commit=False)
    try:
        yield session
        session.flush()
        hooks: list[BeforeCommit] = session.info.pop("before_commit", [])
        for hook in hooks:
            hook(session)
        session.commit()
        waiting: list[AfterCommit] = session.info.pop("after_commit", [])
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()
    for announce in waiting:
        announce()


@contextmanager
def acting_as(engine: Engine, scope: Scope) -> Iterator[Session]:
    """Open a transaction that acts inside `scope` from its beginning."""
    with transaction(engine) as session:
        set_scope(session, scope)
        yield session


def set_scope(session: Session, scope: Scope) -> None:
    """Carry the scope into the running transaction."""
    session.execute(
        _SET_SCOPE,
        {
            "tenant": str(scope.tenant_id),
            "clients": ",".join(map(str, scope.client_ids)),
        },
    )
    session.info["scope"] = scope


def enter_tenant_scope(session: Session, statement: str, **values: Any) -> Row[Any] | None:
    """Enter the scope that a look-up finds as `tenant_id` and `client_ids`, in the same round trip.

    Returns what was found, or None, and then no scope is entered.
    """
    found = session.execute(_text(_ENTER_SCOPE.format(statement)), values).one_or_none()
    if found is not None:
        session.info["scope"] = Scope(found.tenant_id, tuple(found.client_ids))
    return found


def restrict_to_clients(session: Session, found: Select[Owned]) -> Owned | None:
    """Return the client that a select finds, and stay inside its walls from then on.

    One round trip: the database looks for the row inside the present walls, and narrows them only as it
    returns the row.
    """
    client_id = cast(found.selected_columns.client_id, Text)
    narrowing = func.set_config(CLIENTS_SETTING, client_id, True)
    row = session.execute(found.add_columns(narrowing)).one_or_none()
    if row is None:
        return None
    client: Owned = row[0]
    session.info["scope"] = scope_of(session).narrowed(client.client_id)
    return client


def scope_of(session: Session) -> Scope:
    """Return the scope that the running transaction carries."""
    scope: Scope = session.info["scope"]
    return scope


def before_commit(session: Session, hook: BeforeCommit) -> None:
    """Run `hook` as the last thing inside the transaction: for locks that should be held briefly."""
    session.info.setdefault("before_commit", []).append(hook)


def after_commit(session: Session, announce: AfterCommit) -> None:
    """Run `announce` once the transaction is safe, and never if it is not."""
    session.info.setdefault("after_commit", []).append(announce)


def isolate(table: str, *, client: str | None) -> Sequence[str]:
    """Return the statements that put a table behind the walls.

    Parameters
    ----------
    table
        Name of a table that has a `tenant_id` column.
    client
        ``"required"`` when each row belongs to a client, ``"optional"`` when `client_id` may be null
        (rows of the provider itself), ``None`` when the table has no `client_id`.

    Notes
    -----
    The client wall is a second, restrictive policy, so that it can only ever take rows away. It names the
    two roles it binds, because the look-up role has its own narrow permissive policies instead.
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
    """Run one of the look-up functions and return its rows."""
    return session.execute(_text(statement), values).all()


@cache
def _text(statement: str) -> TextClause:
    return text(statement)
