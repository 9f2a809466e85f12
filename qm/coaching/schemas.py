"""Request and response schemas of coaching plans and suggestions."""

from typing import Any

from marshmallow import Schema, fields, validate

from qm.coaching.models import OUTCOMES, STATES
from qm.reviews.schemas import PersonReferenceSchema
from scorecards.authoring.fields import (
    StrictSchema,
    Text,
    choice_field,
    groups_of,
    key_field,
    list_of,
    text_field,
)
from scorecards.statistics.coached_change import VERDICTS
from tenants.http.contract import AnswerSchema, PageArguments
from tenants.http.response_fields import Rounded
from tenants.http.strict_fields import Flag, WholeNumber

_MAX_QUESTIONS, _MAX_EVALUATIONS, _MAX_ACTIONS, _MAX_TEXT = 3, 20, 20, 2000
CLOSED_BY_HAND = tuple(each for each in OUTCOMES if each != "left")


def said(description: str, **more: Any) -> dict[str, Any]:
    """Return the metadata that describe a property."""
    return {"description": description, **more}


class CoachingListArguments(PageArguments):
    """Filters of the list of plans."""

    client = Text(
        load_default=None, validate=validate.Length(1, 63), metadata=said("Slug or id of a client.")
    )
    state = choice_field(STATES, load_default=None, metadata=said("Only open, or only closed ones."))
    agent = Text(
        load_default=None, validate=validate.Length(1, 200), metadata=said("External id of the agent.")
    )


class NewCoachingActionSchema(StrictSchema):
    """Something to do."""

    text = text_field(500, required=True, metadata=said("What to do.", example="Name the feeling first."))
    due = fields.Date(load_default=None, allow_none=True, metadata=said("Until when.", example="2026-12-11"))
    done = Flag(load_default=False, metadata=said("Whether it is done."))


class NewCoachingPlanSchema(StrictSchema):
    """A plan to make: who is coached on which questions, why, and what there is to do."""

    client = Text(required=True, validate=validate.Length(1, 63), metadata=said("Slug or id of the client."))
    agent = text_field(
        200, required=True, metadata=said("External id of the agent, as interactions name them.")
    )
    scorecard = key_field(required=True, metadata=said("Key of the scorecard.", example="empathy"))
    questions = fields.List(
        key_field(),
        required=True,
        validate=validate.Length(1, _MAX_QUESTIONS),
        metadata=said("Keys of the questions that are coached and measured.", example=["validates_feeling"]),
    )
    goal = text_field(
        _MAX_TEXT, required=True, metadata=said("What the agent tries.", example="Validate before solving.")
    )
    evaluations = fields.List(
        fields.UUID(),
        required=True,
        validate=validate.Length(1, _MAX_EVALUATIONS),
        metadata=said("Ids of the published evaluations of the agent's work that the plan cites."),
    )
    actions = groups_of(
        NewCoachingActionSchema, _MAX_ACTIONS, load_default=list, metadata=said("What there is to do.")
    )
    follow_up_after = WholeNumber(
        load_default=10,
        validate=validate.Range(5, 50),
        metadata=said(
            "After how many later reviewed answers to a question the follow-up is told. It never changes: "
            "who may look until it looks well finds what is not there."
        ),
    )
    follow_up_on = fields.Date(
        load_default=None, allow_none=True, metadata=said("When to talk again.", example="2026-12-18")
    )


class CoachingPlanChangeSchema(StrictSchema):
    """Changes of an open plan; what is left out stays. Questions and evidence are as the plan began."""

    goal = text_field(_MAX_TEXT, metadata=said("What the agent tries."))
    actions = list_of(
        fields.Nested(NewCoachingActionSchema),
        _MAX_ACTIONS,
        metadata=said("All that there is to do, in place of what there was."),
    )
    follow_up_on = fields.Date(allow_none=True, metadata=said("When to talk again."))


class CoachingTickSchema(StrictSchema):
    """Whether an action is done."""

    done = Flag(load_default=True, metadata=said("Whether it is done."))


class CoachingClosureSchema(StrictSchema):
    """How a plan ends."""

    outcome = choice_field(
        CLOSED_BY_HAND,
        required=True,
        metadata=said("What the people say of it; what was measured stands beside it."),
    )
    note = text_field(
        _MAX_TEXT, load_default=None, allow_none=True, metadata=said("What was talked about at the end.")
    )


class CoachingActionSchema(Schema):
    """Something to do, and when it was done."""

    text = fields.String(metadata=said("What to do."))
    due = fields.String(allow_none=True, metadata=said("Until when, as a date."))
    done_at = fields.String(allow_none=True, metadata=said("When it was done, as a moment in UTC."))


class CoachingPlanSummarySchema(AnswerSchema):
    """A plan as a list item."""

    id = fields.UUID()
    client = fields.String(metadata=said("Slug of the client."))
    agent = fields.String(metadata=said("External id of the agent."))
    agent_name = fields.String(metadata=said("Name of the agent."))
    team = fields.String(allow_none=True, metadata=said("The agent's team when the plan began."))
    author = fields.Nested(PersonReferenceSchema, allow_none=True, metadata=said("Who made it."))
    state = fields.String(validate=validate.OneOf(STATES), metadata=said("Whether it is open or closed."))
    scorecard = fields.String(metadata=said("Key of the scorecard."))
    questions = fields.List(fields.String(), metadata=said("Keys of the coached questions."))
    goal = fields.String(metadata=said("What the agent tries."))
    actions_done = fields.Integer(metadata=said("How many actions are done."))
    actions_total = fields.Integer(metadata=said("How many actions there are."))
    follow_up_after = fields.Integer(
        metadata=said("After how many later reviewed answers to a question the follow-up is told.")
    )
    follow_up_on = fields.Date(allow_none=True, metadata=said("When to talk again."))
    created_at = fields.AwareDateTime(metadata=said("When it began."))
    closed_at = fields.AwareDateTime(allow_none=True, metadata=said("When it was closed."))
    outcome = fields.String(
        allow_none=True, validate=validate.OneOf(OUTCOMES), metadata=said("How it ended; null while open.")
    )


