"""Request and response schemas of disputes and of acknowledged evaluations."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from qm.disputes.access import LAPSED
from qm.disputes.acknowledgement_list import READ_STATES
from qm.disputes.models import OUTCOMES, SIDES, STATES
from qm.interactions.fields import Instant
from qm.reviews.answer_schemas import AnswerValueField, ReviewAnswerSchema, ReviewEvidenceSchema
from qm.reviews.schemas import PersonReferenceSchema
from scorecards.authoring.fields import StrictSchema, Text, choice_field, groups_of, list_of, text_field
from scorecards.definitions.conversation import CHANNELS
from tenants.http.contract import AnswerSchema, PageArguments
from tenants.http.response_fields import Rounded
from tenants.http.strict_fields import Flag
from tenants.http.validation_messages import SchemaMessage

MAX_ANSWERS = 100
SHOWN_STATES = (*STATES, LAPSED)
_VALUE = ReviewAnswerSchema().fields["value"].metadata
_STATE = (
    "`open`: waits for a decision. `decided`: may be appealed for a while. `appealed`: waits for the second "
    "decision. `settled`: decided twice. `withdrawn`: taken back before it was decided. "
    "`lapsed`: it waits, but its evaluation is void or was taken back."
)


_READ_STATE = (
    "`read`: its agent said so. `waiting`: not yet, and there is time left. `overdue`: not yet, and that "
    "time is over."
)


def said(description: str, **more: Any) -> dict[str, Any]:
    """Return the metadata that describe a property."""
    return {"description": description, **more}


class ProposedAnswerSchema(StrictSchema):
    """An answer to one question, as of a review; evidence may be left out: then the places stay."""

    value = AnswerValueField(load_default=None, allow_none=True, metadata=dict(_VALUE))
    na = Flag(load_default=False)
    reasons = list_of(text_field(200), 50, load_default=list)
    note = text_field(10_000, min_length=0, load_default="")
    evidence = groups_of(ReviewEvidenceSchema, 50, load_default=list)


class DisputedAnswerSchema(StrictSchema):
    """One answer that is disputed."""

    question = text_field(64, required=True)
    proposed = fields.Nested(ProposedAnswerSchema, required=True, metadata=said("What it should be instead."))
    comment = text_field(2000, required=True, metadata=said("Why.", example="I confirmed it in turn 4."))


class NewDisputeSchema(StrictSchema):
    """What of an evaluation is disputed."""

    answers = groups_of(
        DisputedAnswerSchema,
        MAX_ANSWERS,
        required=True,
        metadata=said("Every answer that is disputed, at least one."),
    )

    @validates_schema
    def check_some(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a dispute of nothing."""
        if not data["answers"]:
            raise ValidationError({"answers": [SchemaMessage("required", "Name an answer to dispute.")]})


class DecidedAnswerSchema(StrictSchema):
    """What becomes of one disputed answer."""

    question = text_field(64, required=True)
    outcome = choice_field(
        OUTCOMES,
        required=True,
        metadata=said("`keep` what stands now, set it `as_proposed`, or to something `other`."),
    )
    answer = fields.Nested(
        ProposedAnswerSchema,
        load_default=None,
        allow_none=True,
        metadata=said("For `other` only: what stands instead."),
    )
    comment = text_field(2000, min_length=0, load_default="", metadata=said("Why this outcome."))


class DisputeWhatIfSchema(StrictSchema):
    """A decision that is tried out."""

    answers = groups_of(
        DecidedAnswerSchema, MAX_ANSWERS, required=True, metadata=said("Every disputed answer.")
    )
    further = groups_of(
        ReviewAnswerSchema,
        MAX_ANSWERS,
        load_default=list,
        metadata=said("Answers to questions that are asked only now, as other answers changed."),
    )


class DisputeDecisionSchema(DisputeWhatIfSchema):
    """A decision on every answer of a dispute."""

    comment = text_field(2000, required=True, metadata=said("Why, for whoever opened the dispute."))
    evaluation = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata=said(
            "Id of the version that the decision is about; it has to be the one in force. Needed where a "
            "disputed answer has been changed since."
        ),
    )


class DisputeAppealSchema(StrictSchema):
    """Why a decision is appealed."""

    comment = text_field(2000, required=True, metadata=said("Why it should be decided again."))


class DisputeListArguments(PageArguments):
    """Filters of the list of disputes."""

    state = choice_field(SHOWN_STATES, load_default=None, metadata=said(_STATE))
    client = Text(
        load_default=None, validate=validate.Length(1, 63), metadata=said("Slug or id of a client.")
    )
    question = text_field(64, load_default=None, metadata=said("Only of this question, by its key."))
    reviewer = fields.UUID(load_default=None, metadata=said("Only of evaluations by this person."))
    agent = text_field(
        200, load_default=None, metadata=said("Only of the work of this agent, by external id.")
    )
    initiator = fields.UUID(load_default=None, metadata=said("Only what this person opened."))
    from_ = Instant(
        data_key="from",
        attribute="since",
        load_default=None,
        metadata=said("Opened at this moment or later."),
    )
    to = Instant(attribute="until", load_default=None, metadata=said("Opened before this moment."))


