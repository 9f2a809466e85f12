"""Marshmallow schemas of brand voice, playbooks, policies, and the bundle of all definitions."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, pre_load, validate

from scorecards.authoring import template_library
from scorecards.authoring.fields import (
    Number,
    StrictSchema,
    choice_field,
    groups_of,
    key_field,
    list_of,
    text_field,
)
from scorecards.authoring.form_schemas import PROGRAM_LENGTH, AppliesToSchema, ScorecardSchema
from scorecards.authoring.target_schemas import QualityTargetsSchema
from scorecards.authoring.theme_schemas import FrictionThemesSchema
from scorecards.definitions.brand_voice import CLAUSED, FORMALITIES
from scorecards.definitions.conversation import CHANNELS, PRIORITIES, STATUSES
from scorecards.sampling.quotas import PERIODS
from tenants.http.strict_fields import Flag, WholeNumber
from tenants.schemas import ClientSettingsSchema

PHRASE = 500
SENTENCE = 2000
BUNDLE_VERSION = 1
MAX_PLAYBOOKS = 200


def _phrases(max_items: int = 200, **options: Any) -> fields.List[Any]:
    return list_of(text_field(PHRASE), max_items, **options)


class ConventionSchema(StrictSchema):
    """A greeting or a sign-off."""

    required = Flag(metadata={"description": "Whether it has to be there; false by default."})
    phrases = _phrases(metadata={"example": ["Hi {name}", "Hello"]})
    clause = text_field(
        50, allow_none=True, metadata={"description": "Number in the guide.", "example": "BV-1"}
    )


class PreferredPhraseSchema(StrictSchema):
    """A phrase that agents should use."""

    clause = text_field(
        50, required=True, metadata={"description": "Number in the guide.", "example": "BV-4"}
    )
    phrase = text_field(PHRASE, required=True, metadata={"example": "I'd be glad to"})
    instead_of = text_field(PHRASE, allow_none=True, metadata={"example": "I can"})


class BannedPhraseSchema(StrictSchema):
    """A phrase that agents must not use."""

    clause = text_field(
        50, required=True, metadata={"description": "Number in the guide.", "example": "BV-7"}
    )
    phrase = text_field(PHRASE, required=True, metadata={"example": "per our policy"})
    reason = text_field(SENTENCE, min_length=0, allow_none=True, metadata={"example": "sounds like hiding"})


class VoiceExamplesSchema(StrictSchema):
    """Sentences that sound like the client, and sentences that do not."""

    good = list_of(text_field(SENTENCE), 100)
    bad = list_of(text_field(SENTENCE), 100)


class BrandVoiceSchema(StrictSchema):
    """The brand voice of a client."""

    tone = list_of(text_field(50), 20, metadata={"example": ["warm", "plain"]})
    formality = choice_field(FORMALITIES, metadata={"example": "informal"})
    reading_level = Number(
        allow_none=True,
        validate=validate.Range(min=1, max=20, error="Expected a number from 1 to 20."),
        metadata={"description": "Highest school grade a reader should need.", "example": 9},
    )
    greeting = fields.Nested(ConventionSchema)
    sign_off = fields.Nested(ConventionSchema)
    preferred = groups_of(PreferredPhraseSchema, 500)
    banned = groups_of(BannedPhraseSchema, 500)
    empathy_library = fields.Dict(
        keys=text_field(50),
        values=_phrases(),
        validate=validate.Length(max=50),
        metadata={
            "description": "Validating phrases by emotion.",
            "example": {"frustration": ["I can hear how frustrating this is"]},
        },
    )
    examples = fields.Nested(VoiceExamplesSchema)
    clauses = fields.Dict(
        keys=choice_field(CLAUSED),
        values=text_field(50),
        metadata={
            "description": "Numbers in the guide of the parts that hold none themselves.",
            "example": {"reading_level": "BV-9"},
        },
    )


class TriggerSchema(StrictSchema):
    """When a playbook applies: on one of the intents, or one of the customer's phrases."""

    intents = list_of(text_field(200), 100, metadata={"example": ["late_delivery"]})
    phrases = _phrases(metadata={"example": ["where is my order"]})
    about = _phrases(
        metadata={
            "description": "Sentences about the situation; customers' words are compared with them.",
            "example": ["The customer's parcel has not arrived on the promised day."],
        }
    )


