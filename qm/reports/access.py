"""Who may read which report: a caller's report request, with small counts suppressed where they must be.

Every report endpoint needs the scope `reports:read` and a client in the caller's scope. A client's
stakeholders see no agents, no figure of fewer than five interactions (`qm.disclosure`), no single
interaction, and whole months only (`qm.reports.differencing`).
"""

from collections.abc import Mapping
from typing import Any

from qm.disclosure import SEES_INTERACTIONS
from qm.reports.arguments import period_from_arguments
from qm.reports.differencing import check_filters, whole_month
from qm.reports.report_request import FILTERS, ReportRequest
from tenants.access import Forbidden, actor, session
from tenants.clients import time_zone_of
from tenants.days import day_of
from tenants.http.faults import Fault, Invalid
from tenants.models import Client, utc_now


def request_from_arguments(
    arguments: Mapping[str, Any], client: Client, *, own: bool = False
) -> ReportRequest:
    """Return the report request of the arguments for this caller; with `own`, about nobody but themselves."""
    suppress_small, grouping = not (own or actor().sees_agents), arguments.get("group_by")
    if suppress_small and grouping == "agent":
        detail = "A client's stakeholders see no figures of single agents; group by something else."
        raise Invalid([Fault("/query/group_by", "agents_not_shown", detail)])
    time_zone, now = time_zone_of(client), utc_now()
    period = (
        whole_month(arguments, day_of(now, time_zone), time_zone)
        if suppress_small
        else period_from_arguments(arguments, time_zone)
    )
    report_request = ReportRequest(
        client=client,
        period=period,
        group_by=grouping or "week",
        now=now,
        filters={name: arguments[name] for name in FILTERS if name in arguments},
        suppress_small=suppress_small,
    )
    if suppress_small and report_request.filters:
        check_filters(session(), report_request)
    return report_request


def require_agent_access(report_request: ReportRequest) -> ReportRequest:
    """Return the request if this caller may see figures of single agents.

    Raises
    ------
    Forbidden
        For a client's stakeholders, who see no agents.
    """
    if report_request.suppress_small:
        detail = "A client's stakeholders see no figures of single agents."
        raise Forbidden(SEES_INTERACTIONS, detail)
    return report_request


def require_agent(agent: str | None) -> str:
    """Return the agent that the caller is.

    Raises
    ------
    Forbidden
        For who is none.
    """
    if agent is None:
        raise Forbidden("reviews:own", "This is for agents: your account names no agent that you are.")
    return agent


def require_interaction_access(report_request: ReportRequest) -> ReportRequest:
    """Return the request if this caller may see single interactions.

    Raises
    ------
    Forbidden
        For a client's stakeholders, to whom counts below five are suppressed.
    """
    if report_request.suppress_small:
        raise Forbidden(SEES_INTERACTIONS, "A client's stakeholders see no single interactions here.")
    return report_request
