"""What a report rests on: who made it, and the scorecards that were in force in its period."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from qm.reports.report_request import ReportRequest
from scorecards.authoring.models import Definition
from tenants.models import Client, Tenant


def report_basis(session: Session, request: ReportRequest) -> dict[str, Any]:
    """Return the provider, the moment, and the scorecards with their bands, the newest version first."""
    return {
        "provider": provider_name(session, request.client),
        "at": request.now,
        "scorecards": _scorecards(session, request),
        "version": version("qm"),
    }


def provider_name(session: Session, client: Client) -> str:
    """Return the name of the provider that works for a client."""
    return session.get_one(Tenant, client.tenant_id).name


def _scorecards(session: Session, request: ReportRequest) -> Sequence[Mapping[str, Any]]:
    start, end = request.period.start, request.period.end
    found = session.scalars(
        select(Definition)
        .where(
            Definition.client_id == request.client.client_id,
            Definition.kind == "scorecard",
            Definition.state != "draft",
            Definition.effective_from < end,
            or_(Definition.effective_to.is_(None), Definition.effective_to > start),
        )
        .order_by(Definition.key, Definition.version.desc())
    )
    return [_scorecard(each, start) for each in found]


def _scorecard(definition: Definition, start: datetime) -> dict[str, Any]:
    """Return a version with its bands, the highest first, and since when it holds if not from the start."""
    bands = sorted(definition.body.get("bands") or (), key=lambda band: -float(band["from"]))
    began = definition.effective_from
    return {
        "name": definition.body.get("name") or definition.key,
        "version": definition.version,
        "since": began if began is not None and began > start else None,
        "pass_mark": definition.body.get("pass_mark"),
        "bands": [(band["name"], band["from"]) for band in bands],
    }
