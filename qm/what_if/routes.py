"""What-if over HTTP."""

from typing import Any

from qm.what_if.asking import what_if
from qm.what_if.schemas import WhatIfArguments, WhatIfSchema
from scorecards.form_schemas import ScorecardSchema
from scorecards.route_schemas import KEY_PARAMETER, reads
from tenants.access import actor, requires, session
from tenants.contract import Blueprint
from tenants.models import Client

blueprint = Blueprint("what_if", __name__, url_prefix="/v1", description="What-if")


@blueprint.route("/clients/<client>/scorecards/<key>/what-if", methods=["POST"], parameters=[KEY_PARAMETER])
@requires("definitions:write")
@blueprint.arguments(WhatIfArguments, location="query")
@reads(ScorecardSchema, needed=False)
@blueprint.response(200, WhatIfSchema)
def ask_what_if(arguments: dict[str, Any], body: dict[str, Any], client: Client, key: str) -> Any:
    """Rescore stored evaluations with the draft, a version or the scorecard in the body; stores nothing."""
    given = body if body.keys() - {"key"} else None  # nothing was sent but perhaps the key
    return what_if(session(), actor(), client, key=key, body=given, arguments=arguments)
