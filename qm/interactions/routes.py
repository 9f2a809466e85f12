"""Interactions over HTTP."""

from tenants.contract import Blueprint

blueprint = Blueprint("interactions", __name__, url_prefix="/v1", description="Interactions")
