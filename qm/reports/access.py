"""Who may read which report: a caller's report request, with small counts suppressed where they must be.

Every report endpoint needs the scope `reports:read` and a client in the caller's scope. A client's
stakeholders see no agents, no figure of fewer than five interactions (`qm.disclosure`) and no single
interaction.
"""

from collections.abc import Mapping
from typing import Any

from qm.disclosure import SEES_INTERACTIONS
from qm.reports.arguments import period_from_arguments
from qm.reports.report_request import FILTERS, ReportRequest
from tenants.access import Forbidden, actor
from tenants.clients import time_zone_of
from tenants.http.faults import Fault, Invalid
from tenants.models import Client, utc_now


def request_from_arguments(arguments: Mapping[str, Any], client: Client) -> ReportRequest:
    """Return the report request of the arguments for this caller."""
    suppress_small, grouping = not actor().sees_agents, arguments.get("group_by")
    if suppress_small and grouping == "agent":
        detail = "A client's stakeholders see no figures of single agents; group by something else."
        raise Invalid([Fault("/query/group_by", "agents_not_shown", detail)])
    return ReportRequest(
        client=client,
        period=period_from_arguments(arguments, time_zone_of(client)),
        group_by=grouping or "week",
        now=utc_now(),
        filters={name: arguments[name] for name in FILTERS if name in arguments},
        suppress_small=suppress_small,
    )


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
