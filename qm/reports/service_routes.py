"""HTTP routes of the reports on how the service works: what customers, agents and reviewers do."""

from typing import Any

from qm.reports import (
    agents_report,
    calibration_report,
    coverage_report,
    empowerment_report,
    retention_report,
    workload_report,
)
from qm.reports.access import request_from_arguments, require_agent, require_agent_access
from qm.reports.agents_schemas import AgentFiguresSchema, AgentsReportSchema
from qm.reports.arguments import TableArguments, UngroupedArguments
from qm.reports.calibration_schemas import CalibrationReportSchema, CalibrationSessionFiguresSchema
from qm.reports.coverage_schemas import CoverageRateSchema, CoverageReportSchema
from qm.reports.empowerment_schemas import EmpowermentDiscretionSchema, EmpowermentReportSchema
from qm.reports.responses import as_table, report_response
from qm.reports.retention_schemas import RetentionHorizonSchema, RetentionReportSchema
from qm.reports.routes import blueprint
from qm.reports.workload_schemas import WorkloadClassSchema, WorkloadReportSchema
from qm.reviews.handling_agents import load_own_agent
from tenants.access import actor, requires, session
from tenants.models import Client


@blueprint.route("/clients/<client>/reports/retention")
@requires("reports:read")
@blueprint.arguments(UngroupedArguments, location="query")
@blueprint.response(200, RetentionReportSchema)
@as_table(blueprint)
def get_retention_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read whether customers stayed after emotionally charged cases, and after all others."""
    found = retention_report.report(session(), request_from_arguments(arguments, client))
    return report_response("retention", arguments, found, RetentionHorizonSchema, "horizons")


@blueprint.route("/clients/<client>/reports/coverage")
@requires("reports:read")
@blueprint.arguments(UngroupedArguments, location="query")
@blueprint.response(200, CoverageReportSchema)
@as_table(blueprint)
def get_coverage_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read how much machine and people have judged, how it was drawn, what waits and what is missing."""
    found = coverage_report.report(session(), request_from_arguments(arguments, client))
    return report_response("coverage", arguments, found, CoverageRateSchema, "rates")


@blueprint.route("/clients/<client>/reports/empowerment")
@requires("reports:read")
@blueprint.arguments(UngroupedArguments, location="query")
@blueprint.response(200, EmpowermentReportSchema)
@as_table(blueprint)
def get_empowerment_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read whether agents use the discretion that playbooks leave them, within its limits."""
    found = empowerment_report.report(session(), request_from_arguments(arguments, client))
    return report_response("empowerment", arguments, found, EmpowermentDiscretionSchema, "discretions")


@blueprint.route("/clients/<client>/reports/workload")
@requires("reports:read")
@blueprint.arguments(UngroupedArguments, location="query")
@blueprint.response(200, WorkloadReportSchema)
@as_table(blueprint)
def get_workload_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read how empathy goes with the load of agents, and beyond which load it falls."""
    found = workload_report.report(session(), request_from_arguments(arguments, client))
    return report_response("workload", arguments, found, WorkloadClassSchema, "classes")


@blueprint.route("/clients/<client>/reports/agents")
@requires("reports:read")
@blueprint.arguments(UngroupedArguments, location="query")
@blueprint.response(200, AgentsReportSchema)
@as_table(blueprint)
def get_agents_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read what reviews of their own turns say of each agent; not for a client's stakeholders."""
    request = require_agent_access(request_from_arguments(arguments, client))
    found = agents_report.report(session(), request)
    return report_response("agents", arguments, found, AgentFiguresSchema, "agents")


@blueprint.route("/clients/<client>/reports/agents/own")
@requires("reviews:own")
@blueprint.arguments(UngroupedArguments, location="query")
@blueprint.response(200, AgentsReportSchema)
@as_table(blueprint)
def get_own_agent_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read what reviews of one's own turns say; for agents, about themselves."""
    agent = require_agent(load_own_agent(session(), actor()))
    request = request_from_arguments(arguments, client, own=True)
    found = agents_report.report(session(), request, only=agent)
    return report_response("agents", arguments, found, AgentFiguresSchema, "agents")


@blueprint.route("/clients/<client>/reports/calibration")
@requires("reports:read")
@blueprint.arguments(TableArguments, location="query")
@blueprint.response(200, CalibrationReportSchema)
@as_table(blueprint)
def get_calibration_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read how far people agree in the calibration sessions of a period, and the machine beside them."""
    found = calibration_report.report(session(), request_from_arguments(arguments, client), actor())
    return report_response("calibration", arguments, found, CalibrationSessionFiguresSchema, "sessions")
