"""Request and response schemas of recognition."""

from typing import Any

from marshmallow import fields, validate

from qm.recognition.badges import KINDS
from qm.recognition.goal_measures import GOAL_MEASURES
from scorecards.authoring.fields import StrictSchema, choice_field
from tenants.http.contract import AnswerSchema
from tenants.http.response_fields import Rounded
from tenants.http.strict_fields import Flag, Number


def said(description: str, **more: Any) -> dict[str, Any]:
    """Return the metadata that describe a property."""
    return {"description": description, **more}


class RecognitionSettingsSchema(StrictSchema):
    """Whether the tenant wants recognition."""

    enabled = Flag(
        required=True, metadata=said("Whether badges and team goals are computed and shown.", example=True)
    )


class NewTeamGoalSchema(StrictSchema):
    """What a team is to reach together."""

    measure = choice_field(tuple(GOAL_MEASURES), required=True, metadata=said("What is measured."))
    target = Number(required=True, validate=validate.Range(0, 100), metadata=said("In percent.", example=85))
    from_ = fields.Date(
        data_key="from",
        attribute="first",
        required=True,
        metadata=said("First day, in UTC.", example="2026-11-01"),
    )
    to = fields.Date(
        attribute="last", required=True, metadata=said("Last day, included.", example="2026-11-30")
    )


class TeamGoalSchema(AnswerSchema):
    """A goal, and how far everybody is together."""

    id = fields.UUID()
    client = fields.String(metadata=said("Slug of the client."))
    measure = fields.String(validate=validate.OneOf(list(GOAL_MEASURES)), metadata=said("What is measured."))
    target = Rounded(description="In percent.")
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    figure = Rounded(description="Of everybody together; null of fewer than three people, or before any.")
    reached = fields.Boolean(allow_none=True, metadata=said("Whether the figure is at the target."))
    over = fields.Boolean(metadata=said("Whether its last day has passed."))


class BadgeSchema(AnswerSchema):
    """What the caller has earned."""

    kind = fields.String(validate=validate.OneOf(KINDS), metadata=said("For what."))
    level = Rounded(description="The threshold that was passed.")
    figure = Rounded(description="The figure that passed it.")


class RecognitionSchema(AnswerSchema):
    """The caller's badges, and the goals of their teams; nothing where the tenant switched it off."""

    enabled = fields.Boolean(metadata=said("Whether the tenant wants recognition."))
    badges = fields.List(fields.Nested(BadgeSchema), metadata=said("What the caller has earned."))
    goals = fields.List(fields.Nested(TeamGoalSchema), metadata=said("What teams are to reach together."))
