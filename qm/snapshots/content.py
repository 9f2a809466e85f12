"""What is frozen: all reports of a period as the client reads them, what they rest on, and its hash.

Words of conversations (moments of truth, quotes of themes) are left out: these can be erased, a snapshot
cannot be changed.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from marshmallow import Schema
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from qm.corrective_actions.writing import read_corrective_actions
from qm.learning.models import Model
from qm.reports import (
    agreement_report,
    coverage_report,
    empathy_report,
    empowerment_report,
    friction_report,
    outcomes_report,
    overview_report,
    retention_report,
    sentiment_report,
    sla_report,
    target_report,
    workload_report,
)
from qm.reports.agreement_schemas import AgreementReportSchema
from qm.reports.coverage_schemas import CoverageReportSchema
from qm.reports.empowerment_schemas import EmpowermentReportSchema
from qm.reports.friction_schemas import FrictionReportSchema
from qm.reports.outcomes_schemas import OutcomesReportSchema
from qm.reports.report_request import Period, ReportRequest
from qm.reports.retention_schemas import RetentionReportSchema
from qm.reports.schemas import EmpathyReportSchema, OverviewReportSchema, SlaReportSchema
from qm.reports.sentiment_schemas import SentimentReportSchema
from qm.reports.target_schemas import TargetReportSchema
from qm.reports.workload_schemas import WorkloadReportSchema
from qm.sampling.commitments import revealed
from qm.snapshots.fixed_periods import unit_of
from scorecards.authoring.models import Definition
from tenants.clients import DEFAULT_SETTINGS
from tenants.credentials import Actor
from tenants.isolation import Scope
from tenants.models import Client, Tenant
from tenants.roles import CLIENT_ROLE, ROLES

FORMAT = 1
"""Of the content: another number where a reader would misread it."""
Make = Callable[[Session, ReportRequest, Actor], Mapping[str, Any]]

FROZEN_REPORTS: Mapping[str, tuple[Make, type[Schema]]] = {
    "overview": (lambda opened, request, _: overview_report.report(opened, request), OverviewReportSchema),
    "empathy": (lambda opened, request, _: empathy_report.report(opened, request), EmpathyReportSchema),
    "targets": (lambda opened, request, _: target_report.report(opened, request), TargetReportSchema),
    "sla": (lambda opened, request, _: sla_report.report(opened, request), SlaReportSchema),
    "sentiment": (lambda opened, request, _: sentiment_report.report(opened, request), SentimentReportSchema),
    "friction": (friction_report.report, FrictionReportSchema),
    "outcomes": (lambda opened, request, _: outcomes_report.report(opened, request), OutcomesReportSchema),
    "retention": (lambda opened, request, _: retention_report.report(opened, request), RetentionReportSchema),
    "empowerment": (
        lambda opened, request, _: empowerment_report.report(opened, request),
        EmpowermentReportSchema,
    ),
    "workload": (lambda opened, request, _: workload_report.report(opened, request), WorkloadReportSchema),
    "coverage": (lambda opened, request, _: coverage_report.report(opened, request), CoverageReportSchema),
    "agreement": (agreement_report.report, AgreementReportSchema),
}
"""The reports that are frozen; one that is added here is frozen from then on."""
CALENDAR_METHOD = (
    "Frozen at a date that was fixed beforehand, so its intervals hold as they stand. Credits and "
    "penalties follow reports of this kind alone."
)
HAND_METHOD = (
    "Frozen by hand: whoever chooses the moment could wait for a better number, so estimates from reviews "
    "carry the wider intervals that hold at all moments together (asymptotic confidence sequence, Robbins' "
    "normal mixture). Sums over everything that happened, such as SLA and sentiment, are the same at any "
    "moment. Credits and penalties do not follow it: they follow dates that were fixed beforehand alone."
)
_REPORT_SETTINGS = ("charged_threshold", "interval_limit", "severity_correction", "time_zone")


@dataclass(frozen=True, slots=True)
class Freeze:
    """How a report is frozen: by `calendar`, for a date that was fixed, or by `hand`; and when it was."""

    frozen_by: str
    frozen_at: datetime
    due_at: datetime | None = None

    @property
    def by_hand(self) -> bool:
        """Whether somebody chose the moment."""
        return self.frozen_by == "hand"


def frozen_content(
    session: Session, client: Client, period: Period, freeze: Freeze, key: bytes
) -> dict[str, Any]:
    """Return what is frozen of a period, as plain values of JSON; `key` is the sampling key."""
    request = ReportRequest(
        client, period, "week", freeze.frozen_at, suppress_small=True, anytime=freeze.by_hand
    )
    reader = client_reader(client)
    reports = {
        name: schema().dump(make(session, request, reader)) for name, (make, schema) in FROZEN_REPORTS.items()
    }
    for theme in reports["friction"]["themes"]:
        del theme["quotes"]
    actions = read_corrective_actions(session, client, period.first, period.last, authors=False)
    content = {
        "format": FORMAT,
        "provider": session.get_one(Tenant, client.tenant_id).name,
        "client": {"slug": client.slug, "name": client.name},
        "from": period.first,
        "to": period.last,
        "unit": unit_of(period),
        "frozen_by": freeze.frozen_by,
        "frozen_at": freeze.frozen_at,
        "due_at": freeze.due_at,
        "interval": "anytime" if freeze.by_hand else "fixed_time",
        "method": HAND_METHOD if freeze.by_hand else CALENDAR_METHOD,
        "versions": _versions(session, client, period, freeze),
        "settings": {name: client.settings.get(name, DEFAULT_SETTINGS[name]) for name in _REPORT_SETTINGS},
        "draws": _revealed_keys(session, client, period, freeze, key),
        "corrective_actions": {name: actions[name] for name in ("version", "text", "written_at")},
        "reports": reports,
    }
    plain: dict[str, Any] = json.loads(json.dumps(content, default=_plain, allow_nan=False))
    return plain


def _revealed_keys(
    session: Session, client: Client, period: Period, freeze: Freeze, key: bytes
) -> list[dict[str, Any]]:
    """Return the keys of the months that are over, from the one in which the period begins."""
    first = f"{period.start:%Y-%m}"
    known = revealed(session, client, key, freeze.frozen_at)
    return [each for each in known if each["key"] is not None and each["month"] >= first]


def client_reader(client: Client) -> Actor:
    """Return a reader who sees what the client's own people see, and is nobody."""
    scopes = frozenset(ROLES[CLIENT_ROLE])
    scope = Scope(client.tenant_id, (client.client_id,))
    return Actor(uuid.UUID(int=0), None, CLIENT_ROLE, "", scopes, scope, bound=True)


