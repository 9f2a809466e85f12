"""Seeds every table for two providers and attempts every bypass of the row-level security policies."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from psycopg.errors import InsufficientPrivilege
from sqlalchemy import (
    Column,
    Engine,
    ForeignKeyConstraint,
    Table,
    and_,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from infra.database_schema import every_table
from tenants import clients
from tenants.isolation import Scope, acting_as, transaction

TABLES: Mapping[str, Table] = {table.name: table for table in every_table().sorted_tables}
MADE_WITH_THE_TENANT = {"tenants", "clients", "audit_heads"}
_number = count(1)

# Where a column must hold one of some words, or fit its neighbours.
_VALUES: Mapping[tuple[str, str], Any] = {
    ("branding", "version"): lambda: next(_number),
    ("calibration_participants", "side"): "provider",
    ("calibrations", "reference"): "expert",
    ("calibrations", "source"): "picked",
    ("coaching_plans", "outcome"): None,
    ("corrective_actions", "first_day"): date(2026, 1, 1),
    ("corrective_actions", "last_day"): date(2026, 1, 31),
    ("corrective_actions", "version"): lambda: next(_number),
    ("credentials", "kind"): "key",
    ("team_goals", "first_day"): date(2026, 1, 1),
    ("team_goals", "last_day"): date(2026, 3, 31),
    ("dispute_answers", "outcome"): "keep",
    ("disputes", "side"): "agent",
    ("disputes", "state"): "open",
    ("definitions", "kind"): "playbook",
    ("definitions", "state"): "draft",
    ("definitions", "effective_from"): None,
    ("interactions", "state"): "pending",
    ("evaluations", "kind"): "human",
    ("quality_checks", "kind"): "golden",
    ("report_deliveries", "state"): "waiting",
    ("report_schedules", "unit"): "month",
    ("report_schedules", "ended_at"): lambda: datetime.now(UTC),
    ("report_snapshots", "frozen_by"): "calendar",
    ("report_snapshots", "due_at"): lambda: datetime.now(UTC),
    ("reviews", "quality_check"): None,
    ("reviews", "state"): "queued",
    ("reviews", "kind"): "standard",
    ("reviews", "nobody"): "language",
    ("reviews", "inclusion_probability"): 0.5,
    ("reviews", "draw"): 0.25,
    ("kudos", "source"): "hand",
    ("kudos", "state"): "confirmed",
    ("library_entries", "kind"): "phrase",
    ("library_entries", "state"): "confirmed",
    ("users", "role"): "reviewer",
    ("audit_entries", "number"): lambda: 1_000_000 + next(_number),
    ("saved_views", "list"): "interactions",
    ("sign_in_tokens", "purpose"): "invitation",
    ("trainings", "kind"): "answers",
    ("trainings", "state"): "queued",
    ("models", "kind"): "answers",
    ("models", "state"): "in_force",
    ("models", "fault"): "It cannot be read.",
    ("models", "version"): lambda: next(_number),
    ("gates", "state"): "assisted",
    ("gates", "highest"): "automatic",
    ("gate_moves", "number"): lambda: next(_number),
    ("gate_moves", "from_state"): "human_only",
    ("gate_moves", "to_state"): "assisted",
    ("webhooks", "kind"): "http",
    ("webhooks", "url"): "https://example.com/events",
    ("webhooks", "events"): lambda: ["sla.breached"],
    ("webhooks", "state"): "enabled",
    ("webhooks", "disabled_because"): None,
    ("webhook_deliveries", "state"): "pending",
}
_BY_TYPE: Mapping[type, Any] = {
    uuid.UUID: uuid.uuid4,
    str: lambda: f"text-{next(_number)}",
    bytes: lambda: next(_number).to_bytes(32),
    bool: lambda: False,
    int: lambda: 1,
    float: lambda: 0.5,
    datetime: lambda: datetime.now(UTC),
    date: lambda: date(2026, 1, next(_number) % 28 + 1),
    list: list,
    object: dict,
}


@dataclass
class Place:
    """One client of one provider, with one row of every table."""

    scope: Scope
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def tenant_id(self) -> uuid.UUID:
        return self.scope.tenant_id

    @property
    def client_id(self) -> uuid.UUID:
        return self.scope.client_ids[0]

    def new_row(self, table: Table) -> dict[str, Any]:
        """Return a row of this place that fits every reference and is not stored yet."""
        row = {"tenant_id": self.tenant_id}
        if "client_id" in table.c:
            row["client_id"] = self.client_id
        if table.name == "tenants":
            row["tenant_id"] = uuid.uuid4()
        for constraint in table.constraints:
            if isinstance(constraint, ForeignKeyConstraint):
                for element in constraint.elements:
                    target = self.rows[element.column.table.name]
                    row.setdefault(element.parent.name, target[element.column.name])
        for column in (each for each in table.columns if each.computed is None):
            if column.name not in row:
                row[column.name] = _value(table, column)
        return row


def _value(table: Table, column: Column[Any]) -> Any:
    if (table.name, column.name) in _VALUES:
        value = _VALUES[table.name, column.name]
        return value() if callable(value) else value
    return None if column.nullable else _BY_TYPE[column.type.python_type]()


@dataclass(frozen=True)
class Seeds:
    """Two clients of one provider, and one client of another."""

    here: Place
    beside: Place
    abroad: Place

    @property
    def stolen(self) -> Place:
        """The other provider, with this provider's client in its scope: one wall alone must hold."""
        return Place(Scope(self.abroad.tenant_id, self.here.scope.client_ids), self.abroad.rows)


