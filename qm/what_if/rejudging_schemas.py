"""Request and response schemas of what-if analyses that evaluate a sample of conversations again."""

from marshmallow import Schema, fields, validate

from qm.learning.models import MODEL_STATES
from qm.reports.arguments import ReportArguments
from tenants.http.response_fields import Rounded

MAX_SAMPLE = 500
DEFAULT_SAMPLE = 300


def count_field(description: str) -> fields.Integer:
    """Return the field of a count."""
    return fields.Integer(metadata={"description": description})


def sample_field() -> fields.Integer:
    """Return the field of the sample size."""
    return fields.Integer(
        load_default=DEFAULT_SAMPLE,
        validate=validate.Range(1, MAX_SAMPLE),
        metadata={"description": "Most interactions to judge again, drawn by chance; always the same ones."},
    )


class ModelWhatIfArguments(ReportArguments):
    """Period and filters of the interactions to evaluate again, and the sample size."""

    class Meta(ReportArguments.Meta):
        """A what-if has its own breakdown and is always JSON."""

        exclude = ("group_by", "format")

    sample = sample_field()


class WhatIfChangeSchema(Schema):
    """A mean before and after, over evaluations with both values."""

    n = count_field("Where it is defined before and after.")
    before = Rounded(2)
    after = Rounded(2)
    difference = Rounded(2, "After minus before.")
    low = Rounded(2, "Lower end of the 95 % interval of the difference.")
    high = Rounded(2, "Upper end of the 95 % interval of the difference.")
    gained = count_field("Where it is defined only after; not in the means.")
    lost = count_field("Where it is defined only before; not in the means.")


class WhatIfPartSchema(WhatIfChangeSchema):
    """The change of a section or pillar, in points of 100."""

    key = fields.String()
    name = fields.String(allow_none=True, metadata={"description": "Null for a section that is gone."})


class WhatIfAgentSchema(WhatIfChangeSchema):
    """The change of an agent's mean total."""

    agent = fields.String()


class WhatIfQuartersSchema(Schema):
    """Minimum, quartiles and maximum of the totals; empty if no total is defined."""

    before = fields.List(Rounded(2))
    after = fields.List(Rounded(2))


class WhatIfBandMoveSchema(Schema):
    """The number of evaluations with one band before and another, or the same, after."""

    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)
    count = fields.Integer()


class WhatIfFlipsSchema(Schema):
    """Evaluations whose outcome flips."""

    count = fields.Integer()
    interactions = fields.List(
        fields.UUID(),
        allow_none=True,
        metadata={"description": "The first 50; null without the scope `interactions:read`."},
    )


class WhatIfComparisonSchema(Schema):
    """What would change for the evaluations of one kind."""

    evaluations = fields.Integer()
    interactions = fields.Integer()
    moved = count_field("Evaluations whose total, outcome or band would change.")
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


class WhatIfConfidenceSchema(WhatIfChangeSchema):
    """Mean confidence, from 0 to 1, over interactions answered before and after."""

    before = Rounded(3)
    after = Rounded(3)
    difference = Rounded(3, "After minus before.")
    low = Rounded(3, "Lower end of the 95 % interval of the difference.")
    high = Rounded(3, "Upper end of the 95 % interval of the difference.")


class WhatIfAnswerMoveSchema(Schema):
    """How often one answer changes to another; null is no answer: abstained, or not on the form."""

    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)
    count = fields.Integer()


class WhatIfAnswersSchema(Schema):
    """How the answers to one question change."""

    scorecard = fields.String()
    question = fields.String()
    text = fields.String()
    asked = count_field("Interactions that meet the question before or after.")
    answered_before = count_field("Those that the machine answers now.")
    answered_after = count_field("Those that it would answer.")
    changed = count_field("Those whose answer changes, to or from none included.")
    share = Rounded(description="changed of asked, per cent.")
    low = Rounded(description="Lower end of its 95 % interval (Wilson).")
    high = Rounded(description="Upper end of its 95 % interval.")
    moves = fields.List(
        fields.Nested(WhatIfAnswerMoveSchema), metadata={"description": "The ten most frequent changes."}
    )
    confidence = fields.Nested(WhatIfConfidenceSchema)
    agreement = fields.Nested(
        WhatIfChangeSchema,
        metadata={
            "description": "Per cent of people's answers that the machine does not contradict, over reviewed "
            "interactions of the sample that it answers before and after."
        },
    )


