"""Request and response schemas of one's own account."""

from marshmallow import Schema, fields, validate

from tenants.http.strict_fields import StrictSchema
from tenants.schemas import NAME, PAGE_LANGUAGES, check_time_zone

_ZONE = {
    "description": "IANA time zone in which pages show times; null for UTC.",
    "example": "Europe/Berlin",
}
_LOCALE = {"description": "Language of the pages; null for the browser's."}


class AccountSchema(Schema):
    """What people may change of themselves."""

    id = fields.UUID(attribute="user_id")
    email = fields.String()
    name = fields.String()
    time_zone = fields.String(allow_none=True, metadata=_ZONE)
    locale = fields.String(allow_none=True, validate=validate.OneOf(PAGE_LANGUAGES), metadata=_LOCALE)
    has_password = fields.Boolean(metadata={"description": "Whether they can sign in by password."})


class AccountChangeSchema(StrictSchema):
    """What is to be changed of one's own account."""

    name = fields.String(validate=NAME)
    time_zone = fields.String(allow_none=True, validate=check_time_zone, metadata=_ZONE)
    locale = fields.String(allow_none=True, validate=validate.OneOf(PAGE_LANGUAGES), metadata=_LOCALE)


class OwnPasswordSchema(StrictSchema):
    """Another password, for who knows the present one."""

    present = fields.String(
        required=True,
        validate=validate.Length(1, 1000),
        metadata={"description": "The present password.", "example": "correct horse battery"},
    )
    password = fields.String(
        required=True,
        validate=validate.Length(1, 1000),
        metadata={"description": "The new one.", "example": "staple under the blue lamp"},
    )
