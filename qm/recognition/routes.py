"""HTTP routes of recognition."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify

from qm.recognition import recognition
from qm.recognition.schemas import (
    NewTeamGoalSchema,
    RecognitionSchema,
    RecognitionSettingsSchema,
    TeamGoalSchema,
)
from tenants.access import actor, person, requires, session
from tenants.http.contract import Blueprint
from tenants.models import Client, utc_now

blueprint = Blueprint(
    "recognition",
    __name__,
    url_prefix="/v1",
    description="Badges and team goals that reward care and improvement, and rank nobody",
)


@blueprint.route("/recognition")
@requires("reviews:own")
@blueprint.response(200, RecognitionSchema)
def get_recognition() -> Any:
    """Read what the person behind the credential has earned, and the goals of their teams."""
    return recognition.recognition_of(session(), person(), utc_now())


@blueprint.route("/recognition", methods=["PUT"])
@requires("reviews:write")
@blueprint.arguments(RecognitionSettingsSchema)
@blueprint.response(200, RecognitionSettingsSchema)
def switch_recognition(body: dict[str, Any]) -> Any:
    """Switch recognition on or off for the whole tenant; for QM managers and admins."""
    recognition.check_switches(actor())
    recognition.switch(session(), **body, now=utc_now())
    return body


@blueprint.route("/clients/<client>/team-goals", methods=["POST"])
@requires("reviews:write")
@blueprint.arguments(NewTeamGoalSchema)
@blueprint.response(201, TeamGoalSchema)
def set_team_goal(body: dict[str, Any], client: Client) -> Response:
    """Set a goal for everybody who works for a client; for QM managers and admins."""
    recognition.check_sets_goals(actor())
    made = recognition.set_goal(session(), client, **body, now=utc_now())
    shown = recognition.goal_representation(session(), made, client, utc_now())
    answer = jsonify(TeamGoalSchema().dump(shown))
    answer.status_code = 201
    return answer


@blueprint.route("/team-goals/<uuid:goal_id>", methods=["DELETE"])
@requires("reviews:write")
@blueprint.response(204)
def end_team_goal(goal_id: UUID) -> None:
    """Take a goal back; for QM managers and admins."""
    recognition.check_sets_goals(actor())
    recognition.end_goal(session(), goal_id, now=utc_now())
