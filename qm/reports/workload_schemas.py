"""Response schemas of the report on workload."""

from marshmallow import fields, validate

from qm.friction.models import LOADS
from qm.reports.schemas import count_field
from tenants.http.contract import AnswerSchema
from tenants.http.response_fields import Rounded

_MEASURE = "concurrency: conversations at once; handle_time: minutes of handling time."
_SUPPRESSED = "Kept back: fewer than five interactions could tell on people."


def _load(description: str) -> fields.Integer:
    return fields.Integer(allow_none=True, metadata={"description": description})


class WorkloadMeasureSchema(AnswerSchema):
    """Beyond which load empathy is lower among alike interactions, and by how much."""

    measure = fields.String(validate=validate.OneOf(tuple(LOADS)), metadata={"description": _MEASURE})
    known = count_field("Interactions with an empathy score of which the load is known.")
    compared = count_field("Of those, the ones with others alike of another load.")
    groups = count_field("Groups of interactions that are alike.")
    difference = Rounded(description="Empathy beyond this load minus empathy up to it, among alike ones.")
    low = Rounded(description="Lower end of its 95 % interval; the limits hold for all loads together.")
    high = Rounded(description="Upper end of its 95 % interval.")
    falls = fields.Boolean(
        allow_none=True, metadata={"description": "Whether all of the interval lies below 0."}
    )
    beyond = _load("The load beyond which empathy falls; null where it does not clearly fall.")
    beyond_low = _load("Lower 95 % limit of that load.")
    beyond_high = _load("Upper 95 % limit of that load.")
    suppressed = fields.Boolean(metadata={"description": _SUPPRESSED})


class WorkloadClassSchema(AnswerSchema):
    """Empathy of the interactions with one load, as it is: not only among alike ones."""

    measure = fields.String(validate=validate.OneOf(tuple(LOADS)), metadata={"description": _MEASURE})
    load_from = _load("The least load of the class.")
    load_below = _load("The load that it stays below; null: there is no end.")
    interactions = count_field("Interactions with an empathy score and this load.")
    empathy = Rounded(description="Mean of the machine's empathy.")
    low = Rounded(description="Lower end of its 95 % interval.")
    high = Rounded(description="Upper end of its 95 % interval.")
    suppressed = fields.Boolean(metadata={"description": _SUPPRESSED})


class WorkloadReportSchema(AnswerSchema):
    """How empathy goes with the load of agents."""

    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    interactions = count_field("Interactions that the machine has scored.")
    finding = fields.String(
        metadata={"description": "What it comes to in sentences, or what is missing and what to do."}
    )
    measures = fields.List(
        fields.Nested(WorkloadMeasureSchema), metadata={"description": "An entry for each kind of load."}
    )
    classes = fields.List(
        fields.Nested(WorkloadClassSchema), metadata={"description": "An entry for each class of load."}
    )
    method_note = fields.String(metadata={"description": "What the numbers rest on."})
