"""Addresses of the interactions behind a figure, for those who may see single interactions."""

from collections.abc import Callable
from typing import Any

from flask import url_for

from qm.reports.report_request import Period, ReportRequest
from tenants.credentials import Actor

Link = Callable[..., str | None]
"""Returns the address of the list of interactions under filters; None for those who may not see them."""


def interaction_links(request: ReportRequest, actor: Actor) -> Link:
    """Return what makes addresses of the period's interactions; `period` where it is another one's."""
    if request.suppress_small or "interactions:read" not in actor.scopes:
        return no_link

    def link(period: Period = request.period, **filters: Any) -> str | None:
        days: dict[str, Any] = {"from": period.first.isoformat(), "to": period.last.isoformat()}
        wanted = {**request.filters, **filters}
        if None in wanted.values() or "" in wanted.values():
            return None
        return url_for("console.interactions_of_client", client=request.client.slug, **wanted, **days)

    return link


def no_link(**_: Any) -> None:
    """Lead nowhere: for pictures and documents, which are looked at elsewhere."""
