"""Request and response schemas of golden items and of the quality of reviewers."""

from typing import Any

from marshmallow import Schema, fields

from qm.interactions.fields import CleanString
from qm.reviews.schemas import PersonReferenceSchema
from scorecards.authoring.fields import StrictSchema, text_field
from tenants.http.contract import AnswerSchema, PageArguments
from tenants.http.response_fields import Rounded


def said(description: str, **more: Any) -> dict[str, Any]:
    """Return the metadata that describe a property."""
    return {"description": description, **more}


class GoldenItemListArguments(PageArguments):
    """Which golden items are listed."""

    retired = fields.Boolean(
        load_default=None, allow_none=True, metadata=said("Only retired ones, or only those in use.")
    )


class NewGoldenItemSchema(StrictSchema):
    """The evaluation whose answers are the known ones."""

    evaluation = fields.UUID(
        required=True, metadata=said("Id of a present evaluation by a reviewer or the machine.")
    )
    note = text_field(
        500, load_default=None, allow_none=True, metadata=said("What it is to show; for managers only.")
    )


class GoldenItemRetirementSchema(StrictSchema):
    """Why a golden item is offered to nobody any more."""

    reason = text_field(
        500, required=True, metadata=said("Why it is retired.", example="Everybody knows it by now.")
    )


class GoldenItemSchema(AnswerSchema):
    """An interaction with a known answer."""

    id = fields.UUID()
    client = fields.String(metadata=said("Slug of the client."))
    interaction = fields.UUID(metadata=said("Id of the interaction."))
    external_id = fields.String(metadata=said("Id of the interaction, of its sender."))
    started_at = fields.AwareDateTime(metadata=said("When the interaction began."))
    evaluation = fields.UUID(metadata=said("Id of the evaluation it was set from."))
    scorecard = fields.String(metadata=said("Key of the scorecard of its answers."))
    version = fields.Integer(metadata=said("Version of the scorecard; answers to another count nowhere."))
    answers = fields.List(fields.Dict(), metadata=said("The known answers."))
    score = Rounded(description="What they score, from 0 to 100.")
    note = fields.String(allow_none=True)
    set_by = fields.Nested(PersonReferenceSchema, allow_none=True, metadata=said("Who set it."))
    created_at = fields.AwareDateTime()
    retired_at = fields.AwareDateTime(allow_none=True, metadata=said("Since when it is offered to nobody."))
    retire_reason = fields.String(allow_none=True, metadata=said("Why it is retired."))
    changed = fields.Boolean(metadata=said("Whether its words changed since; then it is offered to nobody."))
    answered = fields.Integer(metadata=said("How many people have answered it."))


class GoldenItemPageSchema(Schema):
    """A page of golden items."""

    data = fields.List(fields.Nested(GoldenItemSchema))
    next_cursor = fields.String(allow_none=True)


class ReviewerQualityArguments(StrictSchema):
    """Of which days and of which client."""

    client = CleanString(load_default=None, metadata=said("Slug or id of a client; left out: all."))
    from_ = fields.Date(
        data_key="from", load_default=None, metadata=said("First day, in UTC; left out: 90 days.")
    )
    to = fields.Date(load_default=None, metadata=said("Last day, included; left out: today."))


class QualityIntervalSchema(AnswerSchema):
    """A figure with its 95 % interval; null where too little is known."""

    estimate = Rounded(description="The figure.")
    low = Rounded(description="Lower limit of its 95 % interval.")
    high = Rounded(description="Upper limit.")


class CheckFiguresSchema(AnswerSchema):
    """What one kind of check found."""

    n = fields.Integer(metadata=said("Checks."))
    agreement = fields.Nested(QualityIntervalSchema, metadata=said("Percent of questions answered the same."))
    difference = fields.Nested(
        QualityIntervalSchema,
        metadata=said("Their score minus the other, in points of 100, on average; below 0 is severe."),
    )


class QualityMonthSchema(AnswerSchema):
    """Agreement in one month."""

    month = fields.String(metadata=said("Year and month.", example="2026-11"))
    golden = fields.Nested(QualityIntervalSchema, metadata=said("Percent agreement with known answers."))
    golden_n = fields.Integer(metadata=said("Golden items answered."))
    re_reviews = fields.Nested(QualityIntervalSchema, metadata=said("Percent agreement with a colleague."))
    re_reviews_n = fields.Integer(metadata=said("Second looks, by them or at their reviews."))


class DifferingQuestionSchema(AnswerSchema):
    """A question on which somebody answered otherwise than is known."""

    scorecard = fields.String(metadata=said("Key of the scorecard."))
    question = fields.String(metadata=said("Key of the question."))
    text = fields.String()
    n = fields.Integer(metadata=said("Golden items with this question."))
    differing = fields.Integer(metadata=said("How many of them were answered otherwise."))


class ActiveTimeSchema(AnswerSchema):
    """Seconds of work on a review: quartiles."""

    n = fields.Integer(metadata=said("Reviews with a measured time."))
    low = Rounded(description="A quarter took less.")
    median = Rounded(description="Half took less.")
    high = Rounded(description="A quarter took longer.")


class ReviewerFiguresSchema(AnswerSchema):
    """What is known of one person's reviews."""

    user = fields.Nested(PersonReferenceSchema, metadata=said("Who reviewed."))
    golden = fields.Nested(CheckFiguresSchema, metadata=said("On golden items."))
    re_reviews = fields.Nested(
        CheckFiguresSchema,
        metadata=said("Against colleagues, where two reviewed the same: neither is right."),
    )
    months = fields.List(fields.Nested(QualityMonthSchema), metadata=said("The same by month, oldest first."))
    differing = fields.List(
        fields.Nested(DifferingQuestionSchema),
        metadata=said("Questions of golden items most often answered otherwise."),
    )
    submitted = fields.Integer(metadata=said("Reviews submitted."))
    skipped = fields.Integer(metadata=said("Reviews skipped."))
    given_back = fields.Integer(metadata=said("Reviews given back, or not finished in time."))
    skip_rate = fields.Nested(QualityIntervalSchema, metadata=said("Percent of what they took."))
    replacement_rate = fields.Nested(
        QualityIntervalSchema, metadata=said("Percent of what they took that went to somebody else.")
    )
    active_seconds = fields.Nested(ActiveTimeSchema, metadata=said("The time that reviews took."))


class ReviewerQualitySchema(AnswerSchema):
    """The quality of reviewers, by name."""

    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    everybody = fields.Boolean(metadata=said("Whether it is of everybody, or of the caller alone."))
    reviewers = fields.List(
        fields.Nested(ReviewerFiguresSchema),
        metadata=said("Who reviewed, by name; reviewers see themselves."),
    )