class WhatIfMovedSchema(Schema):
    """One interaction with a large change."""

    interaction_id = fields.UUID()
    external_id = fields.String()
    agent = fields.String(allow_none=True)
    before = Rounded(2, "Total by what is in force now.")
    after = Rounded(2, "Total with the change.")
    difference = Rounded(2)
    questions = fields.List(fields.String(), metadata={"description": "Whose answers change."})


class WhatIfScorecardCountSchema(Schema):
    """The number of interactions by applicable scorecard version; null: none applies."""

    scorecard = fields.String(allow_none=True)
    version = fields.Integer(allow_none=True)
    interactions = fields.Integer()


class WhatIfStoredSchema(Schema):
    """Whether a new evaluation under the version in force gives the stored totals."""

    compared = count_field("Interactions whose stored evaluation was made under the version in force.")
    differing = count_field("Those with another total: rules, voice, playbooks or model have changed since.")


class WhatIfJudgedSchema(Schema):
    """A sample evaluated twice: with what is in force now, and with the change."""

    finding = fields.String(metadata={"description": "What would change, in one sentence."})
    interactions = count_field("Interactions that were judged twice.")
    of = count_field("Interactions of the period that it concerns; the sample is drawn from these.")
    wanted = count_field("How many were asked for.")
    failed = count_field("Interactions that could not be judged.")
    in_time = fields.Boolean(
        metadata={"description": "False when the time was over before the sample was; it is smaller then."}
    )
    scorecards = fields.List(
        fields.Nested(WhatIfScorecardCountSchema), metadata={"description": "What judges them now."}
    )
    stored = fields.Nested(WhatIfStoredSchema)
    comparison = fields.Nested(WhatIfComparisonSchema, allow_none=True)
    questions = fields.List(
        fields.Nested(WhatIfAnswersSchema), metadata={"description": "Those that change most first."}
    )
    most_changed = fields.List(
        fields.Nested(WhatIfMovedSchema),
        allow_none=True,
        metadata={"description": "The 20 that change most; null without the scope `interactions:read`."},
    )
    method_note = fields.String(metadata={"description": "What the numbers rest on."})


class WhatIfModelSchema(Schema):
    """A version of a model."""

    model_id = fields.UUID()
    version = fields.Integer()
    state = fields.String(validate=validate.OneOf(MODEL_STATES))


class WhatIfHeldOutAnswersSchema(Schema):
    """Agreement of both sides with reviewers on one question."""

    scorecard = fields.String()
    question = fields.String()
    text = fields.String()
    agreement = fields.Nested(
        WhatIfChangeSchema,
        metadata={"description": "Per cent of people's answers that the machine does not contradict."},
    )


class WhatIfHeldOutSchema(Schema):
    """Both sides compared with reviewers on held-out interactions, which no model is trained on."""

    interactions = count_field("Interactions that were judged twice; 200 at most.")
    of = count_field("Such interactions in the period.")
    questions = fields.List(fields.Nested(WhatIfHeldOutAnswersSchema))


class ModelWhatIfSchema(WhatIfJudgedSchema):
    """What another answer model would have answered to conversations of a period."""

    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    model = fields.Nested(WhatIfModelSchema)
    held_out = fields.Nested(WhatIfHeldOutSchema)
    instead_of = fields.Nested(
        WhatIfModelSchema,
        allow_none=True,
        metadata={"description": "The model in force; null: the rules alone, also where it is asked about."},
    )
