"""Request and response schemas of reviews and evaluations."""

from marshmallow import Schema, fields, validate

from qm.interactions.fields import Instant
from qm.reviews.answer_schemas import FeelingSchema, ReviewAnswerSchema, deferred_list
from qm.reviews.models import (
    AGENT_KINDS,
    EVALUATION_KINDS,
    NOBODY,
    QUALITY_CHECKS,
    REVIEW_KINDS,
    REVIEW_STATES,
)
from qm.reviews.publishing import EVALUATION_STATES
from scorecards.authoring.fields import StrictSchema, Text, groups_of, text_field
from tenants.http.contract import PageArguments
from tenants.http.deferred_faults import DeferringSchema
from tenants.http.strict_fields import Flag
from tenants.schemas import CredentialSchema

_MAX_ANSWERS = 1000
_MAX_LABELS = 2000
MAX_ASKED = 50
_SENTIMENT = {"description": "How the customer felt in single turns, as far as you care to say; it teaches."}


class ReviewListArguments(PageArguments):
    """Filters of the list of reviews."""

    state = fields.String(load_default=None, validate=validate.OneOf(REVIEW_STATES))
    reviewer = fields.UUID(load_default=None, metadata={"description": "Id of the person who holds it."})
    kind = fields.String(
        load_default=None,
        validate=validate.OneOf(REVIEW_KINDS),
        metadata={"description": "Only those of one kind; `self` and `peer` were asked of an agent."},
    )
    client = Text(
        load_default=None,
        validate=validate.Length(1, 63),
        metadata={"description": "Slug or id of a client."},
    )


class EvaluationListArguments(PageArguments):
    """Filters of the list of evaluations."""

    updated_since = Instant(metadata={"description": "Made or superseded at or after."})
    kind = fields.String(validate=validate.OneOf(EVALUATION_KINDS))
    in_force = fields.Boolean(
        metadata={"description": "Only those that none has superseded, or only the superseded ones."}
    )
    critical = fields.Boolean(
        metadata={"description": "Only those with an answer that is critical, or only those without."}
    )


class HoldingsSchema(Schema):
    """What a person holds that ends when they are disabled."""

    claimed = fields.Integer(metadata={"description": "Reviews they work on; these return to the queue."})
    assigned = fields.Integer(
        metadata={"description": "Reviews that wait for them alone; these wait for anybody then."}
    )
    keys = fields.List(
        fields.Nested(CredentialSchema),
        metadata={"description": "Keys that act for them; these are revoked."},
    )
    sessions = fields.Integer(metadata={"description": "Browser sessions; these end."})


class NextReviewSchema(StrictSchema):
    """The client whose queue to claim from."""

    client = Text(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 63),
        metadata={"description": "Slug or id of a client; left out: every client the reviewer works for."},
    )


class ReviewDraftSchema(DeferringSchema, StrictSchema):
    """The answers so far; they replace the saved draft."""

    answers = deferred_list(ReviewAnswerSchema, _MAX_ANSWERS, required=True)
    sentiment = deferred_list(FeelingSchema, _MAX_LABELS, load_default=list, metadata=_SENTIMENT)


class ReviewSubmissionSchema(DeferringSchema, StrictSchema):
    """The finished answers."""

    answers = deferred_list(
        ReviewAnswerSchema,
        _MAX_ANSWERS,
        load_default=None,
        allow_none=True,
        metadata={"description": "Left out: the saved draft is submitted."},
    )
    sentiment = deferred_list(
        FeelingSchema,
        _MAX_LABELS,
        load_default=None,
        allow_none=True,
        metadata={"description": _SENTIMENT["description"] + " Left out: as in the saved draft."},
    )


class ReviewSkipSchema(StrictSchema):
    """Why a review is skipped."""

    reason = text_field(500, required=True)


class ReviewReassignmentSchema(StrictSchema):
    """The user to assign the review to."""

    user = fields.UUID(required=True, metadata={"description": "Id of the person."})
    due_at = Instant(
        load_default=None,
        allow_none=True,
        metadata={"description": "When it is due; left out: as before."},
    )


