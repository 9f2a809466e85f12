"""HTTP routes of disputes, and of acknowledging evaluations."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify, url_for

from qm.disputes import (
    access,
    acknowledgement_list,
    acknowledging,
    appealing,
    deciding,
    dispute_report,
    opening,
    representations,
)
from qm.disputes.finding import ORDER, filtered
from qm.disputes.models import Dispute
from qm.disputes.report_schemas import DisputeGroupSchema, DisputeReportArguments, DisputeReportSchema
from qm.disputes.schemas import (
    AcknowledgementListArguments,
    AcknowledgementSchema,
    DisputeAppealSchema,
    DisputeDecisionSchema,
    DisputeListArguments,
    DisputePageSchema,
    DisputeSchema,
    DisputeWhatIfResultSchema,
    DisputeWhatIfSchema,
    EvaluationReadingPageSchema,
    NewDisputeSchema,
    PublishedListArguments,
    PublishedPageSchema,
)
from qm.disputes.what_if import what_if
from qm.reports.access import request_from_arguments
from qm.reports.responses import as_table, report_response
from qm.reviews.models import Evaluation
from tenants.access import actor, person, requires, session
from tenants.http.contract import Blueprint, linked, page_of
from tenants.models import Client, utc_now

blueprint = Blueprint(
    "disputes",
    __name__,
    url_prefix="/v1",
    description="Published evaluations that are read, acknowledged and disputed, and what was decided",
)


@blueprint.route("/published-evaluations")
@requires("disputes:read")
@blueprint.arguments(PublishedListArguments, location="query")
@blueprint.response(200, PublishedPageSchema)
def list_published_evaluations(arguments: dict[str, Any]) -> Any:
    """List the published evaluations of one's own work, or of one's client, newest first."""
    key = [Evaluation.published_at, Evaluation.evaluation_id]
    page = page_of(session(), access.select_to_read(person()), key, descending=True, **arguments)
    return linked(page, representations.readable_representations(session(), actor(), page.data, utc_now()))


@blueprint.route("/acknowledgements")
@requires("disputes:read")
@blueprint.arguments(AcknowledgementListArguments, location="query")
@blueprint.response(200, EvaluationReadingPageSchema)
def list_acknowledgements(arguments: dict[str, Any]) -> Any:
    """List what was published to agents with an account, oldest first, and whether they have read it."""
    now, paging = utc_now(), {name: arguments.pop(name) for name in ("limit", "cursor")}
    statement = acknowledgement_list.select_to_be_read(session(), actor(), now=now, **arguments)
    page = page_of(session(), statement, acknowledgement_list.ORDER, **paging)
    return linked(page, acknowledgement_list.reading_representations(session(), page.data, now))


@blueprint.route("/evaluations/<uuid:evaluation_id>/acknowledge", methods=["POST"])
@requires("disputes:write")
@blueprint.response(200, AcknowledgementSchema)
def acknowledge_evaluation(evaluation_id: UUID) -> Any:
    """Say that you have read a published evaluation of your own work; once said, it stays said."""
    acknowledging.acknowledge(session(), person(), evaluation_id, now=utc_now())
    return representations.acknowledged(session(), actor(), evaluation_id, utc_now())


@blueprint.route("/evaluations/<uuid:evaluation_id>/disputes", methods=["POST"])
@requires("disputes:write")
@blueprint.arguments(NewDisputeSchema)
@blueprint.response(201, DisputeSchema)
def open_dispute(body: dict[str, Any], evaluation_id: UUID) -> Response:
    """Dispute answers of a published evaluation of your own work, or of your client's."""
    made = opening.open_dispute(session(), person(), evaluation_id, **body, now=utc_now())
    answer = _detail(made, 201)
    answer.headers["Location"] = url_for(".get_dispute", dispute_id=made.dispute_id)
    return answer


@blueprint.route("/disputes")
@requires("disputes:read")
@blueprint.arguments(DisputeListArguments, location="query")
@blueprint.response(200, DisputePageSchema)
def list_disputes(arguments: dict[str, Any]) -> Any:
    """List the disputes that the caller may see, newest first."""
    paging = {name: arguments.pop(name) for name in ("limit", "cursor")}
    page = page_of(session(), filtered(session(), actor(), **arguments), ORDER, descending=True, **paging)
    return linked(page, representations.dispute_summaries(session(), actor(), page.data, utc_now()))


@blueprint.route("/disputes/<uuid:dispute_id>")
@requires("disputes:read")
@blueprint.response(200, DisputeSchema)
def get_dispute(dispute_id: UUID) -> Response:
    """Read a dispute: what was said, what was proposed, and every decision."""
    return _detail(access.get_dispute(session(), actor(), dispute_id))


@blueprint.route("/disputes/<uuid:dispute_id>/what-if", methods=["POST"])
@requires("disputes:write")
@blueprint.arguments(DisputeWhatIfSchema)
@blueprint.response(200, DisputeWhatIfResultSchema)
def try_dispute_decision(body: dict[str, Any], dispute_id: UUID) -> Any:
    """Read what the evaluation would score under a decision; nothing is stored."""
    return what_if(session(), actor(), dispute_id, **body)


@blueprint.route("/disputes/<uuid:dispute_id>/decide", methods=["POST"])
@requires("disputes:write")
@blueprint.arguments(DisputeDecisionSchema)
@blueprint.response(200, DisputeSchema)
def decide_dispute(body: dict[str, Any], dispute_id: UUID) -> Response:
    """Decide on every answer of a dispute; for QM managers and admins who had no part in it."""
    ruling = deciding.Ruling(**body)
    return _detail(deciding.decide(session(), person(), dispute_id, ruling, now=utc_now()))


@blueprint.route("/disputes/<uuid:dispute_id>/appeal", methods=["POST"])
@requires("disputes:write")
@blueprint.arguments(DisputeAppealSchema)
@blueprint.response(200, DisputeSchema)
def appeal_dispute(body: dict[str, Any], dispute_id: UUID) -> Response:
    """Ask for a second decision by somebody else, on a dispute that you opened."""
    return _detail(appealing.appeal(session(), person(), dispute_id, **body, now=utc_now()))


@blueprint.route("/disputes/<uuid:dispute_id>/withdraw", methods=["POST"])
@requires("disputes:write")
@blueprint.response(200, DisputeSchema)
def withdraw_dispute(dispute_id: UUID) -> Response:
    """Take back a dispute that you opened, or its appeal, while it waits for a decision."""
    return _detail(appealing.withdraw(session(), person(), dispute_id, now=utc_now()))


@blueprint.route("/clients/<client>/reports/disputes")
@requires("reports:read")
@blueprint.arguments(DisputeReportArguments, location="query")
@blueprint.response(200, DisputeReportSchema)
@as_table(blueprint)
def get_dispute_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read what was disputed, by whom, how it was decided and how long that took."""
    found = dispute_report.report(session(), request_from_arguments(arguments, client), actor())
    return report_response("disputes", arguments, found, DisputeGroupSchema, "groups")


_DETAIL = DisputeSchema()


def _detail(dispute: Dispute, status: int = 200) -> Response:
    shown = representations.dispute_detail(session(), actor(), dispute, utc_now())
    answer = jsonify(_DETAIL.dump(shown))
    answer.status_code = status
    return answer
