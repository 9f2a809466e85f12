"""Request and response schemas of the fairness reports of a client and of the provider."""

from marshmallow import fields, validate

from qm.reports.agreement_schemas import SUPPRESSED, ComparedHeading
from qm.reports.arguments import UngroupedArguments
from qm.reports.fairness_groups import STATUSES
from qm.reports.fairness_provider import CLIENT
from qm.reports.fairness_report import DIMENSIONS
from qm.reports.fairness_scores import MEASURES
from qm.reports.schemas import count_field
from tenants.http.contract import AnswerSchema
from tenants.http.response_fields import Rounded


def _low() -> Rounded:
    return Rounded(description="Lower end of its 95 % interval.")


def _high() -> Rounded:
    return Rounded(description="Upper end of its 95 % interval.")


def _p_value() -> Rounded:
    return Rounded(4, "Two-sided, before the correction.")


def _exceeds() -> fields.Boolean:
    return fields.Boolean(metadata={"description": "Larger than chance allows, after Holm."})


class FairnessArguments(UngroupedArguments):
    """Period, filters, measure and format."""

    class Meta(UngroupedArguments.Meta):
        """As in the agreement report."""

    measure = fields.String(
        load_default="score",
        validate=validate.OneOf(tuple(MEASURES)),
        metadata={"description": "score: the scorecard's total; empathy: the empathy score."},
    )


class FairnessFiguresSchema(AnswerSchema):
    """Figures of a group and of all other interactions, from 0 to 100, with tests of their differences."""

    n = count_field("Double-scored interactions of the group.")
    compared = count_field("Those of them that error and distance rest on; null for a client's stakeholders.")
    error = Rounded(
        description="Machine minus person in the group, over the questions that both answered; above 0: the "
        "machine gives too much."
    )
    error_rest = Rounded(description="The same outside of the group.")
    error_difference = Rounded(description="error minus error_rest.")
    error_low = _low()
    error_high = _high()
    error_p_value = _p_value()
    error_exceeds = _exceeds()
    distance = Rounded(
        description="How far the machine is from the person in the group, up or down, of the same questions."
    )
    distance_rest = Rounded(description="The same outside of the group.")
    distance_difference = Rounded(description="distance minus distance_rest.")
    distance_low = _low()
    distance_high = _high()
    distance_p_value = _p_value()
    distance_exceeds = _exceeds()
    human = Rounded(description="What people give in the group, over whole forms.")
    human_rest = Rounded(description="The same outside of the group.")
    human_difference = Rounded(description="human minus human_rest.")
    human_low = _low()
    human_high = _high()
    human_p_value = _p_value()
    human_exceeds = _exceeds()
    status = fields.String(
        validate=validate.OneOf(tuple(STATUSES)),
        metadata={"description": " ".join(f"{name}: {meaning}" for name, meaning in STATUSES.items())},
    )


class FairnessGroupSchema(FairnessFiguresSchema):
    """One group of a client's interactions compared with all others."""

    dimension = fields.String(validate=validate.OneOf(tuple(DIMENSIONS)))
    value = fields.String(metadata={"description": "The group's value; empty: not known."})
    suppressed = fields.Boolean(metadata=SUPPRESSED)


def _in_part() -> fields.Integer:
    return count_field("Those compared over a part of the form: one left out what the other answered.")


def _not_compared() -> fields.Integer:
    return count_field("Those left out of error and distance: what both answered gives no score.")


class FairnessReportSchema(ComparedHeading):
    """Whether scores differ between groups of a client's interactions."""

    in_part = _in_part()
    not_compared = _not_compared()
    measure = fields.String(validate=validate.OneOf(tuple(MEASURES)))
    tests = fields.Integer(metadata={"description": "Comparisons that Holm's correction is over."})
    groups = fields.List(fields.Nested(FairnessGroupSchema))


class FairnessClientSchema(FairnessFiguresSchema):
    """One client compared with all others that the caller may see."""

    dimension = fields.String(validate=validate.Equal(CLIENT))
    value = fields.String(metadata={"description": "The client's slug."})


class ProviderFairnessReportSchema(AnswerSchema):
    """Whether scores differ between clients."""

    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    measure = fields.String(validate=validate.OneOf(tuple(MEASURES)))
    double_scored = fields.Integer(
        metadata={"description": "Interactions drawn, reviewed and judged under one version of a scorecard."}
    )
    in_part = _in_part()
    not_compared = _not_compared()
    tests = fields.Integer(metadata={"description": "Comparisons that Holm's correction is over."})
    groups = fields.List(fields.Nested(FairnessClientSchema))
    method_note = fields.String(metadata={"description": "What the numbers rest on."})
