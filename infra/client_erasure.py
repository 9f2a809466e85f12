"""Erases what is left of a client that was removed."""

from sqlalchemy import create_engine, delete, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from infra.database_schema import every_table
from tenants.isolation import Scope, set_scope
from tenants.models import Client

# Who was limited to the client must not become unlimited, and the audit log keeps its chain.
KEPT = frozenset({"clients", "memberships", "credential_clients", "audit_entries"})


def erase(owner_url: str, client: Client) -> int:
    """Delete all rows of a removed client, in one transaction as the tables' owner; return their number.

    Published definitions are kept from everybody else by a trigger, closed windows and the history of gates
    by missing rights; here nothing rests on them any more.
    """
    engine = create_engine(owner_url, poolclass=NullPool, hide_parameters=True)
    with Session(engine) as session, session.begin():
        set_scope(session, Scope(client.tenant_id, (client.client_id,)))
        connection, gone = session.connection(), 0
        for table in reversed(every_table().sorted_tables):
            if "client_id" not in table.columns or table.name in KEPT:
                continue
            if table.name == "definitions":
                connection.execute(text("alter table definitions disable trigger keep_published"))
            own = table.columns.tenant_id == client.tenant_id, table.columns.client_id == client.client_id
            gone += connection.execute(delete(table).where(*own)).rowcount
        connection.execute(text("alter table definitions enable trigger keep_published"))
    engine.dispose()
    return gone
