"""Schemas of tenants, clients, users, credentials and the audit log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from tenants.clients import SLUG, checked_slug
from tenants.days import time_zones
from tenants.http.deferred_faults import DeferringSchema
from tenants.http.faults import Invalid
from tenants.http.strict_fields import LANGUAGE, Flag, Number, StrictSchema
from tenants.http.validation_messages import SchemaMessage
from tenants.roles import ROLES, SCOPES

_SLUG = validate.Regexp(rf"\A{SLUG.pattern}\Z", error="Use 1-63 of a-z, 0-9 and -.")
_LAST_YEAR = 2200


def _as_messages(error: Invalid) -> ValidationError:
    found = {fault.pointer[1:]: [SchemaMessage(fault.code, fault.detail)] for fault in error.faults}
    return ValidationError(found)


def _check_not_blank(name: str) -> None:
    if name and not name.strip():
        raise ValidationError(SchemaMessage("bad_name", "A name is not blank."))


_NAME = (
    validate.Length(1, 200),
    validate.Regexp(r"\A[^\x00-\x1f\ud800-\udfff]*\Z", error="No control characters."),
    _check_not_blank,
)
# A repeated request is answered without it.
_ONCE = {"x-optional": True}


def _check_year(moment: datetime) -> None:
    """Refuse years that overflow the database driver's datetime when converted to UTC."""
    if moment.year > _LAST_YEAR:
        raise ValidationError(SchemaMessage("out_of_range", f"The year is at most {_LAST_YEAR}."))


def _check_time_zone(name: str) -> None:
    if name not in time_zones():
        raise ValidationError(
            SchemaMessage("unknown_time_zone", "Expected an IANA name such as Europe/Berlin.")
        )


class ClientSettingsSchema(StrictSchema):
    """Settings of a client for its reports and automatic evaluation."""

    charged_threshold = Number(
        validate=validate.Range(0, 1),
        metadata={
            "description": "Peak customer distress, 0-1, from which a case is emotionally charged.",
            "example": 0.5,
        },
    )
    disagreement_limit = Number(
        validate=validate.Range(0.001, 0.5),
        metadata={
            "description": "Largest share of automatic answers that stand against what people would say.",
            "example": 0.1,
        },
    )
    interval_limit = Number(
        validate=validate.Range(0.1, 100),
        metadata={
            "description": "A number is reported from so many reviews on as scores with a standard deviation "
            "of 12.5 points need for a 95 % interval of this width, in points of 100."
        },
    )
    languages = fields.List(
        fields.String(
            validate=validate.Regexp(LANGUAGE, error="Expected a language tag such as en or pt-BR.")
        ),
        validate=validate.Length(1, 50),
        metadata={"description": "Languages the client is served in, as BCP 47 tags.", "example": ["en"]},
    )
    severity_correction = Flag(
        metadata={
            "description": "Whether the severity of reviewers, as calibration measured it, is taken out of "
            "estimates.",
            "example": False,
        },
    )
    time_zone = fields.String(
        validate=_check_time_zone,
        metadata={
            "description": "IANA time zone that makes the days, weeks and months of the client's reports.",
            "example": "Europe/Berlin",
        },
    )


class NewClientSchema(StrictSchema):
    """A client brand to create."""

    name = fields.String(required=True, validate=_NAME, metadata={"example": "Northwind Outfitters"})
    slug = fields.String(
        load_default=None, validate=_SLUG, metadata={"description": "Made from the name when left out."}
    )
    settings = fields.Nested(ClientSettingsSchema, load_default=dict)

    @validates_schema(skip_on_field_errors=False)
    def check_slug(self, data: Mapping[str, Any], **_: Any) -> None:
        """Check the slug, or the one that is made from the name, where both fields are valid."""
        if "name" in data and "slug" in data:
            try:
                checked_slug(data["name"], data["slug"])
            except Invalid as error:
                raise _as_messages(error) from None


class ClientChangeSchema(StrictSchema):
    """A partial update of a client."""

    name = fields.String(validate=_NAME)
    settings = fields.Nested(ClientSettingsSchema)


class ClientSchema(Schema):
    """A client brand."""

    id = fields.UUID(attribute="client_id")
    slug = fields.String()
    name = fields.String()
    settings = fields.Nested(ClientSettingsSchema)
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()


class ClientPageSchema(Schema):
    """A page of clients."""

    data = fields.List(fields.Nested(ClientSchema))
    next_cursor = fields.String(allow_none=True)