def seed(app: Engine) -> Seeds:
    """Fill every table through the application role, with commits."""
    here, beside = _provider(app)
    abroad, _ = _provider(app)
    return Seeds(here, beside, abroad)


def _provider(app: Engine) -> Sequence[Place]:
    with transaction(app) as session:
        tenant = clients.create_tenant(session, name=f"Walled {uuid.uuid4().hex[:12]}")
        made = [clients.create_client(session, name=f"Client {next(_number)}") for _ in range(2)]
    places = [Place(Scope(tenant.tenant_id, (client.client_id,))) for client in made]
    for place in places:
        with acting_as(app, place.scope) as session:
            for table in TABLES.values():
                place.rows[table.name] = _stored(session, place, table)
    return places


def _stored(session: Session, place: Place, table: Table) -> dict[str, Any]:
    if table.name not in MADE_WITH_THE_TENANT:
        row = place.new_row(table)
        session.execute(insert(table), [row])
        return row
    return dict(session.execute(select(table)).mappings().one())


def violations(app: Engine, owner: Engine, seeds: Seeds, names: Sequence[str] = tuple(TABLES)) -> list[str]:
    """Return every way found through the walls of these tables, and every own row out of reach."""
    found: list[str] = []
    for name in names:
        table = TABLES[name]
        found += _own(app, seeds, table)
        found += _foreign(app, None, seeds.here, table, "no scope")
        found += _foreign(app, seeds.abroad, seeds.here, table, "other tenant")
        found += _foreign(app, seeds.stolen, seeds.here, table, "other tenant that names our client")
        if "client_id" in table.c:
            found += _foreign(app, seeds.beside, seeds.here, table, "other client")
        with transaction(owner) as session:
            if session.scalar(select(func.count()).select_from(table)):
                found.append(f"{name}: the owner reads it without a scope")
    return found


def blind_look_ups(app: Engine, seeds: Seeds) -> list[str]:
    """Return the look-up functions that do not find what they are for."""
    place, rows = seeds.here, seeds.here.rows
    asked = {
        "qm_locate_credential(:value)": rows["credentials"]["key_hash"],
        "qm_locate_credential( :value)": rows["access_tokens"]["token_hash"],
        "qm_locate_oauth_client(:value)": rows["credentials"]["credential_id"],
        "qm_locate_tenant(:value)": rows["tenants"]["slug"],
        "qm_client_ids(:value)": place.tenant_id,
        "qm_backlog() where tenant_id = :value": place.tenant_id,
        "qm_tenants() where tenant_id = :value": place.tenant_id,
        "qm_training_backlog() where tenant_id = :value": place.tenant_id,
        "qm_models_at_fault() where tenant_id = :value": place.tenant_id,
        "qm_webhooks_due() where tenant_id = :value": place.tenant_id,
        "qm_webhook_totals() where tenant_id = :value": place.tenant_id,
        "qm_webhooks_watching() where tenant_id = :value": place.tenant_id,
    }
    with transaction(app) as session:
        return [
            call
            for call, value in asked.items()
            if not session.execute(text(f"select from {call}"), {"value": value}).all()
        ]


