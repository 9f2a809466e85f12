"""HTTP routes of what-if analyses."""

from typing import Any
from uuid import UUID

from qm.reviews.readings import note_readings
from qm.services import services
from qm.what_if.gate_schemas import GateWhatIfSchema
from qm.what_if.gate_what_if import gate_what_if
from qm.what_if.model_what_if import model_what_if
from qm.what_if.rejudging_schemas import ModelWhatIfArguments, ModelWhatIfSchema
from qm.what_if.representations import ids_in
from qm.what_if.schemas import WhatIfArguments, WhatIfSchema
from qm.what_if.scorecard_what_if import scorecard_what_if
from scorecards.authoring.form_schemas import ScorecardSchema
from scorecards.authoring.route_schemas import KEY_PARAMETER, json_body
from scorecards.sampling.holdout import holdout_key
from tenants.access import actor, requires, session
from tenants.http.contract import Blueprint
from tenants.models import Client, utc_now

blueprint = Blueprint(
    "what_if",
    __name__,
    url_prefix="/v1",
    description="What a scorecard or a model to be would change; stores nothing",
)


@blueprint.route("/clients/<client>/scorecards/<key>/what-if", methods=["POST"], parameters=[KEY_PARAMETER])
@requires("definitions:write")
@blueprint.arguments(WhatIfArguments, location="query")
@json_body(ScorecardSchema, needed=False)
@blueprint.response(200, WhatIfSchema)
def rescore_with_scorecard(arguments: dict[str, Any], body: dict[str, Any], client: Client, key: str) -> Any:
    """Rescore stored evaluations, and perhaps judge a sample, with a scorecard to be; stores nothing."""
    scorecard = body if body.keys() - {"key"} else None  # no scorecard was sent, except perhaps its key
    found = scorecard_what_if(session(), actor(), client, key=key, body=scorecard, arguments=arguments)
    note_readings(session(), actor(), ids_in(found))
    return found


@blueprint.route("/models/<uuid:model_id>/what-if", methods=["POST"])
@requires("definitions:write")
@blueprint.arguments(ModelWhatIfArguments, location="query")
@blueprint.response(200, ModelWhatIfSchema)
def judge_with_model(arguments: dict[str, Any], model_id: UUID) -> Any:
    """Judge a sample of conversations with this model in place of the one in force; stores nothing."""
    key = holdout_key(services().sampling_key)
    found = model_what_if(session(), actor(), model_id, arguments=arguments, holdout_key=key)
    note_readings(session(), actor(), ids_in(found))
    return found


@blueprint.route("/clients/<client>/gates/<scorecard>/<question>/what-if")
@requires("definitions:read")
@blueprint.response(200, GateWhatIfSchema)
def explore_gate(client: Client, scorecard: str, question: str) -> dict[str, Any]:
    """Read what would become of a question if it were let go further or held back; nothing is stored."""
    hidden = not actor().sees_agents
    return gate_what_if(session(), client, (scorecard, question), suppress_counts=hidden, now=utc_now())
