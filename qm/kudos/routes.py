"""HTTP routes of kudos."""

from typing import Any
from uuid import UUID

from flask import Response

from qm.kudos import giving, proposals, visibility
from qm.kudos.models import Kudos
from qm.kudos.representations import kudos_representations
from qm.kudos.schemas import (
    KudosListArguments,
    KudosPageSchema,
    KudosProposalsSchema,
    KudosSchema,
    NewKudosSchema,
    ReviewKudosSchema,
)
from qm.reviews import queue
from tenants.access import actor, person, requires, session
from tenants.clients import client_named
from tenants.http.contract import Blueprint, linked, page_of
from tenants.models import Client, utc_now

blueprint = Blueprint(
    "kudos", __name__, url_prefix="/v1", description="Praise for exceptional empathy, confirmed by people"
)


@blueprint.route("/kudos", methods=["POST"])
@requires("coaching:write")
@blueprint.arguments(NewKudosSchema)
@blueprint.response(201, KudosSchema)
def give_kudos(body: dict[str, Any]) -> Any:
    """Praise an interaction's agent, or decline a proposal to; managers, admins, team leads of the agent."""
    visibility.check_may_praise(actor())
    made = giving.give_kudos(session(), actor(), body.pop("interaction"), **body, now=utc_now())
    return kudos_representations(session(), actor(), [made])[0]


@blueprint.route("/reviews/<uuid:review_id>/kudos", methods=["POST"])
@requires("reviews:write")
@blueprint.arguments(ReviewKudosSchema)
@blueprint.response(201, KudosSchema)
def praise_reviewed_agent(body: dict[str, Any], review_id: UUID) -> Any:
    """Praise the agent of what you have reviewed, once the review is submitted."""
    review = queue.get_review(session(), person(), review_id)
    made = giving.praise_reviewed(session(), person(), review, **body, now=utc_now())
    return kudos_representations(session(), actor(), [made])[0]


@blueprint.route("/kudos")
@requires("coaching:read")
@blueprint.arguments(KudosListArguments, location="query")
@blueprint.response(200, KudosPageSchema)
def list_kudos(arguments: dict[str, Any]) -> Any:
    """List kudos, newest first: agents see their own, a client's people those of their client, unnamed."""
    name, state = arguments.pop("client"), arguments.pop("state")
    client_id = client_named(session(), name).client_id if name else None
    statement = visibility.select_kudos(actor(), client_id=client_id, state=state)
    page = page_of(session(), statement, [Kudos.created_at, Kudos.kudos_id], descending=True, **arguments)
    return linked(page, kudos_representations(session(), actor(), page.data))


@blueprint.route("/kudos/<uuid:kudos_id>", methods=["DELETE"])
@requires("coaching:write")
@blueprint.response(204)
def take_back_kudos(kudos_id: UUID) -> Response:
    """Take back what was given or declined by mistake."""
    found = visibility.get_kudos(session(), actor(), kudos_id)
    visibility.check_may_praise(actor())
    giving.take_back(session(), found)
    return Response(status=204)


@blueprint.route("/clients/<client>/kudos-proposals")
@requires("coaching:read")
@blueprint.response(200, KudosProposalsSchema)
def list_kudos_proposals(client: Client) -> Any:
    """Read the interactions of exceptional empathy, by the machine, about which nobody has decided yet."""
    return {"data": proposals.proposals(session(), actor(), client)}
