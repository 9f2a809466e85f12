"""HTTP routes of corrective actions, which belong to a client's reports."""

from typing import Any

from qm.corrective_actions.schemas import CorrectiveActionsSchema, NewCorrectiveActionsSchema
from qm.corrective_actions.writing import read_corrective_actions, write_corrective_actions
from qm.reports.access import request_from_arguments
from qm.reports.arguments import PeriodArguments
from qm.reports.routes import blueprint
from tenants.access import actor, requires, session
from tenants.models import Client, utc_now


@blueprint.route("/clients/<client>/reports/corrective-actions")
@requires("reports:read")
@blueprint.arguments(PeriodArguments, location="query")
@blueprint.response(200, CorrectiveActionsSchema)
def get_corrective_actions(arguments: dict[str, Any], client: Client) -> Any:
    """Read what the provider does about the report of a period, with every version of the text."""
    period = request_from_arguments(arguments, client).period
    sees = actor().sees_agents
    return read_corrective_actions(session(), client, period.first, period.last, authors=sees)


@blueprint.route("/clients/<client>/reports/corrective-actions", methods=["PUT"])
@requires("reports:write")
@blueprint.arguments(NewCorrectiveActionsSchema)
@blueprint.response(200, CorrectiveActionsSchema)
def put_corrective_actions(body: dict[str, Any], client: Client) -> Any:
    """Write what the provider does about the report of a period; earlier versions are kept."""
    days = {"first": body["from_"], "last": body["to"]}
    write_corrective_actions(
        session(), actor(), client, **days, text=body["text"], version=body["version"], now=utc_now()
    )
    return read_corrective_actions(session(), client, **days, authors=actor().sees_agents)