class StepSchema(StrictSchema):
    """One step of a playbook."""

    key = key_field(required=True, metadata={"example": "acknowledge"})
    name = text_field(200, metadata={"example": "Acknowledge the delay"})
    required = Flag(metadata={"description": "Whether it may be left out; true by default."})
    phrases = _phrases(metadata={"description": "Any of these shows that the step was taken."})
    logged = _phrases(
        metadata={
            "description": "What a system's line holds when it was taken; the step's name unless given.",
            "example": ["order pulled up"],
        }
    )


class DiscretionSchema(StrictSchema):
    """A deviation the agent may choose."""

    key = key_field(required=True, metadata={"example": "goodwill"})
    name = text_field(200, metadata={"example": "Goodwill credit"})
    limit = Number(allow_none=True, metadata={"description": "Highest amount; null for none.", "example": 25})
    currency = text_field(
        3, allow_none=True, metadata={"description": "ISO 4217 code, or % for a share.", "example": "USD"}
    )
    need = _phrases(metadata={"description": "What a customer says when it would help."})
    phrases = _phrases(metadata={"description": "What an agent says who uses it."})


def _known_playbook(name: str) -> None:
    known = tuple(template_library.playbooks())
    validate.OneOf(known, error="There is no template '{input}'; there are: {choices}.")(name)


class PlaybookSchema(StrictSchema):
    """A playbook: the steps for one situation, and the agent's discretion."""

    template = text_field(
        64,
        check=_known_playbook,
        metadata={"description": "A ready-made playbook.", "example": "late_delivery"},
    )
    key = key_field(metadata={"description": "Unique in the client's playbooks.", "example": "late_delivery"})
    name = text_field(200, metadata={"example": "Late delivery"})
    applies_to = fields.Nested(AppliesToSchema)
    trigger = fields.Nested(TriggerSchema)
    ordered = Flag(metadata={"description": "Whether the order of the steps matters; false by default."})
    steps = groups_of(StepSchema, 100)
    discretion = groups_of(DiscretionSchema, 50)

    @pre_load
    def expand(self, body: Any, **_: Any) -> Any:
        """Merge the playbook over the template it names."""
        return (
            template_library.expand(body, template_library.playbooks()) if isinstance(body, Mapping) else body
        )


class HolidaysSchema(StrictSchema):
    """The country whose public holidays are closed days."""

    country = text_field(2, required=True, metadata={"description": "ISO 3166-1 code.", "example": "DE"})
    subdivision = text_field(50, allow_none=True, metadata={"example": "BE"})


class CalendarSchema(StrictSchema):
    """The open hours of a desk."""

    key = key_field(required=True, metadata={"example": "office"})
    time_zone = text_field(64, required=True, metadata={"example": "Europe/Berlin"})
    hours = fields.Dict(
        keys=text_field(20),
        values=list_of(text_field(20), 10),
        required=True,
        metadata={
            "description": "Shifts by weekday: mon, tue, wed, thu, fri, sat, sun.",
            "example": {"mon": ["09:00-12:30", "13:30-17:00"]},
        },
    )
    holidays = fields.Nested(HolidaysSchema, allow_none=True)
    closed = list_of(text_field(10), 1000, metadata={"example": ["2026-12-25"]})
    special_hours = fields.Dict(
        keys=text_field(10),
        values=list_of(text_field(20), 10),
        validate=validate.Length(max=1000),
        metadata={
            "description": "Shifts of single dates, in place of those of their weekday, holiday or not.",
            "example": {"2026-12-24": ["09:00-12:00"]},
        },
    )


class MatchSchema(StrictSchema):
    """The interactions a rule applies to; an empty or absent list means all."""

    channels = list_of(choice_field(CHANNELS), len(CHANNELS))
    priorities = list_of(choice_field(PRIORITIES), len(PRIORITIES))
    programs = list_of(text_field(PROGRAM_LENGTH), 100)


class TargetsSchema(StrictSchema):
    """The time limit of each clock: 90s, 15m, 4h, 2d (of 24 open hours) or ISO 8601."""

    first_response = text_field(40, metadata={"example": "4h"})
    next_response = text_field(40, metadata={"example": "8h"})
    resolution = text_field(40, metadata={"example": "2d"})


