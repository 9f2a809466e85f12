"""Endpoints of third-party apps."""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from tenants import oauth_apps
from tenants.access import actor, requires, session
from tenants.http.contract import Blueprint
from tenants.http.strict_fields import StrictSchema
from tenants.roles import SCOPES
from tenants.user_requests import check_own_scopes

blueprint = Blueprint(
    "apps", __name__, url_prefix="/v1", description="Third-party apps that people let act for them"
)
GRANTABLE = sorted(set(SCOPES) - {oauth_apps.NEVER_GRANTED})


class NewAppSchema(StrictSchema):
    """A third-party app to register."""

    name = fields.String(
        required=True,
        validate=validate.Length(1, 200),
        metadata={"description": "As people see it where they let it in.", "example": "Wallboard"},
    )
    redirect_uris = fields.List(
        fields.String(validate=validate.Length(1, 1000)),
        required=True,
        validate=validate.Length(1, oauth_apps.MAX_REDIRECTS),
        metadata={
            "description": "Where codes are sent, letter for letter; https, or http with localhost.",
            "example": ["https://wallboard.example.com/callback"],
        },
    )
    scopes = fields.List(
        fields.String(validate=validate.OneOf(GRANTABLE)),
        required=True,
        validate=validate.Length(1, 50),
        metadata={"description": "What it may ask people for at most."},
    )


class AppSchema(Schema):
    """A third-party app; its id is the `client_id` of OAuth. It is a public client and has no secret."""

    id = fields.UUID(attribute="credential_id")
    name = fields.String(metadata={"description": "As people see it where they let it in."})
    redirect_uris = fields.List(fields.String(), metadata={"description": "Where codes are sent."})
    scopes = fields.List(fields.String(), metadata={"description": "What it may ask people for at most."})
    created_at = fields.AwareDateTime()


class AppsSchema(Schema):
    """The third-party apps of the tenant."""

    data = fields.List(fields.Nested(AppSchema))


@blueprint.route("/apps")
@requires("admin")
@blueprint.response(200, AppsSchema)
def list_apps() -> Any:
    """List the third-party apps, by name."""
    return {"data": oauth_apps.registered_apps(session())}


@blueprint.route("/apps", methods=["POST"])
@requires("admin")
@blueprint.arguments(NewAppSchema)
@blueprint.response(201, AppSchema)
def create_app(body: dict[str, Any]) -> Any:
    """Register a third-party app: a public client of the authorization code flow with PKCE."""
    check_own_scopes(actor(), body["scopes"], "/scopes")
    return oauth_apps.create_app(session(), **body)


@blueprint.route("/apps/<uuid:credential_id>", methods=["DELETE"])
@requires("admin")
@blueprint.response(204)
def remove_app(credential_id: UUID) -> Response:
    """Remove a third-party app; all that people granted to it ends at once."""
    oauth_apps.remove_app(session(), oauth_apps.load_app(session(), credential_id))
    return Response(status=204)
