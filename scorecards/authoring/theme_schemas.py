"""Marshmallow schemas of friction themes."""

from scorecards.authoring.fields import StrictSchema, groups_of, key_field, list_of, text_field

MAX_THEMES = 200
_MAX_TEXT = 200


class FrictionThemeSchema(StrictSchema):
    """A theme: what customers keep coming back with."""

    key = key_field(required=True, metadata={"example": "late_delivery"})
    name = text_field(
        _MAX_TEXT,
        required=True,
        metadata={
            "description": "As reports show it; it may change at any time.",
            "example": "Late delivery",
        },
    )
    tags = list_of(
        text_field(_MAX_TEXT),
        100,
        metadata={"description": "Contact reasons (`intent`) and tags of the sender that belong to it."},
    )
    phrases = list_of(
        text_field(_MAX_TEXT),
        100,
        metadata={
            "description": "Where the sender gave no reason and no tag: phrases of one to three words, small "
            "words apart, in any form. The one that the customer mentions first decides."
        },
    )


class FrictionThemesSchema(StrictSchema):
    """The themes of what customers keep coming back with; to merge two, put their tags and phrases in one."""

    themes = groups_of(FrictionThemeSchema, MAX_THEMES, required=True)
    ignored = list_of(
        text_field(_MAX_TEXT),
        MAX_THEMES,
        metadata={"description": "Tags and phrases that are no theme and are not found as one again."},
    )
