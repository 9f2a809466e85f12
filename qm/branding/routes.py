"""HTTP routes of how reports look."""

from typing import Any

from qm.branding.appearance import decoded_logo, read_branding, set_branding
from qm.branding.schemas import BrandingSchema, NewBrandingSchema
from tenants.access import actor, requires, session
from tenants.http.contract import Blueprint
from tenants.models import utc_now

blueprint = Blueprint(
    "branding",
    __name__,
    url_prefix="/v1",
    description="Name, logo and colours of a provider's reports",
)


@blueprint.route("/branding")
@requires("reports:read")
@blueprint.response(200, BrandingSchema)
def get_branding() -> Any:
    """Read how the provider's reports look."""
    return read_branding(session())


@blueprint.route("/branding", methods=["PUT"])
@requires("admin")
@blueprint.arguments(NewBrandingSchema)
@blueprint.response(200, BrandingSchema)
def put_branding(body: dict[str, Any]) -> Any:
    """Set how the provider's reports look: name, two colours that can be read on each other, logo."""
    keep_logo, sent = "logo" not in body, body.pop("logo", None)
    logo = None if sent is None else decoded_logo(sent)
    set_branding(session(), **body, logo=logo, keep_logo=keep_logo, author_id=actor().user_id, now=utc_now())
    return read_branding(session())
