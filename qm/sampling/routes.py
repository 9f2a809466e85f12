"""HTTP routes of sampling: the dry run of a policy, and the proof of every draw."""

from typing import Any

from qm.sampling.commitments import add_client_number, month_of, revealed
from qm.sampling.draw_proofs import list_draws
from qm.sampling.dry_run import dry_run_of_policy
from qm.sampling.schemas import (
    ClientNumberSchema,
    DrawCommitmentsSchema,
    DrawListArguments,
    DrawPageSchema,
    DryRunArguments,
    DryRunSchema,
)
from qm.services import services
from scorecards.authoring.route_schemas import json_body
from scorecards.authoring.schemas import SamplingPolicySchema
from tenants.access import actor, requires, session
from tenants.http.contract import Blueprint, linked
from tenants.models import Client, utc_now

blueprint = Blueprint(
    "sampling",
    __name__,
    url_prefix="/v1",
    description="What was drawn for review, and what a policy would draw",
)


@blueprint.route("/clients/<client>/sampling/dry-run", methods=["POST"])
@requires("definitions:write")
@blueprint.arguments(DryRunArguments, location="query")
@json_body(SamplingPolicySchema, needed=False)
@blueprint.response(200, DryRunSchema)
def dry_run_sampling(arguments: dict[str, Any], body: dict[str, Any], client: Client) -> Any:
    """Tell what a sampling policy, or the one in force, would have drawn in past weeks; stores nothing."""
    return dry_run_of_policy(session(), client, body or None, **arguments, now=utc_now())


@blueprint.route("/clients/<client>/sampling/draws")
@requires("interactions:read")
@blueprint.arguments(DrawListArguments, location="query")
@blueprint.response(200, DrawPageSchema)
def list_sampling_draws(arguments: dict[str, Any], client: Client) -> Any:
    """List the draws of interactions with their proof, newest first."""
    page = list_draws(session(), actor(), client, services().sampling_key, **arguments)
    return linked(page, page.data)


@blueprint.route("/clients/<client>/sampling/commitments")
@requires("reports:read")
@blueprint.response(200, DrawCommitmentsSchema)
def list_draw_commitments(client: Client) -> Any:
    """Read what was committed to for the draws of each month, and the keys of those that are over."""
    return {"data": revealed(session(), client, services().sampling_key, utc_now())}


@blueprint.route("/clients/<client>/sampling/commitments/<month>", methods=["PUT"])
@requires("disputes:write")
@blueprint.arguments(ClientNumberSchema)
@blueprint.response(200, DrawCommitmentsSchema)
def add_number_to_draw(body: dict[str, Any], client: Client, month: str) -> Any:
    """Mix a number of the client's own into the draws of a month that has not begun; its own people alone."""
    now = utc_now()
    add_client_number(session(), actor(), client, month=month_of(month), number=body["number"], now=now)
    return {"data": revealed(session(), client, services().sampling_key, now)}
