"""Request and response schemas of calibration sessions and of what participants are asked."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from qm.calibration.draws import MAX_ITEMS
from qm.calibration.models import REFERENCES, SIDES, SOURCES, STATES, VERSIONS
from qm.calibration.participants import MAX_PARTICIPANTS
from qm.interactions.fields import Instant
from qm.reviews.answer_schemas import ReviewAnswerSchema, deferred_list
from qm.reviews.schemas import PinnedDefinitionSchema, ReviewTurnSchema
from scorecards.authoring.fields import StrictSchema, Text, choice_field, key_field, list_of, text_field
from scorecards.definitions.conversation import CHANNELS
from tenants.http.contract import AnswerSchema, PageArguments
from tenants.http.deferred_faults import DeferringSchema
from tenants.http.response_fields import Rounded
from tenants.http.strict_fields import Flag, WholeNumber
from tenants.http.validation_messages import SchemaMessage

_MAX_ANSWERS = 1000


def said(description: str, **more: Any) -> dict[str, Any]:
    """Return the metadata that describe a property."""
    return {"description": description, **more}


class CalibrationListArguments(PageArguments):
    """Filters of the list of sessions."""


class CalibrationDrawSchema(StrictSchema):
    """Of which interactions how many are drawn."""

    from_ = fields.Date(
        data_key="from",
        attribute="first",
        required=True,
        metadata=said("First day, in the client's time zone.", example="2026-11-01"),
    )
    to = fields.Date(
        attribute="last", required=True, metadata=said("Last day, included.", example="2026-11-28")
    )
    count = WholeNumber(
        required=True, validate=validate.Range(2, MAX_ITEMS), metadata=said("How many.", example=12)
    )
    channel = choice_field(CHANNELS, allow_none=True, metadata=said("Only this channel."))
    program = Text(allow_none=True, validate=validate.Length(max=200), metadata=said("Only this program."))
    seed = text_field(
        64,
        allow_none=True,
        metadata=said("The same seed draws the same again; made and recorded when left out."),
    )

    @validates_schema
    def check_order(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a period that ends before it begins."""
        if data["last"] < data["first"]:
            message = SchemaMessage("before_from", "The last day must not come before the first.")
            raise ValidationError(message, "to")


class NewCalibrationSchema(StrictSchema):
    """A session to make: what is answered, by whom, until when."""

    name = text_field(200, required=True, metadata=said("What people call it.", example="November 2026"))
    participants = list_of(
        fields.UUID(), MAX_PARTICIPANTS, required=True, metadata=said("Ids of the people who take part.")
    )
    source = choice_field(
        SOURCES,
        load_default="drawn",
        metadata=said(
            "`drawn`: at random from a period. `past`: at random from what people reviewed in it. "
            "`picked`: by id."
        ),
    )
    draw = fields.Nested(
        CalibrationDrawSchema,
        load_default=None,
        allow_none=True,
        metadata=said("The period and number of what is drawn; nothing where interactions are picked."),
    )
    interactions = list_of(
        fields.UUID(), MAX_ITEMS, load_default=list, metadata=said("Ids of the interactions that are picked.")
    )
    reference = choice_field(
        REFERENCES,
        load_default="consensus",
        metadata=said(
            "What deviations are measured from: an `expert`'s answers, the `consensus` of all, or `none`."
        ),
    )
    expert = fields.UUID(
        load_default=None, allow_none=True, metadata=said("Id of the participant who is the reference.")
    )
    scorecard_version = choice_field(
        VERSIONS,
        load_default="then",
        metadata=said(
            "Under which version of its scorecard an interaction is answered: `then`, the one in force when "
            "it took place, or `now`, the one in force when the session is made, as after a rewording."
        ),
    )
    covert = Flag(
        load_default=False,
        metadata=said("Participants see reviews that are assigned to them, not a calibration."),
    )
    opens_at = Instant(load_default=None, allow_none=True, metadata=said("When it begins; left out: now."))
    deadline = Instant(
        load_default=None, allow_none=True, metadata=said("When it ends by itself; left out: when closed.")
    )


class CalibrationChangeSchema(StrictSchema):
    """What of a session is to change, and why; what is left out stays."""

    reason = text_field(
        500, required=True, metadata=said("Why; kept in the audit log.", example="Ben is ill.")
    )
    name = text_field(200, metadata=said("Another name."))
    opens_at = Instant(metadata=said("Another beginning, of a session that has not begun."))
    deadline = Instant(allow_none=True, metadata=said("Another end; null: when it is closed."))
    add = list_of(fields.UUID(), MAX_PARTICIPANTS, metadata=said("Ids of people who take part from now on."))
    remove = list_of(
        fields.UUID(), MAX_PARTICIPANTS, metadata=said("Ids of participants who have answered nothing.")
    )


class CalibrationReopeningSchema(StrictSchema):
    """Why a session takes answers again, and until when."""

    reason = text_field(
        500, required=True, metadata=said("Why; kept in the audit log.", example="Ben was ill.")
    )
    deadline = Instant(
        load_default=None, allow_none=True, metadata=said("When it ends by itself; left out: when closed.")
    )


