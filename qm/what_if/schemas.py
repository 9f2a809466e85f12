"""The contract of what-if."""

from marshmallow import Schema, fields, validate

from qm.reports.arguments import ReportArguments
from qm.reports.schemas import Rounded
from qm.what_if.carrying import REASONS
from scorecards.route_schemas import HIGHEST_VERSION

MOST_EVALUATIONS = 5000


def _count(description: str) -> fields.Integer:
    return fields.Integer(metadata={"description": description})


class WhatIfArguments(ReportArguments):
    """Which evaluations are rescored, and with which version."""

    class Meta(ReportArguments.Meta):
        """A what-if has its own breakdown and one form."""

        exclude = ("group_by", "format")

    version = fields.Integer(
        validate=validate.Range(1, HIGHEST_VERSION),
        metadata={"description": "Number of the version; the draft when left out and no body is sent."},
    )
    limit = fields.Integer(
        load_default=MOST_EVALUATIONS,
        validate=validate.Range(1, MOST_EVALUATIONS),
        metadata={"description": "Most evaluations to rescore, newest interactions first."},
    )


class WhatIfChangeSchema(Schema):
    """A mean before and after, over the evaluations where both are defined."""

    n = _count("Evaluations where it is defined before and after.")
    before = Rounded(2)
    after = Rounded(2)
    difference = Rounded(2, "After minus before.")
    low = Rounded(2, "Lower end of the 95 % interval of the difference.")
    high = Rounded(2, "Upper end of the 95 % interval of the difference.")
    gained = _count("Evaluations where it is defined only after; not in the means.")
    lost = _count("Evaluations where it is defined only before; not in the means.")


class WhatIfPartSchema(WhatIfChangeSchema):
    """The change of a section or pillar, in points of 100."""

    key = fields.String()
    name = fields.String(allow_none=True, metadata={"description": "Null for a section that is gone."})


class WhatIfAgentSchema(WhatIfChangeSchema):
    """The change of an agent's mean total."""

    agent = fields.String()


class WhatIfQuartersSchema(Schema):
    """The lowest total, the three quartiles and the highest; empty when no total is defined."""

    before = fields.List(Rounded(2))
    after = fields.List(Rounded(2))


class WhatIfBandMoveSchema(Schema):
    """How many evaluations have one band before and another, or the same, after."""

    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)
    count = fields.Integer()


class WhatIfFlipsSchema(Schema):
    """Evaluations whose outcome flips."""

    count = fields.Integer()
    interactions = fields.List(
        fields.UUID(),
        allow_none=True,
        metadata={"description": "The newest 50; null without the scope `interactions:read`."},
    )


class WhatIfComparisonSchema(Schema):
    """What would change for the evaluations of one kind."""

    evaluations = fields.Integer()
    interactions = fields.Integer()
    moved = _count("Evaluations whose total, outcome or band would change.")
    total = fields.Nested(WhatIfChangeSchema)
    quarters = fields.Nested(WhatIfQuartersSchema)
    empathy = fields.Nested(WhatIfChangeSchema)
    pass_share = fields.Nested(WhatIfChangeSchema)
    sections = fields.List(fields.Nested(WhatIfPartSchema))
    pillars = fields.List(fields.Nested(WhatIfPartSchema))
    bands = fields.List(fields.Nested(WhatIfBandMoveSchema))
    pass_to_fail = fields.Nested(WhatIfFlipsSchema)
    fail_to_pass = fields.Nested(WhatIfFlipsSchema)
    agents = fields.List(
        fields.Nested(WhatIfAgentSchema),
        allow_none=True,
        metadata={
            "description": "Of agents with five evaluations, the 20 that move most; null for who may not see."
        },
    )


class WhatIfReasonSchema(Schema):
    """Why stored answers to a question cannot be used."""

    code = fields.String(validate=validate.OneOf(tuple(REASONS)))
    detail = fields.String()
    evaluations = fields.Integer()


class WhatIfQuestionSchema(Schema):
    """A question that some evaluations have no usable answer to."""

    question = fields.String()
    evaluations = fields.Integer()
    interactions = fields.Integer()
    reasons = fields.List(fields.Nested(WhatIfReasonSchema))


class WhatIfUnanswerableSchema(Schema):
    """What the stored answers cannot say; these questions are left out of the new scores."""

    evaluations = fields.Integer()
    interactions = fields.Integer()
    questions = fields.List(fields.Nested(WhatIfQuestionSchema))


class WhatIfConsideredSchema(Schema):
    """Which evaluations were rescored."""

    automatic = fields.Integer()
    human = fields.Integer()
    not_applicable = _count("Left out: the scorecard would no longer judge their channel or program.")
    limit = fields.Integer()
    sampling = fields.String(
        validate=validate.OneOf(("all", "newest_first")),
        metadata={"description": "newest_first: there were more than the limit."},
    )
    oldest = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When the oldest interaction that was read began."}
    )


class WhatIfSchema(Schema):
    """What a scorecard would have said of stored evaluations."""

    client = fields.String()
    scorecard = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    source = fields.String(validate=validate.OneOf(("draft", "version", "body")))
    version = fields.Integer(allow_none=True, metadata={"description": "Null for a body."})
    finding = fields.String(metadata={"description": "What would change, in one sentence."})
    evaluations = fields.Nested(WhatIfConsideredSchema)
    unanswerable = fields.Nested(WhatIfUnanswerableSchema)
    removed = fields.List(fields.String(), metadata={"description": "Questions no longer asked."})
    reworded = fields.List(
        fields.String(), metadata={"description": "Questions whose answers were given to another wording."}
    )
    automatic = fields.Nested(WhatIfComparisonSchema, allow_none=True)
    human = fields.Nested(WhatIfComparisonSchema, allow_none=True)
    method_note = fields.String(metadata={"description": "What the numbers rest on."})
