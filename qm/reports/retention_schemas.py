"""Response schemas of the report on retention."""

from marshmallow import fields

from qm.reports.schemas import count_field
from tenants.http.contract import AnswerSchema
from tenants.http.response_fields import Rounded

_LOW, _HIGH = "Lower end of its 95 % interval.", "Upper end of its 95 % interval."


class RetentionHorizonSchema(AnswerSchema):
    """How many customers had not left so many days after their case."""

    days = fields.Integer(metadata={"description": "The horizon: 30, 60 or 90 days after the case."})
    charged_cases = count_field("Emotionally charged cases of known customers that are so many days old.")
    charged_retained = count_field("Those whose customer had not left within the horizon.")
    charged_share = Rounded(description="The retention rate for emotionally charged cases, per cent.")
    charged_low = Rounded(description=_LOW)
    charged_high = Rounded(description=_HIGH)
    other_cases = count_field("Cases that were not emotionally charged, of known customers, as old.")
    other_retained = count_field("Those whose customer had not left within the horizon.")
    other_share = Rounded(description="The same rate for cases that were not emotionally charged.")
    other_low = Rounded(description=_LOW)
    other_high = Rounded(description=_HIGH)
    difference = Rounded(description="Charged minus other, in points.")
    difference_low = Rounded(description=_LOW)
    difference_high = Rounded(description=_HIGH)
    too_young = count_field("Emotionally charged cases that are not so many days old yet.")
    suppressed = fields.Boolean(
        metadata={"description": "Kept back: fewer than five interactions could tell on people."}
    )


class RetentionReportSchema(AnswerSchema):
    """Whether customers stayed after emotionally charged cases."""

    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    interactions = count_field("Interactions that the machine has scored.")
    charged = count_field("Those that are emotionally charged.")
    unknown_customers = count_field("Of the charged ones, those whose customer is not known.")
    finding = fields.String(
        metadata={"description": "What it comes to in a sentence, or what is missing and what to do."}
    )
    horizons = fields.List(
        fields.Nested(RetentionHorizonSchema), metadata={"description": "One entry for each horizon."}
    )
    method_note = fields.String(metadata={"description": "What the numbers rest on."})