class CoachingAnswerSchema(AnswerSchema):
    """What a cited evaluation says of a coached question."""

    question = fields.String(metadata=said("Key of the question."))
    points = Rounded(0, "What the answer is worth, of 100; null for N/A.")
    note = fields.String(allow_none=True, metadata=said("What the reviewer noted."))
    quotes = fields.List(fields.String(), metadata=said("The words it rests on, masked."))


class CoachingEvidenceSchema(AnswerSchema):
    """An evaluation that a plan cites."""

    evaluation = fields.UUID(metadata=said("Id of the evaluation."))
    interaction = fields.UUID(metadata=said("Id of the interaction."))
    external_id = fields.String(metadata=said("The sender's id of the interaction."))
    channel = fields.String(metadata=said("Channel of the interaction."))
    started_at = fields.AwareDateTime(metadata=said("When the conversation began."))
    score = Rounded(description="The total, of 100.")
    replaced = fields.Boolean(metadata=said("Whether the evaluation was edited or voided since."))
    answers = fields.List(
        fields.Nested(CoachingAnswerSchema), metadata=said("The answers to the coached questions.")
    )


class CoachingIntervalSchema(AnswerSchema):
    """A mean or a difference in points of 100 with its interval."""

    estimate = Rounded()
    low = Rounded()
    high = Rounded()


class CoachingFollowUpSchema(AnswerSchema):
    """What became of a coached question."""

    question = fields.String(metadata=said("Key of the question."))
    text = fields.String(metadata=said("The question as it is asked."))
    verdict = fields.String(
        validate=validate.OneOf(VERDICTS),
        metadata=said(
            "`moved`: the interval of the difference lies above 0. `did_not_move`: it does not. `too_early`: "
            "`missing` more reviewed answers are awaited. `too_little_before`: `missing` answers lack before."
        ),
    )
    missing = fields.Integer(metadata=said("How many answers are awaited, or lack."))
    before_answers = fields.Integer(metadata=said("The agent's reviewed answers before the plan."))
    after_answers = fields.Integer(metadata=said("Those after it that count."))
    before_mean = Rounded(description="Mean of the answers before, as they are.")
    before = fields.Nested(
        CoachingIntervalSchema,
        metadata=said("The same shrunk towards what agents usually reach, which is compared."),
    )
    after = fields.Nested(CoachingIntervalSchema, metadata=said("Mean after; null while it is too early."))
    difference = fields.Nested(CoachingIntervalSchema, metadata=said("After minus before."))
    colleagues = fields.Integer(metadata=said("Of how many other agents there were answers."))
    concurrency_before = Rounded(description="How many conversations the agent had at once, before.")
    concurrency_after = Rounded(description="The same after: load is no fault of the agent's.")


class CoachingPlanSchema(CoachingPlanSummarySchema):
    """A plan with its actions, its evidence and its follow-up."""

    actions = fields.List(fields.Nested(CoachingActionSchema), metadata=said("What there is to do."))
    evidence = fields.List(fields.Nested(CoachingEvidenceSchema), metadata=said("What the plan cites."))
    evidence_erased = fields.Integer(
        metadata=said("How many cited evaluations are gone with their interactions.")
    )
    follow_up = fields.List(
        fields.Nested(CoachingFollowUpSchema),
        metadata=said("Whether the questions moved; nothing where the agent left."),
    )
    closing_note = fields.String(allow_none=True, metadata=said("What was talked about at the end."))


class CoachingPlanPageSchema(Schema):
    """One page of plans."""

    data = fields.List(fields.Nested(CoachingPlanSummarySchema))
    next_cursor = fields.String(allow_none=True)


class CoachingSuggestionSchema(Schema):
    """A question that an agent could be coached on."""

    client = fields.String(metadata=said("Slug of the client."))
    agent = fields.String(metadata=said("External id of the agent."))
    name = fields.String(metadata=said("Name of the agent."))
    scorecard = fields.String(metadata=said("Key of the scorecard."))
    question = fields.String(metadata=said("Key of the question."))
    text = fields.String(metadata=said("The question as it is asked."))
    mean = Rounded(description="Mean of the newest answers, of 100.", allow_none=False)
    reviewed = fields.Integer(metadata=said("How many newest answers it is of."))
    below = Rounded(description="The threshold of the client.", allow_none=False)
    expected = Rounded(
        description="What to expect of the next answers without any coaching: low means rise by themselves.",
        allow_none=False,
    )
    usual = Rounded(description="What the agents of the client reach.", allow_none=False)
    evaluations = fields.List(fields.UUID(), metadata=said("The published evaluations that it rests on."))


class CoachingSuggestionsAnswerSchema(Schema):
    """Suggestions, the lowest mean first."""

    after = fields.Integer(metadata=said("So many newest answers are looked at."))
    below = Rounded(description="Suggested is what is below this.", allow_none=False)
    data = fields.List(fields.Nested(CoachingSuggestionSchema))