class PublishedListArguments(PageArguments):
    """Filters of the list of published evaluations: none but the pages."""


class AcknowledgementListArguments(PageArguments):
    """Filters of the list of who has read what."""

    state = choice_field(READ_STATES, load_default=None, metadata=said(_READ_STATE))
    client = Text(
        load_default=None, validate=validate.Length(1, 63), metadata=said("Slug or id of a client.")
    )
    agent = text_field(
        200, load_default=None, metadata=said("Only of the work of this agent, by external id.")
    )


class DisputeSummarySchema(AnswerSchema):
    """A dispute as a list item; no names for agents and for a client's own people."""

    id = fields.UUID()
    client = fields.String()
    state = fields.String(validate=validate.OneOf(SHOWN_STATES), metadata=said(_STATE))
    side = fields.String(validate=validate.OneOf(SIDES), metadata=said("For whom it was opened."))
    mine = fields.Boolean(metadata=said("Whether the caller opened it."))
    initiator = fields.Nested(PersonReferenceSchema, allow_none=True, metadata=said("Who opened it."))
    reviewer = fields.Nested(PersonReferenceSchema, allow_none=True)
    agent = fields.Dict(allow_none=True, metadata=said("Who handled the interaction."))
    interaction_id = fields.UUID(allow_none=True)
    external_id = fields.String(allow_none=True, metadata=said("Null for a client's people."))
    channel = fields.String(validate=validate.OneOf(CHANNELS))
    started_at = fields.AwareDateTime(metadata=said("When the conversation began."))
    questions = fields.List(fields.String(), metadata=said("Keys of the disputed questions."))
    disputed_evaluation = fields.UUID(metadata=said("Id of the version that was disputed."))
    evaluation = fields.UUID(allow_none=True, metadata=said("Version in force; null: none."))
    opened_at = fields.AwareDateTime(metadata=said("When it was opened."))
    decided_at = fields.AwareDateTime(allow_none=True, metadata=said("When it was first decided."))
    appealed_at = fields.AwareDateTime(allow_none=True, metadata=said("When the decision was appealed."))
    settled_at = fields.AwareDateTime(allow_none=True, metadata=said("When the appeal was decided."))
    withdrawn_at = fields.AwareDateTime(
        allow_none=True, metadata=said("When it, or its appeal, was taken back.")
    )
    days = Rounded(1, "Days until the first decision or the withdrawal, or so far.", allow_none=False)
    score_before = Rounded(2, "Score before the first decision.")
    score_after = Rounded(2, "Score after the last decision.")


class DisputePageSchema(Schema):
    """A page of disputes."""

    data = fields.List(fields.Nested(DisputeSummarySchema))
    next_cursor = fields.String(allow_none=True)


class DisputeAnswerSchema(AnswerSchema):
    """One disputed answer: what was said, what was proposed, and what became of it."""

    question = fields.String()
    text = fields.String(allow_none=True, metadata=said("The question in words."))
    disputed = fields.Dict(metadata=said("The answer that was disputed."))
    proposed = fields.Dict(metadata=said("The answer that was proposed."))
    comment = fields.String(metadata=said("Why it was disputed."))
    now = fields.Dict(allow_none=True, metadata=said("The answer that stands now; null: none."))
    changed = fields.Boolean(
        metadata=said("Whether the answer was changed otherwise since it was disputed or decided.")
    )
    outcome = fields.String(
        allow_none=True, validate=validate.OneOf(OUTCOMES), metadata=said("What became of it.")
    )


class DisputeRulingSchema(AnswerSchema):
    """One decision on a dispute."""

    level = fields.Integer(metadata=said("1: the first decision. 2: the decision on the appeal."))
    decided_at = fields.AwareDateTime(metadata=said("When it was decided."))
    decider = fields.Nested(PersonReferenceSchema, allow_none=True, metadata=said("Who decided."))
    comment = fields.String(metadata=said("Why, for whoever opened the dispute."))
    only_one = fields.Boolean(
        metadata=said("Whether who decided had made the evaluation, and nobody else was there to decide.")
    )
    evaluation = fields.UUID(allow_none=True, metadata=said("Version it made; null: none."))
    score_before = Rounded(2, "Score before it.")
    score_after = Rounded(2, "Score after it.")
    answers = fields.List(fields.Dict(), metadata=said("Outcome, answer and comment by question."))


