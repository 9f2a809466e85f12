"""Definitions over HTTP."""

from tenants.contract import Blueprint

blueprint = Blueprint("definitions", __name__, url_prefix="/v1", description="Definitions")
