"""Response schemas of the report on empowerment."""

from marshmallow import fields

from qm.reports.schemas import count_field
from tenants.http.contract import AnswerSchema
from tenants.http.response_fields import Rounded

_LOW, _HIGH = "Lower end of its Wilson 95 % interval.", "Upper end of its Wilson 95 % interval."


class EmpowermentFiguresSchema(AnswerSchema):
    """How agents used discretion where it applied."""

    applied = count_field("Interactions in which it applied: a playbook triggered, and the customer in need.")
    used_within = count_field("Those in which the agent used it, within its limit.")
    share = Rounded(description="Per cent of those that tell: the agent empowerment score.")
    low = Rounded(description=_LOW)
    high = Rounded(description=_HIGH)
    over_limit = count_field("Those in which the agent went over its limit; no empowerment.")
    over_share = Rounded(description="The same in per cent of those that tell.")
    over_low = Rounded(description=_LOW)
    over_high = Rounded(description=_HIGH)
    unclear = count_field("Those in which it was used and nobody can tell whether within its limit.")
    unused = count_field("Those in which the agent did not use it.")
    unasked = count_field("Interactions in which it was used though the customer did not say they need it.")
    unasked_over = count_field("Those of them in which the agent went over its limit.")
    suppressed = fields.Boolean(
        metadata={"description": "Kept back: fewer than five interactions could tell on people."}
    )


class EmpowermentDiscretionSchema(EmpowermentFiguresSchema):
    """The same of one discretion of one playbook."""

    playbook = fields.String(metadata={"description": "Key of the playbook."})
    discretion = fields.String(metadata={"description": "Key of the discretion in it."})
    name = fields.String(metadata={"description": "Its name in the playbook in force, or its key."})


class EmpowermentReportSchema(AnswerSchema):
    """Whether agents use the discretion that playbooks leave them."""

    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    interactions = count_field("Interactions that the machine has scored.")
    finding = fields.String(
        metadata={"description": "What it comes to in a sentence, or what is missing and what to do."}
    )
    overall = fields.Nested(
        EmpowermentFiguresSchema, metadata={"description": "Over interactions, whatever applied in them."}
    )
    discretions = fields.List(
        fields.Nested(EmpowermentDiscretionSchema),
        metadata={"description": "Each discretion, the one that applied most often first."},
    )
    method_note = fields.String(metadata={"description": "What the numbers rest on."})
