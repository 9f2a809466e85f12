"""Reviews over HTTP."""

from tenants.contract import Blueprint

blueprint = Blueprint("reviews", __name__, url_prefix="/v1", description="Reviews")
