"""HTTP route of the dry run of a sampling policy."""

from typing import Any

from qm.sampling.dry_run import dry_run_of_policy
from qm.sampling.schemas import DryRunArguments, DryRunSchema
from scorecards.authoring.route_schemas import json_body
from scorecards.authoring.schemas import SamplingPolicySchema
from tenants.access import requires, session
from tenants.http.contract import Blueprint
from tenants.models import Client, utc_now

blueprint = Blueprint(
    "sampling", __name__, url_prefix="/v1", description="What a sampling policy would draw; stores nothing"
)


@blueprint.route("/clients/<client>/sampling/dry-run", methods=["POST"])
@requires("definitions:write")
@blueprint.arguments(DryRunArguments, location="query")
@json_body(SamplingPolicySchema, needed=False)
@blueprint.response(200, DryRunSchema)
def dry_run_sampling(arguments: dict[str, Any], body: dict[str, Any], client: Client) -> Any:
    """Tell what a sampling policy, or the one in force, would have drawn in past weeks; stores nothing."""
    return dry_run_of_policy(session(), client, body or None, **arguments, now=utc_now())
