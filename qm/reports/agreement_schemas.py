"""Request and response schemas of the reports that compare automatic and human answers."""

from marshmallow import fields, validate

from qm.disclosure import SEES_INTERACTIONS
from qm.interactions.fields import CleanString
from qm.learning.effective_gates import WAITING
from qm.learning.gate_schemas import STATE_WORDS, WAITING_WORDS, GateMoveSchema
from qm.reports.arguments import UngroupedArguments
from qm.reports.override_outcomes import OUTCOMES, PARTS
from qm.reports.override_reason_counts import MOST
from qm.reports.schemas import count_field
from qm.reviews.answer_comparison import SOURCES
from scorecards.automation.gate import STATES
from scorecards.definitions.form import KINDS
from scorecards.statistics.agreement import ZONES
from tenants.http.contract import AnswerSchema, PageArguments
from tenants.http.response_fields import Rounded

SUPPRESSED = {"description": "Kept back: fewer than five interactions could tell on people."}


def _interaction_scope(description: str = "") -> dict[str, str]:
    """Describe a field that only callers with the scope `interactions:read` see."""
    return {"description": f"{description} Null without the scope `{SEES_INTERACTIONS}`.".lstrip()}


_STATE = {
    "description": f"{STATE_WORDS['description']} Once a model answers, it rests on the model in force: read "
    "the row `model` of `by_source` beside it."
}


class OverrideListArguments(UngroupedArguments, PageArguments):
    """Filters of the list of overrides."""

    class Meta(UngroupedArguments.Meta):
        """As in the agreement report."""

    question = CleanString(
        load_default=None,
        validate=validate.Length(max=64),
        metadata={"description": "Only the question with this key."},
    )


class AgreementCellSchema(AnswerSchema):
    """One cell of a confusion matrix; cells that are not listed are empty."""

    machine = fields.String(metadata={"description": "What the machine said; n/a: not applicable."})
    human = fields.String(metadata={"description": "What the person said."})
    n = fields.Integer()


class AgreementFiguresSchema(AnswerSchema):
    """Agreement of automatic and human answers."""

    n = count_field("Interactions in which both answered, N/A included.")
    percent = Rounded(description="Per cent of them with the same answer.")
    percent_of_all = Rounded(description="The same, weighted by 1 / inclusion probability.")
    alpha = Rounded(3, "Krippendorff's alpha at the level; null where nothing varies.")
    alpha_low = Rounded(3, "Lower end of its 95 % bootstrap interval.")
    alpha_high = Rounded(3, "Upper end of its 95 % bootstrap interval.")
    kappa = Rounded(3, "Cohen's kappa.")
    ac1 = Rounded(3, "Gwet's AC1: steady where one answer is rare.")
    ac2 = Rounded(3, "Gwet's AC2 for scales and numbers, in which near answers agree in part.")
    mean_difference = Rounded(description="Mean of machine minus person, in points of 100.")
    zone = fields.String(allow_none=True, validate=validate.OneOf(tuple(ZONES)))
    zone_note = fields.String(allow_none=True, metadata={"description": "What the zone means."})
    suppressed = fields.Boolean(metadata=SUPPRESSED)


class AgreementSourceSchema(AgreementFiguresSchema):
    """Agreement of human answers with automatic answers by rule, or by model."""

    source = fields.String(
        validate=validate.OneOf(SOURCES),
        metadata={"description": "rule: a written rule; model: a model that learned from reviewers."},
    )
    in_force = count_field("Of the answers by model: those that the model in force now gave; null for rules.")


class AgreementRowSchema(AgreementFiguresSchema):
    """Agreement of automatic and human answers to one question."""

    scorecard = fields.String()
    question = fields.String()
    text = fields.String()
    kind = fields.String(validate=validate.OneOf(KINDS))
    level = fields.String(
        validate=validate.OneOf(("nominal", "ordinal", "interval")),
        metadata={"description": "nominal: the same or not; ordinal: how many answers apart; interval."},
    )
    both_na = count_field("Interactions in which both said N/A.")
    one_na = count_field("Interactions in which only one of them said N/A.")
    abstained = count_field("Interactions in which the person answered and the machine abstained; not in n.")
    only_one = count_field("Interactions in which only one met the question at all; not in n.")
    machine_higher = count_field("Pairs in which the machine gave more than the person.")
    machine_lower = count_field("Pairs in which the machine gave less.")
    direction = fields.String(
        allow_none=True,
        validate=validate.OneOf(("higher", "lower", "none")),
        metadata={"description": "Which way the machine leans, if more than chance shows (sign test)."},
    )
    state = fields.String(validate=validate.OneOf(STATES), metadata=_STATE)
    waiting = fields.String(allow_none=True, validate=validate.OneOf(tuple(WAITING)), metadata=WAITING_WORDS)
    since = fields.AwareDateTime(allow_none=True, metadata={"description": "Null: the gate never moved."})
    threshold = Rounded(3, "Confidence from which answers stand; only if automatic.")