class RuleSchema(StrictSchema):
    """Targets for some interactions; the first rule that matches wins."""

    key = key_field(required=True, metadata={"example": "urgent_chat"})
    match = fields.Nested(MatchSchema)
    calendar = text_field(64, metadata={"description": "Key of a calendar; always open is always."})
    targets = fields.Nested(TargetsSchema, required=True)
    pause_on = list_of(choice_field(STATUSES), len(STATUSES), metadata={"example": ["pending"]})
    goal = Number(metadata={"description": "Share that should be met, in (0, 1].", "example": 0.9})


class SlaPolicySchema(StrictSchema):
    """An SLA policy: calendars, and rules with time limits."""

    calendars = groups_of(CalendarSchema, 50)
    rules = groups_of(RuleSchema, 200, required=True)


class TermSchema(StrictSchema):
    """A risk condition with the inclusion probability of the interactions that match it."""

    when = text_field(50, required=True, metadata={"example": "charged"})
    rate = Number(required=True, metadata={"description": "Inclusion probability.", "example": 0.25})
    below = Number(metadata={"description": "For low_confidence and low_csat.", "example": 0.6})
    days = Number(metadata={"description": "For new_agent.", "example": 30})


class AgentWeekSchema(StrictSchema):
    """How many interactions of each agent are drawn in an ISO week."""

    min = WholeNumber(metadata={"description": "As many at least, if the agent has so many.", "example": 2})
    max = WholeNumber(metadata={"description": "No more than these.", "example": 10})


class FixedNumberSchema(StrictSchema):
    """How many of all interactions of a client are drawn in a period, when the period is over."""

    size = WholeNumber(required=True, metadata={"example": 50})
    per = choice_field(PERIODS, metadata={"description": "`day` spreads them evenly; `week` unless given."})


class QuotasSchema(StrictSchema):
    """How many interactions are drawn: bounds for each agent and week, or a fixed number in a period."""

    agent_week = fields.Nested(AgentWeekSchema)
    fixed = fields.Nested(FixedNumberSchema)


class CapacitySchema(StrictSchema):
    """How many reviews people get; it never changes a probability."""

    reviews_per_reviewer_week = WholeNumber(
        required=True,
        metadata={
            "description": "Nobody gets more from the queue in a week (UTC) of this client.",
            "example": 40,
        },
    )


class SamplingPolicySchema(StrictSchema):
    """A sampling policy: the inclusion probability of each interaction."""

    base_rate = Number(metadata={"description": "Every interaction's probability at least.", "example": 0.05})
    floor = Number(metadata={"description": "Lowest probability as a share of the mean.", "example": 0.5})
    terms = groups_of(TermSchema, 50)
    quotas = fields.Nested(QuotasSchema)
    capacity = fields.Nested(CapacitySchema)
    due_within_days = WholeNumber(
        metadata={
            "description": "Days after which a drawn review is due; it changes no order and no probability.",
            "example": 7,
        }
    )


class BundlePlaybookSchema(PlaybookSchema):
    """A playbook in a bundle, where the key is required."""

    key = key_field(required=True, metadata={"example": "late_delivery"})


class BundleScorecardSchema(ScorecardSchema):
    """A scorecard in a bundle, where the key is required."""

    key = key_field(required=True, metadata={"example": "empathy"})


class BundleSchema(StrictSchema):
    """A client's settings and definitions in one document."""

    qm_bundle = WholeNumber(
        required=True,
        validate=validate.Equal(BUNDLE_VERSION, error="Expected 1, the version of the bundle format."),
        metadata={"description": "Version of the bundle format.", "example": 1},
    )
    settings = fields.Nested(ClientSettingsSchema)
    brand_voice = fields.Nested(BrandVoiceSchema)
    playbooks = groups_of(BundlePlaybookSchema, MAX_PLAYBOOKS)
    scorecards = groups_of(BundleScorecardSchema, 50)
    sla_policy = fields.Nested(SlaPolicySchema)
    sampling_policy = fields.Nested(SamplingPolicySchema)
    quality_targets = fields.Nested(QualityTargetsSchema)
    friction_themes = fields.Nested(FrictionThemesSchema)
