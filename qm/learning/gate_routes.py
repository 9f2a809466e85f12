"""HTTP routes of gates."""

from typing import Any

from flask import Response, jsonify

from qm.learning import gate_representations, gate_transitions
from qm.learning.gate_schemas import GateCapSchema, GateListSchema, GateSchema
from qm.learning.gate_store import Key
from tenants.access import actor, requires, session
from tenants.http.contract import Blueprint, check_match, tagged
from tenants.models import Client

blueprint = Blueprint(
    "gates", __name__, url_prefix="/v1", description="How far the machine may go with each question"
)
_QUESTION = "/clients/<client>/gates/<scorecard>/<question>"


@blueprint.route("/clients/<client>/gates")
@requires("definitions:read")
@blueprint.response(200, GateListSchema)
def list_gates(client: Client) -> dict[str, Any]:
    """Read how far the machine may go with each question, what is promised, and on what evidence."""
    return {
        "data": gate_representations.gate_representations(
            session(), client, suppress_counts=not actor().sees_agents
        )
    }


@blueprint.route(_QUESTION)
@requires("definitions:read")
@blueprint.response(200, GateSchema)
def get_gate(client: Client, scorecard: str, question: str) -> Response:
    """Read the gate of one question with its whole history."""
    return _gate_response(client, (scorecard, question))


@blueprint.route(_QUESTION, methods=["PUT"])
@requires("definitions:write")
@blueprint.arguments(GateCapSchema)
@blueprint.response(200, GateSchema)
def cap_gate(body: dict[str, Any], client: Client, scorecard: str, question: str) -> Response:
    """Say how far the machine may go with a question at most; takes effect at once."""
    check_match(gate_representations.gate_etag(session(), client, (scorecard, question)))
    gate_transitions.cap(session(), client, scorecard=scorecard, question=question, **body)
    return _gate_response(client, (scorecard, question))


def _gate_response(client: Client, key: Key) -> Response:
    (gate,) = gate_representations.gate_representations(
        session(),
        client,
        suppress_counts=not actor().sees_agents,
        only_key=key,
        moves=gate_representations.MAX_MOVES,
    )
    return tagged(jsonify(GateSchema().dump(gate)), gate_representations.gate_etag(session(), client, key))