class CalibrationAnswersSchema(DeferringSchema, StrictSchema):
    """The finished answers to one interaction."""

    answers = deferred_list(
        ReviewAnswerSchema,
        _MAX_ANSWERS,
        required=True,
        metadata=said("Every question that is asked, as of a review."),
    )


class CalibrationDraftSchema(StrictSchema):
    """The question that a draft is to reword."""

    scorecard = key_field(required=True, metadata=said("Key of the scorecard.", example="empathy"))
    question = key_field(required=True, metadata=said("Key of the question.", example="validates_feeling"))
    note = text_field(
        500,
        load_default=None,
        allow_none=True,
        metadata=said("What is to be reworded; left out: what the session found."),
    )


class CalibrationSummarySchema(AnswerSchema):
    """A session as a list item."""

    id = fields.UUID()
    client = fields.String(metadata=said("Slug of the client."))
    name = fields.String(metadata=said("What people call it."))
    state = fields.String(
        validate=validate.OneOf(STATES), metadata=said("What it is now; a passed deadline closes it.")
    )
    source = fields.String(
        validate=validate.OneOf(SOURCES), metadata=said("How its interactions were found.")
    )
    reference = fields.String(
        validate=validate.OneOf(REFERENCES), metadata=said("What deviations are measured from.")
    )
    covert = fields.Boolean(metadata=said("Whether it looks like reviews to those who take part."))
    opens_at = fields.AwareDateTime(metadata=said("When it begins."))
    deadline = fields.AwareDateTime(allow_none=True, metadata=said("When it ends by itself."))
    created_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True, metadata=said("When it ended."))
    reopened_at = fields.AwareDateTime(
        allow_none=True, metadata=said("When it last began again after it had ended.")
    )
    takes_part = fields.Boolean(metadata=said("Whether the caller takes part."))
    to_answer = fields.Integer(metadata=said("How many interactions the caller still has to answer."))
    shows_results = fields.Boolean(
        metadata=said("Whether the caller may see what the others and the machine answered.")
    )


class CalibrationPageSchema(Schema):
    """A page of sessions."""

    data = fields.List(fields.Nested(CalibrationSummarySchema))
    next_cursor = fields.String(allow_none=True)


class CalibrationParticipantSchema(AnswerSchema):
    """Who takes part, and how far they are."""

    number = fields.Integer(metadata=said("Number in the session, from 1."))
    user = fields.UUID(
        allow_none=True, metadata=said("Id of the person; null of those whom the caller sees as a number.")
    )
    name = fields.String()
    side = fields.String(validate=validate.OneOf(SIDES), metadata=said("For whom they take part."))
    expert = fields.Boolean(metadata=said("Whether their answers are the reference."))
    answered = fields.Integer(metadata=said("Interactions they have answered."))
    last_answer_at = fields.AwareDateTime(allow_none=True, metadata=said("When they answered last."))


class CalibrationItemSchema(AnswerSchema):
    """An interaction of a session."""

    number = fields.Integer(metadata=said("Number in the session, from 1."))
    interaction = fields.UUID(metadata=said("Id of the interaction."))
    external_id = fields.String(
        allow_none=True, metadata=said("Id of its sender; null for a client's people.")
    )
    scorecard = fields.String(metadata=said("Key of the scorecard it is answered under."))
    version = fields.Integer(metadata=said("Version of the scorecard, fixed when the session was made."))
    changed = fields.Boolean(metadata=said("Whether its words changed since; then it is asked no more."))
    answered = fields.Boolean(metadata=said("Whether the caller has answered it."))


class CalibrationSchema(CalibrationSummarySchema):
    """A session with its interactions and participants."""

    draw = fields.Dict(allow_none=True, metadata=said("How the interactions were drawn, with the seed."))
    interactions_drawn = fields.Integer(metadata=said("Interactions when the session was made."))
    interactions_erased = fields.Integer(metadata=said("Those of them that were erased since."))
    participants = fields.List(fields.Nested(CalibrationParticipantSchema), metadata=said("Who takes part."))
    items = fields.List(
        fields.Nested(CalibrationItemSchema), metadata=said("The interactions, in the order of the session.")
    )


class AskedInteractionSchema(AnswerSchema):
    """What a participant is asked: an interaction, its scorecard, and their own answers so far."""

    calibration = fields.UUID(metadata=said("Id of the session."))
    number = fields.Integer(metadata=said("Number in the session, from 1."))
    interaction = fields.UUID(metadata=said("Id of the interaction."))
    channel = fields.String()
    language = fields.String()
    started_at = fields.AwareDateTime()
    state = fields.String(validate=validate.OneOf(STATES), metadata=said("What the session is now."))
    changed = fields.Boolean(metadata=said("Whether its words changed since; then it is asked no more."))
    turns = fields.List(fields.Nested(ReviewTurnSchema))
    scorecard = fields.Nested(PinnedDefinitionSchema)
    answers = fields.List(fields.Dict(), metadata=said("The caller's own answers; empty before."))
    score = Rounded(description="What they score, from 0 to 100.")
    answered_at = fields.AwareDateTime(allow_none=True, metadata=said("When they were submitted."))
