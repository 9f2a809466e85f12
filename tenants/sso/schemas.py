"""Schemas of identity providers."""

from typing import Any

from marshmallow import Schema, fields, validate

from tenants.http.strict_fields import StrictSchema
from tenants.roles import ROLES
from tenants.sso.configuration import MAX_GROUPS

_PLAIN = validate.Regexp(r"\A[^\x00-\x1f\ud800-\udfff]*\Z", error="No control characters.")


class GroupSchema(StrictSchema):
    """What a group at the identity provider comes to here."""

    group = fields.String(
        required=True,
        validate=[validate.Length(1, 300), _PLAIN],
        metadata={"description": "The group as the identity provider names it.", "example": "qm-reviewers"},
    )
    role = fields.String(required=True, validate=validate.OneOf(sorted(ROLES)))
    clients = fields.List(
        fields.String(validate=validate.Length(1, 63)),
        load_default=list,
        validate=validate.Length(max=200),
        metadata={"description": "Slugs of the clients they are limited to; empty means every client."},
    )


def _name(**more: Any) -> fields.String:
    told = {"description": "As the sign-in page names it.", "example": "Brightline"}
    return fields.String(validate=[validate.Length(1, 200), _PLAIN], metadata=told, **more)


def _issuer(**more: Any) -> fields.String:
    told = {
        "description": "Its issuer identifier; what it says of itself is read below it.",
        "example": "https://id.example.com",
    }
    return fields.String(validate=[validate.Length(1, 500), _PLAIN], metadata=told, **more)


def _client_id(**more: Any) -> fields.String:
    told = {"description": "Under which QM is registered there."}
    return fields.String(validate=[validate.Length(1, 500), _PLAIN], metadata=told, **more)


def _client_secret(**more: Any) -> fields.String:
    told = {"description": "Its secret; stored encrypted and never shown."}
    return fields.String(validate=[validate.Length(1, 1000), _PLAIN], metadata=told, **more)


def _groups_claim(**more: Any) -> fields.String:
    told = {
        "description": "The claim that lists groups, of the id token or, where it has none, of userinfo.",
        "example": "groups",
    }
    return fields.String(validate=validate.Length(1, 200), metadata=told, **more)


def _groups(**more: Any) -> fields.List[Any]:
    told = {"description": "What groups come to, in order: the first that somebody is in decides."}
    many = validate.Length(max=MAX_GROUPS)
    return fields.List(fields.Nested(GroupSchema), validate=many, metadata=told, **more)


class IdentityProviderChangeSchema(StrictSchema):
    """A partial update of an identity provider."""

    name = _name()
    issuer = _issuer()
    client_id = _client_id()
    client_secret = _client_secret()
    groups_claim = _groups_claim()
    groups = _groups()


class NewIdentityProviderSchema(StrictSchema):
    """An identity provider to add."""

    name = _name(required=True)
    issuer = _issuer(required=True)
    client_id = _client_id(required=True)
    client_secret = _client_secret(required=True)
    groups_claim = _groups_claim()
    groups = _groups()


class IdentityProviderSchema(Schema):
    """An identity provider, without its secret."""

    id = fields.UUID(attribute="identity_provider_id")
    name = _name()
    issuer = _issuer()
    client_id = _client_id(attribute="oidc_client_id")
    groups_claim = _groups_claim()
    groups = _groups()
    updated_at = fields.AwareDateTime()


class IdentityProvidersSchema(Schema):
    """The identity providers of the tenant."""

    data = fields.List(fields.Nested(IdentityProviderSchema))
