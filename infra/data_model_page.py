"""Writes the page of the data model from the tables of the code: `python -m infra.data_model_page`."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects import postgresql

from infra.database_schema import every_table
from tenants.isolation import Base

WRITERS: Mapping[str, Sequence[str]] = {
    "acknowledgements": ("qm.disputes.acknowledging",),
    "access_tokens": ("tenants.credentials", "tenants.oauth", "workers.schedule"),
    "audit_entries": ("tenants.audit",),
    "audit_heads": ("tenants.audit", "tenants.clients"),
    "authorization_codes": ("tenants.oauth_grants",),
    "branding": ("qm.branding.appearance",),
    "calibration_answers": ("qm.calibration.answering", "qm.reviews.calibrations_to_answer"),
    "calibration_items": ("qm.calibration.running",),
    "calibration_participants": (
        "qm.calibration.blindness",
        "qm.calibration.changing",
        "qm.calibration.running",
    ),
    "calibrations": ("qm.calibration.changing", "qm.calibration.running"),
    "clients": ("tenants.clients",),
    "coaching_evidence": ("qm.coaching.planning",),
    "coaching_plans": ("qm.coaching.leaving", "qm.coaching.planning"),
    "corrective_actions": ("qm.corrective_actions.writing",),
    "credential_clients": ("tenants.credentials",),
    "credentials": ("tenants.credentials", "tenants.oauth_apps", "tenants.oauth_grants", "tenants.sign_in"),
    "daily_rollups": ("qm.facts.rollup_statements",),
    "definitions": ("scorecards.authoring.versions",),
    "dispute_answers": ("qm.disputes.opening", "qm.disputes.deciding"),
    "dispute_decisions": ("qm.disputes.deciding",),
    "disputes": ("qm.disputes.opening", "qm.disputes.deciding", "qm.disputes.appealing"),
    "draw_commitments": ("qm.sampling.commitments",),
    "evaluation_readings": ("qm.reviews.readings",),
    "evaluations": (
        "qm.reviews.editing",
        "qm.reviews.publishing",
        "qm.reviews.reviewed_words",
        "qm.reviews.submission",
        "workers.scoring.job",
    ),
    "friction_facts": ("qm.friction.assignment",),
    "friction_sums": ("qm.friction.assignment", "qm.friction.sums"),
    "outcome_sums": ("qm.friction.sums",),
    "empowerment_sums": ("qm.friction.empowerment",),
    "workload_sums": ("qm.friction.workload",),
    "retention_sums": ("qm.friction.retention",),
    "gate_moves": ("qm.learning.gate_transitions",),
    "gates": ("qm.learning.gate_transitions", "workers.monitoring.gate_review"),
    "golden_items": ("qm.reviewer_quality.golden_items",),
    "idempotency_keys": ("tenants.http.idempotency", "workers.schedule"),
    "identity_providers": ("tenants.sso.configuration",),
    "interaction_events": ("qm.interactions.events",),
    "interaction_facts": ("qm.facts.rollup_statements",),
    "interactions": (
        "qm.interactions.pending",
        "qm.interactions.intake",
        "qm.interactions.parts",
        "qm.interactions.dead_interactions",
        "qm.privacy.erasure",
        "workers.scoring.claims",
    ),
    "kudos": ("qm.kudos.giving",),
    "library_entries": ("qm.language_library.entries",),
    "memberships": ("tenants.users",),
    "models": ("qm.learning.model_registry", "workers.training.train"),
    "passwords": ("tenants.sign_in", "tenants.leavers"),
    "quality_checks": ("qm.reviews.quality_checks",),
    "recognition_switches": ("qm.recognition.recognition",),
    "refresh_tokens": ("tenants.oauth_grants",),
    "report_deliveries": ("qm.snapshots.delivery", "qm.snapshots.schedules"),
    "report_schedules": ("qm.snapshots.schedules",),
    "report_shares": ("qm.snapshots.sharing",),
    "report_snapshots": ("qm.snapshots.freezing",),
    "snapshot_voids": ("qm.snapshots.freezing",),
    "reviews": (
        "qm.calibration.covert_reviews",
        "qm.privacy.erasure",
        "qm.reviewer_quality.golden_items",
        "qm.reviews.quality_checks",
        "qm.reviews.queue",
        "qm.reviews.reviewed_words",
        "qm.reviews.submission",
        "qm.reviews.unassignable",
        "qm.sampling.drawn_reviews",
        "workers.scoring.job",
    ),
    "sampling_windows": ("qm.sampling.closing",),
    "saved_views": ("qm.saved_views.views",),
    "sign_in_tokens": ("tenants.sign_in", "tenants.leavers"),
    "team_goals": ("qm.recognition.recognition",),
    "tenants": ("tenants.clients",),
    "trainings": ("qm.learning.trainings", "workers.training.claims", "workers.training.train"),
    "webhook_deliveries": (
        "qm.webhooks.deliveries",
        "qm.webhooks.delivery_claims",
        "qm.webhooks.outbox",
        "qm.webhooks.retention",
    ),
    "webhooks": (
        "qm.webhooks.delivery_claims",
        "qm.webhooks.endpoints",
        "qm.webhooks.listening",
        "qm.webhooks.retention",
        "workers.event_watch",
    ),
    "user_identities": ("tenants.leavers", "tenants.sso.people"),
    "users": ("tenants.users",),
}
"""The modules that insert, change or delete rows; a test looks for writes in all others."""

RESTRICTED: Mapping[str, str] = {
    "audit_entries": "select, insert",
    "audit_heads": "select, insert, update",
    "branding": "select, insert",
    "draw_commitments": "select, insert, update",
    "corrective_actions": "select, insert",
    "evaluation_readings": "select, insert",
    "gate_moves": "select, insert",
    "report_deliveries": "select, insert, update",
    "report_schedules": "select, insert, update",
    "report_shares": "select, insert, update",
    "report_snapshots": "select, insert",
    "sampling_windows": "select, insert",
    "snapshot_voids": "select, insert",
}
"""What the application role may do where that is not everything."""

LOOKED_UP = frozenset(
    {
        "access_tokens",
        "clients",
        "credential_clients",
        "credentials",
        "interactions",
        "memberships",
        "models",
        "tenants",
        "trainings",
        "webhook_deliveries",
        "webhooks",
    }
)
"""Tables of which the look-up role may read some columns across tenants."""

C = TypeVar("C", UniqueConstraint, CheckConstraint, ForeignKeyConstraint)
_EVERYTHING = "select, insert, update, delete"
_HEAD = """\
# Data model

