"""Reports over HTTP."""

from tenants.contract import Blueprint

blueprint = Blueprint("reports", __name__, url_prefix="/v1", description="Reports")