class AgreementTableSchema(AgreementRowSchema):
    """One question as a row of the CSV table, with the main figures of answers by rule and by model."""

    rule_n = fields.Integer()
    rule_percent = Rounded()
    rule_alpha = Rounded(3)
    model_n = fields.Integer()
    model_percent = Rounded()
    model_alpha = Rounded(3)


class AgreementQuestionSchema(AgreementRowSchema):
    """One question with its confusion matrix, its figures by source and its gate history."""

    by_source = fields.List(
        fields.Nested(AgreementSourceSchema),
        metadata={"description": "The figures of answers by rule and by model apart; only what occurs."},
    )
    confusion = fields.List(fields.Nested(AgreementCellSchema))
    history = fields.List(
        fields.Nested(GateMoveSchema), metadata={"description": "Moves of the gate, the newest first."}
    )


class ComparedHeading(AnswerSchema):
    """Client, period and number of double-scored interactions."""

    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    suppressed = fields.Boolean(metadata=SUPPRESSED)
    double_scored = count_field("Interactions drawn, reviewed and judged under one version of a scorecard.")
    method_note = fields.String(metadata={"description": "What the numbers rest on."})


class AgreementReportSchema(ComparedHeading):
    """Agreement of automatic and human answers, question by question."""

    other_version = count_field("Reviewed interactions left out: judged by another version of the scorecard.")
    questions = fields.List(fields.Nested(AgreementQuestionSchema))


class OverrideSchema(AnswerSchema):
    """One automatic answer that a reviewer answered differently."""

    reviewed_at = fields.AwareDateTime()
    interaction_id = fields.UUID(allow_none=True, metadata=_interaction_scope())
    external_id = fields.String(allow_none=True, metadata=_interaction_scope())
    review_id = fields.UUID(allow_none=True, metadata=_interaction_scope())
    evaluation_id = fields.UUID(allow_none=True, metadata=_interaction_scope("The person's evaluation."))
    scorecard = fields.String()
    version = fields.Integer(metadata={"description": "Of the scorecard."})
    question = fields.String()
    text = fields.String()
    machine_said = fields.String()
    human_said = fields.String()
    difference = Rounded(description="Machine minus person, in points of 100.")
    machine_confidence = Rounded(2, "From 0 to 1.")
    machine_reason = fields.String(metadata={"description": "It never quotes the conversation."})
    machine_clause = fields.String(allow_none=True, metadata={"description": "The clause the machine cited."})
    machine_turn = fields.Integer(allow_none=True, metadata={"description": "Its first evidence, from 0."})
    human_reasons = fields.String(metadata={"description": "Root causes chosen, with commas between."})
    human_note = fields.String(allow_none=True, metadata=_interaction_scope("It may quote the conversation."))
    human_turn = fields.Integer(allow_none=True, metadata={"description": "The first evidence, from 0."})
    override_reason = fields.String(
        allow_none=True,
        metadata=_interaction_scope("Why the reviewer saw it differently, if they said it. It may quote."),
    )
    outcome = fields.String(
        validate=validate.OneOf(tuple(OUTCOMES)),
        metadata={"description": " ".join(f"{name}: {meaning}" for name, meaning in OUTCOMES.items())},
    )
    outcome_part = fields.String(
        allow_none=True,
        validate=validate.OneOf(tuple(PARTS)),
        metadata={"description": " ".join(f"{name}: {meaning}" for name, meaning in PARTS.items())},
    )
    model_says = fields.String(
        allow_none=True, metadata={"description": "What the model in force would say now."}
    )


class OverrideReasonCountSchema(AnswerSchema):
    """How often reviewers gave a reason for answering a question other than the machine."""

    scorecard = fields.String()
    question = fields.String()
    reason = fields.String(
        allow_none=True, metadata=_interaction_scope("It may quote; then there is one row for each question.")
    )
    n = fields.Integer(metadata={"description": "How many overrides it was given for."})


class OverridePageSchema(AnswerSchema):
    """A page of overrides."""

    data = fields.List(fields.Nested(OverrideSchema))
    reasons = fields.List(
        fields.Nested(OverrideReasonCountSchema),
        allow_none=True,
        metadata={
            "description": f"Reasons given in the whole period, the {MOST} most frequent; null but on the "
            "first page."
        },
    )
    next_cursor = fields.String(allow_none=True)
