"""Readers see one moment of the database, whatever is written meanwhile."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError

from tenants import audit
from tenants.isolation import Scope, set_scope, transaction


def test_a_snapshot_sees_one_moment_and_leaves_no_trace_on_the_connection(services, provider):
    def level(session):
        return session.scalar(text("show transaction_isolation"))

    with transaction(services.engine, snapshot=True) as reader:
        set_scope(reader, Scope(provider.tenant.tenant_id))
        clients = text("select count(*) from users")
        before = reader.scalar(clients)
        provider.add_user("admin", email="late@example.com")
        assert (reader.scalar(clients), level(reader)) == (before, "repeatable read")
    for _ in range(3):
        with transaction(services.engine) as session:
            assert level(session) == "read committed"


@pytest.mark.parametrize("statement", ["update users set name = 'x'", "select * from users for update"])
def test_a_snapshot_cannot_write_or_lock(services, provider, statement):
    with transaction(services.engine, snapshot=True) as reader:
        set_scope(reader, Scope(provider.tenant.tenant_id))
        with pytest.raises(InternalError, match="read-only"):
            reader.execute(text(statement))


def test_what_a_reader_records_is_written_after_it_whatever_was_recorded_meanwhile(services, provider):
    with transaction(services.engine, snapshot=True) as reader:
        set_scope(reader, Scope(provider.tenant.tenant_id))
        audit.act_as(reader, "reader")
        audit.record(reader, "thing.read", "thing:1")
        with provider.session() as other:
            audit.record(other, "thing.changed", "thing:1")

    with provider.session() as session:
        newest = session.execute(
            text("select action, actor from audit_entries order by number desc limit 2")
        ).all()
        assert [row[0] for row in newest] == ["thing.read", "thing.changed"]
        assert newest[0].actor == "reader"
        assert audit.verify(session) is None


def test_nothing_is_recorded_of_a_reader_that_failed(services, provider):
    def read_and_fail():
        with transaction(services.engine, snapshot=True) as reader:
            set_scope(reader, Scope(provider.tenant.tenant_id))
            audit.record(reader, "thing.read", "thing:1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read_and_fail()

    with provider.session() as session:
        assert session.scalar(text("select count(*) from audit_entries where action = 'thing.read'")) == 0
