"""HTTP routes of calibration sessions."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify, url_for

from qm.calibration import answering, blindness, changing, representations, rewording, running
from qm.calibration.board_loading import load_board
from qm.calibration.models import Calibration
from qm.calibration.result_schemas import CalibrationResultsSchema
from qm.calibration.results import client_of, results
from qm.calibration.schemas import (
    AskedInteractionSchema,
    CalibrationAnswersSchema,
    CalibrationChangeSchema,
    CalibrationDraftSchema,
    CalibrationListArguments,
    CalibrationPageSchema,
    CalibrationReopeningSchema,
    CalibrationSchema,
    NewCalibrationSchema,
)
from scorecards.authoring.route_schemas import ScorecardVersionSchema
from scorecards.authoring.route_support import version_response
from tenants.access import actor, person, requires, session
from tenants.http.contract import Blueprint, linked, page_of
from tenants.models import Client, utc_now

blueprint = Blueprint(
    "calibrations",
    __name__,
    url_prefix="/v1",
    description="Several people answer the same interactions blind, and see how far they agree",
)


@blueprint.route("/clients/<client>/calibrations", methods=["POST"])
@requires("calibration:write")
@blueprint.arguments(NewCalibrationSchema)
@blueprint.response(201, CalibrationSchema)
def create_calibration(body: dict[str, Any], client: Client) -> Response:
    """Make a session over drawn, picked or past interactions; for QM managers and admins."""
    blindness.check_runs(actor())
    made = running.create_session(session(), client, running.NewSession(**body), utc_now())
    answer = _detail(made, 201)
    answer.headers["Location"] = url_for(".get_calibration", calibration_id=made.calibration_id)
    return answer


@blueprint.route("/clients/<client>/calibrations")
@requires("calibration:read")
@blueprint.arguments(CalibrationListArguments, location="query")
@blueprint.response(200, CalibrationPageSchema)
def list_calibrations(arguments: dict[str, Any], client: Client) -> Any:
    """List the sessions of a client that the caller may know of, newest first."""
    now = utc_now()
    statement = blindness.select_sessions(actor(), now).where(Calibration.client_id == client.client_id)
    key = [Calibration.created_at, Calibration.calibration_id]
    page = page_of(session(), statement, key, descending=True, **arguments)
    return linked(page, representations.session_summaries(session(), actor(), page.data, now))


@blueprint.route("/calibrations/<uuid:calibration_id>")
@requires("calibration:read")
@blueprint.response(200, CalibrationSchema)
def get_calibration(calibration_id: UUID) -> Response:
    """Read a session: its interactions, who takes part, and how far they are."""
    return _detail(blindness.get_session(session(), actor(), calibration_id, utc_now()))


@blueprint.route("/calibrations/<uuid:calibration_id>/answers/<uuid:interaction_id>")
@requires("calibration:read")
@blueprint.response(200, AskedInteractionSchema)
def get_calibration_answers(calibration_id: UUID, interaction_id: UUID) -> Any:
    """Read what is asked of a participant: transcript, scorecard, and their own answers."""
    found = blindness.get_session(session(), actor(), calibration_id, utc_now())
    asked = answering.load_asked(session(), actor(), found, interaction_id)
    return representations.asked_item(found, asked, utc_now())


@blueprint.route("/calibrations/<uuid:calibration_id>/answers/<uuid:interaction_id>", methods=["PUT"])
@requires("calibration:write")
@blueprint.arguments(CalibrationAnswersSchema)
@blueprint.response(200, AskedInteractionSchema)
def put_calibration_answers(body: dict[str, Any], calibration_id: UUID, interaction_id: UUID) -> Any:
    """Submit one's answers to one interaction; they may change until the last one is answered."""
    found = blindness.get_session(session(), person(), calibration_id, utc_now())
    asked = answering.answer(session(), person(), found, interaction_id, **body, now=utc_now())
    return representations.asked_item(found, asked, utc_now())


@blueprint.route("/calibrations/<uuid:calibration_id>/close", methods=["POST"])
@requires("calibration:write")
@blueprint.response(200, CalibrationSchema)
def close_calibration(calibration_id: UUID) -> Response:
    """End a session: no answer is taken any more, and everybody in it sees the results."""
    found = blindness.get_session(session(), actor(), calibration_id, utc_now())
    blindness.check_runs(actor())
    return _detail(running.close_session(session(), found, utc_now()))


@blueprint.route("/calibrations/<uuid:calibration_id>", methods=["PATCH"])
@requires("calibration:write")
@blueprint.arguments(CalibrationChangeSchema)
@blueprint.response(200, CalibrationSchema)
def change_calibration(body: dict[str, Any], calibration_id: UUID) -> Response:
    """Change name, times or participants of a session, with a reason; for QM managers and admins."""
    found = blindness.get_session(session(), actor(), calibration_id, utc_now())
    blindness.check_runs(actor())
    said = {"reason": body.pop("reason"), "changes": body}
    return _detail(
        changing.change_session(session(), client_of(session(), found), found, **said, now=utc_now())
    )


@blueprint.route("/calibrations/<uuid:calibration_id>/reopen", methods=["POST"])
@requires("calibration:write")
@blueprint.arguments(CalibrationReopeningSchema)
@blueprint.response(200, CalibrationSchema)
def reopen_calibration(body: dict[str, Any], calibration_id: UUID) -> Response:
    """Take answers again, of those who have not seen the results; for QM managers and admins."""
    found = blindness.get_session(session(), actor(), calibration_id, utc_now())
    blindness.check_runs(actor())
    return _detail(changing.reopen_session(session(), found, **body, now=utc_now()))


@blueprint.route("/calibrations/<uuid:calibration_id>/results")
@requires("calibration:read")
@blueprint.response(200, CalibrationResultsSchema)
@blueprint.doc(responses={"409": {"$ref": "#/components/responses/Conflict"}})
def get_calibration_results(calibration_id: UUID) -> Any:
    """Read what a session found, once the caller has submitted all answers or it has ended."""
    found = blindness.get_session(session(), actor(), calibration_id, utc_now())
    blindness.check_sees_answers(session(), actor(), found, utc_now())
    return results(session(), actor(), found, utc_now())


@blueprint.route("/calibrations/<uuid:calibration_id>/draft", methods=["POST"])
@requires("definitions:write")
@blueprint.arguments(CalibrationDraftSchema)
@blueprint.response(200, ScorecardVersionSchema)
def draft_calibration_rewording(body: dict[str, Any], calibration_id: UUID) -> Response:
    """Open a draft of a scorecard with a note at the question that people do not agree on."""
    found = blindness.get_session(session(), actor(), calibration_id, utc_now())
    blindness.check_sees_answers(session(), actor(), found, utc_now())
    board = load_board(session(), actor(), found)
    draft = rewording.open_draft(session(), client_of(session(), found), found, board, **body)
    return version_response(ScorecardVersionSchema, draft)


def _detail(calibration: Calibration, status: int = 200) -> Response:
    shown = representations.session_detail(session(), actor(), calibration, utc_now())
    answer = jsonify(CalibrationSchema().dump(shown))
    answer.status_code = status
    return answer