class ReviewFlagSchema(StrictSchema):
    """Whether a review is wanted for calibration."""

    flagged = Flag(required=True, metadata={"description": "Whether it is wanted for calibration."})


class OverrideReasonSchema(StrictSchema):
    """Why a reviewer answered one question other than the machine."""

    question = text_field(64, required=True)
    reason = text_field(2000, required=True)


class OverrideReasonsSchema(StrictSchema):
    """Why a reviewer answered other than the machine; what was given before is replaced."""

    reasons = groups_of(OverrideReasonSchema, _MAX_ANSWERS, required=True)


class EvaluationEditSchema(DeferringSchema, StrictSchema):
    """A new version of an evaluation."""

    answers = deferred_list(ReviewAnswerSchema, _MAX_ANSWERS, required=True)
    sentiment = deferred_list(
        FeelingSchema,
        _MAX_LABELS,
        load_default=None,
        allow_none=True,
        metadata={"description": _SENTIMENT["description"] + " Left out: as before."},
    )
    reason = text_field(500, required=True)


class EvaluationVoidSchema(StrictSchema):
    """Why an evaluation is void."""

    reason = text_field(500, required=True)


class ReviewPickSchema(StrictSchema):
    """Why an interaction is picked by hand, and for whom."""

    note = text_field(
        500,
        load_default=None,
        allow_none=True,
        metadata={"description": "What the reviewer should know; it is shown to them."},
    )
    user = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "Id of the person it is kept for; left out: whoever is next."},
    )
    kind = fields.String(
        load_default="standard",
        validate=validate.OneOf(REVIEW_KINDS),
        metadata={
            "description": "`self` or `peer` ask an agent, named by `user`, to review their own interaction "
            "or a colleague's; these feed no estimate, and neither prove nor teach the machine."
        },
    )
    due_at = Instant(load_default=None, allow_none=True, metadata={"description": "When it is due."})


class AgentReviewsSchema(ReviewPickSchema):
    """Which interactions of a client an agent is asked to review."""

    kind = fields.String(required=True, validate=validate.OneOf(AGENT_KINDS))
    user = fields.UUID(required=True)
    client = Text(required=True, validate=validate.Length(1, 63))
    interactions = fields.List(
        text_field(200), required=True, validate=validate.Length(1, MAX_ASKED, error="Name 1 to {max}.")
    )


class PersonReferenceSchema(Schema):
    """A user's id and name."""

    id = fields.UUID()
    name = fields.String()


class ReviewedInteractionSchema(Schema):
    """The reviewed interaction."""

    id = fields.UUID(attribute="interaction_id")
    external_id = fields.String()
    channel = fields.String()
    program = fields.String(allow_none=True)
    priority = fields.String()
    intent = fields.String(allow_none=True)
    language = fields.String()
    started_at = fields.AwareDateTime()
    agent = fields.Dict(allow_none=True)
    is_part = fields.Boolean(
        metadata={
            "description": "Several agents spoke: only the turns of `agent`, and what they answer, count."
        }
    )


class ReviewItemSchema(Schema):
    """One review as a list item."""

    id = fields.UUID()
    client = fields.String(metadata={"description": "The client's slug."})
    interaction = fields.Nested(ReviewedInteractionSchema)
    state = fields.String(validate=validate.OneOf(REVIEW_STATES))
    kind = fields.String(validate=validate.OneOf(REVIEW_KINDS))
    targeted = fields.Boolean(metadata={"description": "Picked by hand; never feeds an estimate."})
    quality_check = fields.String(
        allow_none=True,
        validate=validate.OneOf(QUALITY_CHECKS),
        metadata={
            "description": "Whether it measures its reviewer: on a `golden` item, or by a `re_review` of "
            "what somebody else reviewed. Null for whoever does not manage the queue."
        },
    )
    reasons = fields.List(
        fields.String(),
        metadata={"description": "Why it is here; what the machine found reads `automatic` until submitted."},
    )
    inclusion_probability = fields.Float(
        allow_none=True,
        metadata={"description": "Null for hand-picked reviews, for whoever is blind, and for reviewers."},
    )
    note = fields.String(allow_none=True)
    flagged = fields.Boolean(metadata={"description": "Wanted for calibration."})
    unassignable = fields.String(
        allow_none=True,
        validate=validate.OneOf(NOBODY),
        metadata={
            "description": "Why nobody may review it: nobody speaks the `language`, has the `skill`, or "
            "whoever has both handled it (`own`). It counts as passed over."
        },
    )
    due_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When it is due, by its assignment or the sampling policy."}
    )
    reviewer = fields.Nested(PersonReferenceSchema, allow_none=True)
    created_at = fields.AwareDateTime()
    claimed_at = fields.AwareDateTime(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)
    skip_reason = fields.String(allow_none=True)
    evaluation_id = fields.UUID(allow_none=True)