class DisputeSchema(DisputeSummarySchema):
    """A dispute with its answers and decisions."""

    appeal = fields.String(allow_none=True, metadata=said("Why the decision was appealed."))
    score_now = Rounded(2, "Score of the version in force.")
    score_if_proposed = Rounded(2, "What it would score with every answer as proposed.")
    answers = fields.List(fields.Nested(DisputeAnswerSchema))
    decisions = fields.List(fields.Nested(DisputeRulingSchema), metadata=said("The first one first."))
    may_decide = fields.Boolean(metadata=said("Whether the caller may decide now."))
    may_not_decide = fields.String(
        allow_none=True, metadata=said("Why a manager or admin may not decide on this one.")
    )
    may_appeal = fields.Boolean(metadata=said("Whether the caller may appeal the decision now."))
    may_withdraw = fields.Boolean(metadata=said("Whether the caller may take it, or its appeal, back."))
    appealable_until = fields.AwareDateTime(allow_none=True, metadata=said("Until when it may be appealed."))


class DisputeWhatIfResultSchema(AnswerSchema):
    """What the evaluation would score."""

    evaluation = fields.UUID(metadata=said("Id of the version in force."))
    score_now = Rounded(2, "What it scores now.")
    score_then = Rounded(2, "What it would score.")
    difference = Rounded(2, "Points more or less.")
    band_then = fields.String(allow_none=True, metadata=said("Name of the band it would fall into."))
    outcome_then = fields.String(allow_none=True, metadata=said("Whether it would pass."))
    dropped = fields.List(fields.String(), metadata=said("Questions that would not be asked any more."))
    to_answer = fields.List(
        fields.String(), metadata=said("Questions that would be asked, without an answer in `further`.")
    )


class AcknowledgementSchema(AnswerSchema):
    """Whether the agent has read an evaluation."""

    evaluation = fields.UUID(metadata=said("Id of the version."))
    acknowledged_at = fields.AwareDateTime(allow_none=True, metadata=said("When they said so."))
    due_at = fields.AwareDateTime(allow_none=True, metadata=said("From when on it is overdue."))
    overdue = fields.Boolean(metadata=said("Whether that is past; nothing acknowledges it for them."))


class EvaluationReadingSchema(AnswerSchema):
    """A published evaluation, and whether its agent has read it."""

    evaluation = fields.UUID(metadata=said("Id of the version in force."))
    client = fields.String()
    external_id = fields.String(metadata=said("Id of the interaction at its sender."))
    agent = fields.String(metadata=said("External id of the agent whose work it is."))
    person = fields.Nested(PersonReferenceSchema, allow_none=True, metadata=said("Who that is here."))
    scorecard = fields.String(allow_none=True, metadata=said("Key of the scorecard."))
    score = Rounded(2)
    published_at = fields.AwareDateTime(metadata=said("When it was published."))
    due_at = fields.AwareDateTime(metadata=said("From when on it is overdue."))
    acknowledged_at = fields.AwareDateTime(allow_none=True, metadata=said("When its agent acknowledged it."))
    state = fields.String(validate=validate.OneOf(READ_STATES), metadata=said(_READ_STATE))


class EvaluationReadingPageSchema(Schema):
    """A page of published evaluations and whether they were read."""

    data = fields.List(fields.Nested(EvaluationReadingSchema))
    next_cursor = fields.String(allow_none=True)


class PublishedEvaluationSchema(AnswerSchema):
    """A published evaluation, as its agent or their client's people find it."""

    id = fields.UUID()
    client = fields.String()
    external_id = fields.String(allow_none=True, metadata=said("Null for a client's people."))
    channel = fields.String(validate=validate.OneOf(CHANNELS))
    started_at = fields.AwareDateTime(metadata=said("When the conversation began."))
    scorecard = fields.String(allow_none=True, metadata=said("Key of the scorecard."))
    published_at = fields.AwareDateTime(metadata=said("When it was published."))
    score = Rounded(2)
    band = fields.String(allow_none=True)
    outcome = fields.String(allow_none=True)
    disputable_until = fields.AwareDateTime(allow_none=True, metadata=said("Until when it may be disputed."))
    acknowledged_at = fields.AwareDateTime(allow_none=True, metadata=said("When its agent acknowledged it."))
    acknowledge_by = fields.AwareDateTime(
        allow_none=True, metadata=said("From when on it is overdue; null for a client's people.")
    )
    overdue = fields.Boolean(metadata=said("Whether it waits for its agent for too long."))


class PublishedPageSchema(Schema):
    """A page of published evaluations."""

    data = fields.List(fields.Nested(PublishedEvaluationSchema))
    next_cursor = fields.String(allow_none=True)