class TenantSchema(Schema):
    """A tenant: an outsourcing provider."""

    id = fields.UUID(attribute="tenant_id")
    slug = fields.String()
    name = fields.String()


class ClientReferenceSchema(Schema):
    """A reference to a client brand."""

    id = fields.UUID(attribute="client_id")
    slug = fields.String()
    name = fields.String()


class MeSchema(Schema):
    """The owner of the credential, its scopes and its clients."""

    tenant = fields.Nested(TenantSchema)
    credential_id = fields.UUID()
    user_id = fields.UUID(allow_none=True)
    name = fields.String()
    role = fields.String(allow_none=True)
    scopes = fields.List(fields.String())
    clients = fields.List(fields.Nested(ClientReferenceSchema))


class NewUserSchema(DeferringSchema, StrictSchema):
    """A user to create."""

    email = fields.Email(required=True, validate=validate.Length(3, 254))
    name = fields.String(required=True, validate=_NAME)
    role = fields.String(required=True, validate=validate.OneOf(sorted(ROLES)))
    clients = fields.List(
        fields.String(validate=validate.Length(1, 63)),
        load_default=list,
        validate=validate.Length(max=200),
        metadata={"description": "Slugs or ids; empty means every client of the provider."},
    )


class UserChangeSchema(StrictSchema):
    """A partial update of a user."""

    email = fields.Email(validate=validate.Length(3, 254))
    name = fields.String(validate=_NAME)
    role = fields.String(validate=validate.OneOf(sorted(ROLES)))
    clients = fields.List(
        fields.String(validate=validate.Length(1, 63)),
        validate=validate.Length(max=200),
        metadata={"description": "Slugs or ids; empty means every client of the provider."},
    )
    disabled = Flag(metadata={"description": "Whether the person may do nothing."})


class UserSchema(Schema):
    """A user."""

    id = fields.UUID(attribute="user_id")
    email = fields.String()
    name = fields.String()
    role = fields.String()
    clients = fields.List(
        fields.String(),
        metadata={"description": "Slugs of the clients they are limited to; empty means every client."},
    )
    created_at = fields.AwareDateTime()
    disabled_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "Since when they may do nothing; null while they may."}
    )


class UserPageSchema(Schema):
    """A page of users."""

    data = fields.List(fields.Nested(UserSchema))
    next_cursor = fields.String(allow_none=True)


class NewCredentialSchema(DeferringSchema, StrictSchema):
    """A credential to create."""

    name = fields.String(required=True, validate=_NAME)
    scopes = fields.List(
        fields.String(validate=validate.OneOf(sorted(SCOPES))), required=True, validate=validate.Length(1, 50)
    )
    clients = fields.List(
        fields.String(validate=validate.Length(1, 63)),
        load_default=list,
        validate=validate.Length(max=200),
        metadata={"description": "Bind the credential to these clients; empty means all."},
    )
    user = fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "The person it acts for."}
    )
    live = fields.Boolean(load_default=True)
    expires_at = fields.AwareDateTime(load_default=None, allow_none=True, validate=_check_year)


class CredentialSchema(Schema):
    """A credential, without its secrets."""

    id = fields.UUID(attribute="credential_id")
    name = fields.String()
    prefix = fields.String()
    scopes = fields.List(fields.String())
    bound = fields.Boolean()
    user_id = fields.UUID(allow_none=True)
    created_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime(allow_none=True)
    revoked_at = fields.AwareDateTime(allow_none=True)


class IssuedCredentialSchema(CredentialSchema):
    """A new credential with its secrets, which no other response contains."""

    key = fields.String(metadata={"description": "Send it as `Authorization: Bearer ...`.", **_ONCE})
    client_id = fields.String(metadata={"description": "For /oauth/token."})
    client_secret = fields.String(metadata={"description": "For /oauth/token.", **_ONCE})


class CredentialPageSchema(Schema):
    """A page of credentials."""

    data = fields.List(fields.Nested(CredentialSchema))
    next_cursor = fields.String(allow_none=True)


class AuditEntrySchema(Schema):
    """One entry of the audit log."""

    number = fields.Integer()
    at = fields.AwareDateTime()
    actor = fields.String()
    action = fields.String()
    subject = fields.String()
    details = fields.Dict()
    digest = fields.Function(lambda entry: entry.digest.hex())


class AuditPageSchema(Schema):
    """A page of the audit log."""

    data = fields.List(fields.Nested(AuditEntrySchema))
    next_cursor = fields.String(allow_none=True)