def canonical_json(content: Mapping[str, Any]) -> str:
    """Return the one text of some content: keys in order, no spaces, no escapes beyond what JSON needs.

    >>> canonical_json({"b": [1.5, None], "a": "Grüße"})
    '{"a":"Grüße","b":[1.5,null]}'
    """
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def content_hash(text: str) -> str:
    """Return the SHA-256 of a canonical text in UTF-8, in hexadecimal.

    >>> content_hash("{}")[:16]
    '44136fa355b3678a'
    """
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _versions(session: Session, client: Client, period: Period, freeze: Freeze) -> dict[str, Any]:
    """Return the versions that the reports rest on: software, and definitions and models of the period."""
    definitions = session.scalars(
        select(Definition)
        .where(
            Definition.client_id == client.client_id,
            Definition.state != "draft",
            Definition.effective_from < period.end,
            or_(Definition.effective_to.is_(None), Definition.effective_to > period.start),
        )
        .order_by(Definition.kind, Definition.key, Definition.version)
    )
    models = session.scalars(
        select(Model)
        .where(
            Model.client_id == client.client_id,
            Model.in_force_since < period.end,
            or_(Model.retired_at.is_(None), Model.retired_at > period.start),
        )
        .order_by(Model.kind, Model.version)
    )
    return {
        "qm": version("qm"),
        "definitions": [_definition(each, freeze.frozen_at) for each in definitions],
        "models": [
            {"kind": each.kind, "version": each.version, "digest": each.digest.hex()} for each in models
        ],
    }


def _definition(each: Definition, now: datetime) -> dict[str, Any]:
    ended = each.effective_to
    return {
        "kind": each.kind,
        "key": each.key,
        "name": each.body.get("name") or each.key,
        "version": each.version,
        "effective_from": each.effective_from,
        "effective_to": ended if ended is not None and ended <= now else None,
        "digest": each.digest.hex(),
    }


def leaves(value: Any, path: str = "") -> Mapping[str, Any]:
    """Return every single value of some content by its JSON pointer; of empty lists and objects the length.

    >>> leaves({"a": [1, {"b": None}], "c": []})
    {'/a/0': 1, '/a/1/b': None, '/c': 0}
    """
    if isinstance(value, Mapping):
        parts: Sequence[tuple[str, Any]] = [(str(name), each) for name, each in value.items()]
    elif isinstance(value, list):
        parts = [(str(number), each) for number, each in enumerate(value)]
    else:
        return {path: value}
    if not parts:
        return {path: 0}
    found: dict[str, Any] = {}
    for name, each in parts:
        found.update(leaves(each, f"{path}/{name.replace('~', '~0').replace('/', '~1')}"))
    return found