class ReviewPageSchema(Schema):
    """A page of reviews."""

    data = fields.List(fields.Nested(ReviewItemSchema))
    next_cursor = fields.String(allow_none=True)


class SavedDraftSchema(Schema):
    """A saved draft."""

    id = fields.UUID(attribute="review_id")
    state = fields.String()
    answers = fields.List(fields.Dict(), attribute="draft")
    sentiment = fields.List(fields.Nested(FeelingSchema), attribute="draft_sentiment")


class EvaluationSchema(Schema):
    """One evaluation with a scorecard; scores are from 0 to 100."""

    id = fields.UUID(attribute="evaluation_id")
    interaction_id = fields.UUID()
    kind = fields.String(validate=validate.OneOf(EVALUATION_KINDS))
    reviewer = fields.Nested(PersonReferenceSchema, allow_none=True)
    scorecard_id = fields.UUID(allow_none=True)
    versions = fields.Dict(
        metadata={"description": "Every version it was made under, by kind of definition."}
    )
    answers = fields.List(fields.Dict())
    score = fields.Float(allow_none=True)
    sections = fields.Dict(keys=fields.String(), values=fields.Float(allow_none=True))
    pillars = fields.Dict(keys=fields.String(), values=fields.Float(allow_none=True))
    empathy = fields.Float(allow_none=True)
    outcome = fields.String(allow_none=True)
    band = fields.String(allow_none=True)
    critical = fields.List(fields.String())
    findings = fields.Dict()
    created_at = fields.AwareDateTime()
    superseded_at = fields.AwareDateTime(allow_none=True)
    state = fields.String(
        allow_none=True,
        validate=validate.OneOf(EVALUATION_STATES),
        metadata={
            "description": "Of what a person said; null for the machine's. A draft belongs to its review."
        },
    )
    published_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "From when on the agent sees it; may lie ahead."}
    )
    voided_at = fields.AwareDateTime(allow_none=True)
    void_reason = fields.String(allow_none=True)
    author = fields.Nested(
        PersonReferenceSchema,
        allow_none=True,
        metadata={"description": "Who edited; null for a first version."},
    )
    replaces = fields.UUID(allow_none=True, metadata={"description": "The version before."})
    edit_reason = fields.String(allow_none=True)
    override_reasons = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "By question, why the reviewer answered other than the machine."},
    )
    changed_at = fields.AwareDateTime(
        attribute="updated_at", metadata={"description": "When it was made or superseded."}
    )


class EvaluationPageSchema(Schema):
    """A page of evaluations."""

    data = fields.List(fields.Nested(EvaluationSchema))
    next_cursor = fields.String(allow_none=True)


class AnswerChangeSchema(Schema):
    """What an edit changed in the answer to one question."""

    question = fields.String()
    before = fields.Dict(allow_none=True)
    after = fields.Dict(allow_none=True)


class EvaluationVersionSchema(Schema):
    """One version of an evaluation, and what it changed in the one before."""

    evaluation = fields.Nested(EvaluationSchema)
    changes = fields.List(fields.Nested(AnswerChangeSchema))