Generated from the tables of the code with `make data-model`; a test compares this page with the code and
with a database. [What the policies do](../explanation/isolation.md). [Words](glossary.md).

Every table has row-level security, enabled and forced. `tenant_wall` shows rows of the tenant of this
transaction. `client_wall` takes away rows of clients that are not in the transaction's list; "or none" means
that rows without a client stay. `look_up` lets `qm_lookup`, as which nobody signs in, read a few columns.
Only migrations change tables.
"""


def page() -> str:
    """Return the page as Markdown."""
    tables = sorted(every_table().tables.values(), key=lambda each: each.name)
    docs = {str(each.local_table): each.class_.__doc__ or "" for each in Base.registry.mappers}
    parts = [_HEAD, _overview(tables, docs)]
    parts += [_section(table, docs[table.name]) for table in tables]
    return "\n".join(parts)


def policies(table: Table) -> tuple[str, ...]:
    """Return the names of the row-level security policies of a table."""
    found = ["tenant_wall"]
    if "client_id" in table.columns:
        found.insert(0, "client_wall")
    if table.name in LOOKED_UP:
        found.insert(-1, "look_up")
    return tuple(found)


def _overview(tables: Sequence[Table], docs: Mapping[str, str]) -> str:
    rows = [
        (f"[`{table.name}`](#{table.name})", _first_sentence(docs[table.name]), _codes(WRITERS[table.name]))
        for table in tables
    ]
    return _grid(("table", "one row is", "written by"), rows)


def _section(table: Table, doc: str) -> str:
    facts = [
        f"- Primary key: {_names(table.primary_key)}",
        *sorted(f"- Unique: {_names(each)}" for each in _constraints(table, UniqueConstraint)),
        *_foreign_keys(table),
        *(f"- Index: {_index(each)}" for each in sorted(table.indexes, key=lambda each: str(each.name))),
        *sorted(f"- Check: `{each.sqltext}`" for each in _constraints(table, CheckConstraint)),
        f"- Policies: {_policies(table)}",
        f"- `qm_app` may: {RESTRICTED.get(table.name, _EVERYTHING)}",
        f"- Written by: {_codes(WRITERS[table.name])}",
    ]
    columns = [(f"`{each.name}`", _type(each), "yes" if each.nullable else "") for each in table.columns]
    return "\n".join(
        [
            f"## {table.name}\n",
            f"{_paragraphs(doc)}\n",
            *facts,
            "",
            _grid(("column", "type", "null"), columns),
        ]
    )


def _foreign_keys(table: Table) -> Iterator[str]:
    lines = []
    for each in _constraints(table, ForeignKeyConstraint):
        target = each.elements[0].column.table.name
        columns = ", ".join(element.column.name for element in each.elements)
        ending = ", deleted with it" if each.ondelete == "CASCADE" else ""
        lines.append(f"- Foreign key: {_names(each)} to `{target} ({columns})`{ending}")
    return iter(sorted(lines))


def _index(index: Index) -> str:
    where = index.dialect_options["postgresql"]["where"]
    unique = "unique " if index.unique else ""
    condition = f" where `{where}`" if where is not None else ""
    return f"{unique}`({', '.join(each.name for each in index.columns)})`{condition}"


def _policies(table: Table) -> str:
    optional = "client_id" in table.columns and table.columns["client_id"].nullable
    return ", ".join(
        f"`{name}`" + (" (or none)" if optional and name == "client_wall" else "") for name in policies(table)
    )


def _constraints(table: Table, kind: type[C]) -> list[C]:
    return [each for each in table.constraints if isinstance(each, kind)]


def _names(constraint: PrimaryKeyConstraint | UniqueConstraint | ForeignKeyConstraint) -> str:
    return f"`({', '.join(each.name for each in constraint.columns)})`"


def _type(column: Column[object]) -> str:
    return str(column.type.compile(dialect=postgresql.dialect())).lower()  # type: ignore[no-untyped-call]


def _first_sentence(doc: str) -> str:
    return " ".join(doc.strip().split("\n\n")[0].split()).split(". ")[0].rstrip(".")


def _paragraphs(doc: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in doc.strip().split("\n\n"))


def _codes(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