def bound_clients(app: Engine, seeds: Seeds, *, bound: bool, person: bool) -> set[uuid.UUID]:
    """Return what a credential opens, itself bound to one client, or acting for a person who is."""
    row = seeds.here.rows["credentials"]
    user = seeds.here.rows["users"]["user_id"] if person else None
    with acting_as(app, seeds.here.scope) as session:
        session.execute(
            text("update credentials set bound = :bound, user_id = :user where credential_id = :this"),
            {"bound": bound, "user": user, "this": row["credential_id"]},
        )
    with transaction(app) as session:
        found = session.execute(
            text("select client_id from qm_credential_client_ids(:tenant, :credential)"),
            {"tenant": row["tenant_id"], "credential": row["credential_id"]},
        )
        return set(found.scalars())


def _own(app: Engine, seeds: Seeds, table: Table) -> list[str]:
    with acting_as(app, seeds.here.scope) as session:
        seen = session.execute(select(table).where(_is(table, seeds.here))).all()
        return [] if len(seen) == 1 else [f"{table.name}: its own client does not see it"]


def _foreign(app: Engine, viewer: Place | None, target: Place, table: Table, view: str) -> list[str]:
    there = _is(table, target)
    attempts = {
        "SELECT": lambda session: bool(session.execute(select(table).where(there)).all()),
        "SELECT all": lambda session: _sees_foreign(session, viewer, table),
        "INSERT": lambda session: _done(session, insert(table).values(target.new_row(table))),
        "UPDATE": lambda session: _done(
            session, update(table).where(there).values(tenant_id=target.tenant_id)
        ),
        "DELETE": lambda session: _done(session, delete(table).where(there)),
    }
    if viewer is not None:
        attempts["MOVE"] = lambda session: _moved(session, viewer, target, table)
    found = []
    for attempt, succeeds in attempts.items():
        with _undone(app, viewer) as session:
            if succeeds(session):
                found.append(f"{table.name}: {attempt} with {view}")
    return found


def _is(table: Table, place: Place) -> Any:
    row = place.rows[table.name]
    return and_(*(column == row[column.name] for column in table.primary_key))


def _sees_foreign(session: Session, viewer: Place | None, table: Table) -> bool:
    """Whether a query without any condition brings a row of somebody else."""
    columns = [table.c.tenant_id, *([table.c.client_id] if "client_id" in table.c else [])]
    for row in session.execute(select(*columns).distinct()):
        if viewer is None or row.tenant_id != viewer.tenant_id:
            return True
        if len(columns) == 2 and row.client_id not in {None, viewer.client_id}:
            return True
    return False


def _done(session: Session, statement: Any) -> bool:
    """Whether a statement went through the wall: touched a row, or failed for any reason but the wall."""
    try:
        return session.execute(statement).rowcount != 0
    except DBAPIError as error:
        return not isinstance(error.orig, InsufficientPrivilege)


def _moved(session: Session, viewer: Place, target: Place, table: Table) -> bool:
    """Whether a viewer can push a row of its own over the wall."""
    where = {"tenant_id": target.tenant_id}
    if "client_id" in table.c:
        where["client_id"] = target.client_id
    return _done(session, update(table).where(_is(table, viewer)).values(**where))


@contextmanager
def _undone(app: Engine, viewer: Place | None) -> Iterator[Session]:
    """Open a transaction of the viewer that is rolled back in any case."""
    with transaction(app) if viewer is None else acting_as(app, viewer.scope) as session:
        yield session
        session.rollback()
