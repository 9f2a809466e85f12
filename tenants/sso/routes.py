"""Endpoints of identity providers."""

from typing import Any
from uuid import UUID

from flask import Response

from tenants.access import access_guard, requires, session
from tenants.http.contract import Blueprint
from tenants.sso import configuration
from tenants.sso.schemas import (
    IdentityProviderChangeSchema,
    IdentityProviderSchema,
    IdentityProvidersSchema,
    NewIdentityProviderSchema,
)

blueprint = Blueprint(
    "identity_providers", __name__, url_prefix="/v1", description="Where people sign in with OpenID Connect"
)


@blueprint.route("/identity-providers")
@requires("admin")
@blueprint.response(200, IdentityProvidersSchema)
def list_identity_providers() -> Any:
    """List where the provider's people may sign in, by name."""
    return {"data": configuration.identity_providers(session())}


@blueprint.route("/identity-providers", methods=["POST"])
@requires("admin")
@blueprint.arguments(NewIdentityProviderSchema)
@blueprint.response(201, IdentityProviderSchema)
def create_identity_provider(body: dict[str, Any]) -> Any:
    """Let people sign in with an OpenID Connect provider; it is not asked before somebody does."""
    return configuration.save_identity_provider(session(), access_guard().secret_key, body)


@blueprint.route("/identity-providers/<uuid:identity_provider_id>", methods=["PATCH"])
@requires("admin")
@blueprint.arguments(IdentityProviderChangeSchema)
@blueprint.response(200, IdentityProviderSchema)
def change_identity_provider(body: dict[str, Any], identity_provider_id: UUID) -> Any:
    """Change an identity provider; groups are replaced as a whole."""
    present = configuration.load_identity_provider(session(), identity_provider_id)
    return configuration.save_identity_provider(session(), access_guard().secret_key, body, present)


@blueprint.route("/identity-providers/<uuid:identity_provider_id>", methods=["DELETE"])
@requires("admin")
@blueprint.response(204)
def remove_identity_provider(identity_provider_id: UUID) -> Response:
    """Remove an identity provider; who signed in with it needs a password."""
    present = configuration.load_identity_provider(session(), identity_provider_id)
    configuration.remove_identity_provider(session(), present)
    return Response(status=204)
