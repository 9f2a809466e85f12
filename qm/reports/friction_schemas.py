"""Response schemas of the friction report."""

from marshmallow import fields

from qm.reports.schemas import count_field
from tenants.http.contract import AnswerSchema
from tenants.http.response_fields import Rounded


class FrictionQuoteSchema(AnswerSchema):
    """What a customer said first, with personal data masked; for a client's own people agents' names too."""

    interaction = fields.UUID(
        allow_none=True, metadata={"description": "Its id; null for a client's own people."}
    )
    text = fields.String(metadata={"description": "The beginning, 300 characters at most."})


class FrictionThemeFiguresSchema(AnswerSchema):
    """A theme: what customers keep coming back with, and what it costs."""

    theme = fields.String(metadata={"description": "Its key, or the contact reason or tag itself."})
    name = fields.String(metadata={"description": "Its name in the client's list of themes."})
    interactions = count_field("Interactions about it.")
    share = Rounded(description="Per cent of all interactions of the period.")
    cumulative_share = Rounded(description="The same of this theme and all larger ones together.")
    apology_share = Rounded(description="Per cent of them in which an agent apologised.")
    apology_low = Rounded(description="Lower end of its Wilson 95 % interval.")
    apology_high = Rounded(description="Upper end of its Wilson 95 % interval.")
    apologises_again = fields.Boolean(
        allow_none=True,
        metadata={
            "description": "Agents apologise for it again and again: in at least half of its interactions, "
            "and clearly more often than in all others."
        },
    )
    apology_hours = Rounded(description="Hours spent on those with an apology, where the time is known.")
    followed = count_field("Those of known customers whose next 7 days have passed.")
    repeat_share = Rounded(description="Per cent of these after which the customer came back within 7 days.")
    repeat_low = Rounded(description="Lower end of its Wilson 95 % interval.")
    repeat_high = Rounded(description="Upper end of its Wilson 95 % interval.")
    handled = count_field("Those whose handling time is known.")
    handle_minutes = Rounded(description="Mean minutes spent on these.")
    shift = Rounded(2, "Mean sentiment shift, from -2 to 2, as the machine reads it.")
    shift_low = Rounded(2, "Lower end of its 95 % interval.")
    shift_high = Rounded(2, "Upper end of its 95 % interval.")
    changed_on = fields.Date(
        allow_none=True, metadata={"description": "First day of another level; null: no clear change."}
    )
    share_before = Rounded(description="Its share of the interactions before that day, in per cent.")
    share_after = Rounded(description="Its share of the interactions from that day on, in per cent.")
    suppressed = fields.Boolean(
        metadata={"description": "Kept back: fewer than five interactions could tell on people."}
    )


class FrictionThemeRowSchema(FrictionThemeFiguresSchema):
    """A theme with what customers say about it."""

    quotes = fields.List(
        fields.Nested(FrictionQuoteSchema),
        metadata={"description": "Of the ten largest themes, two at most, the most distressed first."},
    )


class FrictionReportSchema(AnswerSchema):
    """What customers keep coming back with, in Pareto order."""

    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    interactions = count_field("Scored interactions that are sorted by theme.")
    without_theme = count_field("Those of them that have none.")
    suppressed = fields.Boolean(
        metadata={"description": "Kept back: fewer than five interactions could tell on people."}
    )
    themes = fields.List(
        fields.Nested(FrictionThemeRowSchema),
        metadata={"description": "The largest first, those that are kept back last."},
    )
    method_note = fields.String(metadata={"description": "What the numbers rest on."})
