"""Request and response schemas of how reports look."""

from marshmallow import fields, validate

from qm.branding.appearance import MAX_LOGO_BYTES
from qm.branding.models import LOGO_TYPES
from scorecards.authoring.fields import StrictSchema, Text, text_field
from tenants.http.contract import AnswerSchema

_COLOUR = validate.Regexp(r"^#[0-9a-f]{6}$(?!\n)", error="Expected a colour such as #1a2b3c.")
_MAX_BASE64 = 4 * (2 * MAX_LOGO_BYTES) // 3
_BACKGROUND = {"description": "Colour behind the name, as #rrggbb.", "example": "#ffffff"}
_FOREGROUND = {
    "description": "Colour of the name; to be readable it needs a contrast of 4.5 to 1 on the other.",
    "example": "#1a2b3c",
}


class NewBrandingSchema(StrictSchema):
    """How reports are to look."""

    name = text_field(
        100,
        load_default=None,
        allow_none=True,
        metadata={"description": "Name on reports; null: the provider's own.", "example": "Acme Care"},
    )
    background = Text(required=True, validate=_COLOUR, metadata=_BACKGROUND)
    foreground = Text(required=True, validate=_COLOUR, metadata=_FOREGROUND)
    logo = Text(
        allow_none=True,
        validate=validate.Length(1, _MAX_BASE64),
        metadata={
            "description": "PNG or JPEG in base64, of 200,000 bytes and 2,000 pixels a side at most. Left "
            "out: as it is; null: none."
        },
    )


class BrandingSchema(AnswerSchema):
    """How reports look."""

    name = fields.String(metadata={"description": "Name on reports."})
    background = fields.String(metadata=_BACKGROUND)
    foreground = fields.String(metadata=_FOREGROUND)
    logo_type = fields.String(
        allow_none=True,
        validate=validate.OneOf(LOGO_TYPES),
        metadata={"description": "Media type of the logo; null without one."},
    )
    changed_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When it was set last; null: never."}
    )