class EvaluationHistorySchema(Schema):
    """Every version of an evaluation, the first one first."""

    data = fields.List(fields.Nested(EvaluationVersionSchema))


class PersonLoadSchema(Schema):
    """How much one person has to review."""

    user = fields.Nested(PersonReferenceSchema)
    role = fields.String()
    languages = fields.List(fields.String())
    skills = fields.List(fields.String())
    capacity = fields.Integer(
        allow_none=True,
        metadata={"description": "Reviews a week from the queue; null: no limit of their own."},
    )
    done = fields.Integer(metadata={"description": "Submitted this week."})
    held = fields.Integer(metadata={"description": "Begun and not finished."})
    assigned = fields.Integer(metadata={"description": "Kept for the person."})
    overdue = fields.Integer(metadata={"description": "Of what is held and assigned."})
    skipped = fields.Integer(metadata={"description": "Skipped this week."})


class UnassignableSchema(Schema):
    """Reviews of one kind that wait and that nobody may do."""

    client = fields.String(metadata={"description": "The client's slug."})
    reason = fields.String(validate=validate.OneOf(NOBODY))
    language = fields.String()
    program = fields.String(allow_none=True)
    reviews = fields.Integer(metadata={"description": "How many."})


class WorkloadSchema(Schema):
    """How much everybody who reviews has to do; the week begins on Monday (UTC)."""

    week = fields.Date(metadata={"description": "The Monday of this week."})
    waiting = fields.Integer(metadata={"description": "Drawn reviews that wait for anybody."})
    overdue = fields.Integer(metadata={"description": "Of these, past their due date."})
    skipped = fields.Integer(metadata={"description": "Skipped this week, by anybody."})
    people = fields.List(fields.Nested(PersonLoadSchema))
    unassignable = fields.List(fields.Nested(UnassignableSchema))


class QuestionComparisonSchema(Schema):
    """The human and the automatic answer to one question."""

    question = fields.String()
    human = fields.Dict(allow_none=True)
    automatic = fields.Dict(allow_none=True)
    agrees = fields.Boolean(
        allow_none=True, metadata={"description": "Null where only one of them answered."}
    )
    difference = fields.Float(
        allow_none=True,
        metadata={"description": "Question score of the person minus the machine's, -1 to 1."},
    )


class ComparisonSchema(Schema):
    """The comparison of human and automatic answers."""

    questions = fields.List(fields.Nested(QuestionComparisonSchema))
    compared = fields.Integer()
    agreed = fields.Integer()
    share = fields.Float(allow_none=True)


class PinnedDefinitionSchema(Schema):
    """One version of a definition with its body."""

    id = fields.UUID()
    key = fields.String()
    version = fields.Integer()
    body = fields.Dict()


class ReviewTurnSchema(Schema):
    """One turn of the transcript; turns are numbered by position, from 0."""

    at = fields.String(allow_none=True)
    speaker = fields.String()
    agent = fields.String(allow_none=True)
    text = fields.String()
    quoted = fields.String(
        allow_none=True,
        metadata={"description": "Quoted history and signatures, which nobody judges.", "x-optional": True},
    )


class ReviewSchema(ReviewItemSchema):
    """A review with transcript and definitions; the automatic evaluation only once it is submitted."""

    turns = fields.List(fields.Nested(ReviewTurnSchema))
    scorecard = fields.Nested(PinnedDefinitionSchema, allow_none=True)
    brand_voice = fields.Nested(PinnedDefinitionSchema, allow_none=True)
    playbooks = fields.List(fields.Nested(PinnedDefinitionSchema))
    answers = fields.List(
        fields.Dict(), metadata={"description": "The saved draft, for the one who holds it."}
    )
    sentiment = fields.List(
        fields.Nested(FeelingSchema),
        metadata={"description": "Feelings in the saved draft, for the one who holds it."},
    )
    evaluation = fields.Nested(EvaluationSchema, allow_none=True)
    automatic = fields.Nested(EvaluationSchema, allow_none=True)
    comparison = fields.Nested(ComparisonSchema, allow_none=True)
