"""Request and response schemas of the what-if analysis of a scorecard."""

from marshmallow import Schema, fields, validate

from qm.reports.arguments import ReportArguments
from qm.what_if.answer_mapping import REASONS
from qm.what_if.rejudging_schemas import (
    WhatIfComparisonSchema,
    WhatIfJudgedSchema,
    count_field,
    sample_field,
)
from scorecards.authoring.route_schemas import MAX_VERSION

MAX_EVALUATIONS = 5000


class WhatIfArguments(ReportArguments):
    """Period and filters of the evaluations to rescore, and the version to rescore with."""

    class Meta(ReportArguments.Meta):
        """A what-if has its own breakdown and is always JSON."""

        exclude = ("group_by", "format")

    version = fields.Integer(
        validate=validate.Range(1, MAX_VERSION),
        metadata={"description": "Number of the version; the draft when left out and no body is sent."},
    )
    limit = fields.Integer(
        load_default=MAX_EVALUATIONS,
        validate=validate.Range(1, MAX_EVALUATIONS),
        metadata={"description": "Most evaluations to rescore, newest interactions first."},
    )
    judge_again = fields.Boolean(
        load_default=False,
        metadata={"description": "Judge conversations again besides: fills `judged_again`."},
    )
    sample = sample_field()


class WhatIfReasonSchema(Schema):
    """Why stored answers to a question cannot be used."""

    code = fields.String(validate=validate.OneOf(tuple(REASONS)))
    detail = fields.String()
    evaluations = fields.Integer()


class WhatIfQuestionSchema(Schema):
    """A question without a usable answer in some evaluations."""

    question = fields.String()
    evaluations = fields.Integer()
    interactions = fields.Integer()
    reasons = fields.List(fields.Nested(WhatIfReasonSchema))


class WhatIfUnanswerableSchema(Schema):
    """Questions without usable stored answers, which are left out of the new scores."""

    evaluations = fields.Integer()
    interactions = fields.Integer()
    questions = fields.List(fields.Nested(WhatIfQuestionSchema))


class WhatIfConsideredSchema(Schema):
    """Which evaluations were rescored."""

    automatic = fields.Integer()
    human = fields.Integer()
    not_applicable = count_field("Left out: the scorecard would no longer judge their channel or program.")
    limit = fields.Integer()
    sampling = fields.String(
        validate=validate.OneOf(("all", "newest_first")),
        metadata={"description": "newest_first: there were more than the limit."},
    )
    oldest = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When the oldest interaction that was read began."}
    )


class WhatIfSchema(Schema):
    """How stored evaluations would be scored with another version of a scorecard."""

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
    judged_again = fields.Nested(
        WhatIfJudgedSchema,
        allow_none=True,
        metadata={"description": "A sample judged by the scorecard; null unless `judge_again` is asked."},
    )
