"""Request and response schemas of sampling: the dry run of a policy, and draws with their proof."""

from marshmallow import Schema, fields, validate

from qm.sampling.dry_run import DEFAULT_WEEKS, MAX_WEEKS
from scorecards.authoring.fields import StrictSchema, text_field
from scorecards.authoring.route_schemas import PolicyWarningSchema
from scorecards.statistics.difference_estimator import EXPECTED_DEVIATION
from tenants.http.contract import AnswerSchema, PageArguments
from tenants.http.response_fields import Rounded


def _expected_count(description: str) -> Rounded:
    return Rounded(description=f"{description} An expectation, so it may be fractional.", allow_none=False)


class DryRunArguments(StrictSchema):
    """How many past weeks."""

    weeks = fields.Integer(
        load_default=DEFAULT_WEEKS,
        validate=validate.Range(1, MAX_WEEKS),
        metadata={"description": "Whole weeks, Monday to Sunday, the last of which is over."},
    )


class _ExpectedDrawSchema(Schema):
    interactions = fields.Integer()
    reviews = _expected_count("How many of them are drawn.")


class DryRunWeekSchema(_ExpectedDrawSchema):
    """What is expected to be drawn of one week."""

    first_day = fields.Date()


class DryRunReasonSchema(_ExpectedDrawSchema):
    """What is expected to be drawn of the interactions that match a condition; some match several."""

    reason = fields.String()


class DryRunAgentSchema(_ExpectedDrawSchema):
    """What is expected to be drawn of an agent for whom a quota binds."""

    agent = fields.String()
    minimum_binds = _expected_count("Weeks in which the minimum draws more.")
    maximum_binds = _expected_count("Weeks in which the maximum draws fewer.")


class DryRunQuotasSchema(Schema):
    """Where quotas bind, on average over repeated draws."""

    windows = fields.Integer(metadata={"description": "Weeks of agents, or periods of the fixed number."})
    minimum_binds = _expected_count("Windows in which more are drawn than by rates.")
    maximum_binds = _expected_count("Windows in which fewer are drawn than by rates.")
    agents = fields.List(fields.Nested(DryRunAgentSchema))


class DryRunCapacitySchema(Schema):
    """How much of the reviewers' capacity is used."""

    people = fields.Integer(metadata={"description": "People who may review for this client."})
    reviews_per_week = fields.Integer(metadata={"description": "Of all of them together."})
    used = Rounded(3, "Expected share; over 1 a backlog grows. Null without people.")


class DryRunSchema(Schema):
    """What a sampling policy would have drawn in past weeks, and how sure the client's number would be."""

    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    policy = fields.String(validate=validate.OneOf(("in_force", "body")))
    interactions = fields.Integer()
    mean_rate = Rounded(4, "Mean probability before quotas.")
    reviews = _expected_count("How many reviews there are.")
    reviews_per_week = _expected_count("How many there are in one week on average.")
    weeks = fields.List(fields.Nested(DryRunWeekSchema))
    reasons = fields.List(fields.Nested(DryRunReasonSchema))
    quotas = fields.Nested(DryRunQuotasSchema, allow_none=True)
    capacity = fields.Nested(DryRunCapacitySchema, allow_none=True)
    half_width = Rounded(
        description="Of the 95 % interval of empathy over the whole period, in points, from people's"
        " scores alone, which vary as `deviation` says. Null where fewer than ten reviews are expected."
    )
    deviation = Rounded(
        description=f"Standard deviation of human scores, in points; {EXPECTED_DEVIATION} is assumed"
        " while there are fewer than ten scores.",
        allow_none=False,
    )
    deviation_from = fields.String(validate=validate.OneOf(("reviews", "assumed")))
    warnings = fields.List(fields.Nested(PolicyWarningSchema))


class DrawListArguments(PageArguments):
    """Which draws are wanted, and which part of the list."""

    external_id = fields.String(
        validate=validate.Length(1, 200), metadata={"description": "Only of this interaction."}
    )
    drawn = fields.Boolean(metadata={"description": "Only what was drawn, or only what was not."})


class DrawSchema(AnswerSchema):
    """The draw of one interaction: drawn when `draw` is below `inclusion_probability`."""

    interaction_id = fields.UUID()
    external_id = fields.String()
    started_at = fields.AwareDateTime()
    policy_version = fields.Integer(metadata={"description": "Version of the policy that decided."})
    rules = fields.List(
        fields.String(),
        metadata={"description": "Whose rate holds; `automatic` while the reader is still to review it."},
    )
    rate = fields.Float(
        allow_none=True,
        metadata={"description": "Before quotas. Null while the reader is still to review it."},
    )
    threshold = fields.Float(
        allow_none=True, metadata={"description": "Of a quota, by which the rate is multiplied; else 1."}
    )
    inclusion_probability = fields.Float(
        allow_none=True, metadata={"description": "The rate times the threshold, at most 1."}
    )
    draw = fields.Float(
        allow_none=True, metadata={"description": "The fixed random number in [0, 1) of policy and id."}
    )
    drawn = fields.Boolean(metadata={"description": "Whether a person is to review it."})
    settled = fields.Boolean(metadata={"description": "Whether the probability is final."})
    proven = fields.Boolean(
        metadata={"description": "Number, probability and decision are as worked out again from the key."}
    )


class ClientNumberSchema(StrictSchema):
    """A number of the client's own, mixed into the draws of a month."""

    number = text_field(
        200,
        required=True,
        metadata={
            "description": "Anything that the provider cannot have known, such as what dice say.",
            "example": "5 2 6 6 1 3 4",
        },
    )


class DrawCommitmentSchema(AnswerSchema):
    """What was said of the key of a month's draws before the month began, and the key when it is over."""

    month = fields.String(
        metadata={"description": "Of arrival, in UTC, as the interaction's id tells.", "example": "2026-07"}
    )
    commitment = fields.String(metadata={"description": "SHA-256 of the key, in hexadecimal."})
    committed_at = fields.AwareDateTime(metadata={"description": "When that was said."})
    client_number = fields.String(
        allow_none=True, metadata={"description": "What the client's own people added; null: nothing."}
    )
    client_number_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When they did; null where they did not."}
    )
    key = fields.String(
        allow_none=True,
        metadata={"description": "The key in hexadecimal; null until the month is over."},
    )


class DrawCommitmentsSchema(AnswerSchema):
    """The commitments to a client's months, the newest first."""

    data = fields.List(fields.Nested(DrawCommitmentSchema))


class DrawPageSchema(Schema):
    """A page of draws."""

    data = fields.List(fields.Nested(DrawSchema))
    next_cursor = fields.String(allow_none=True)
