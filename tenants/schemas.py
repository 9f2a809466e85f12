"""Schemas of tenants, clients, users, credentials and the audit log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from tenants.clients import SLUG, checked_slug
from tenants.days import time_zones
from tenants.http.contract import PageArguments
from tenants.http.deferred_faults import DeferringSchema
from tenants.http.faults import Invalid
from tenants.http.strict_fields import LANGUAGE, Flag, Number, StrictSchema, WholeNumber
from tenants.http.validation_messages import SchemaMessage
from tenants.roles import ROLES, SCOPES

PAGE_LANGUAGES = ("en", "de")
"""Languages that the pages speak."""
_SLUG = validate.Regexp(rf"\A{SLUG.pattern}\Z", error="Use 1-63 of a-z, 0-9 and -.")
_FIRST_YEAR, _LAST_YEAR = 1970, 2200


def _as_messages(error: Invalid) -> ValidationError:
    found = {fault.pointer[1:]: [SchemaMessage(fault.code, fault.detail)] for fault in error.faults}
    return ValidationError(found)


def _check_not_blank(name: str) -> None:
    if name and not name.strip():
        raise ValidationError(SchemaMessage("bad_name", "A name is not blank."))


NAME = (
    validate.Length(1, 200),
    validate.Regexp(r"\A[^\x00-\x1f\ud800-\udfff]*\Z", error="No control characters."),
    _check_not_blank,
)
PUBLICATIONS = ("at_once", "after_hours", "weekly")
# A repeated request is answered without it.
_ONCE = {"x-optional": True}


def _check_year(moment: datetime) -> None:
    """Refuse years that overflow the database driver's datetime when converted to UTC."""
    if moment.year > _LAST_YEAR:
        raise ValidationError(SchemaMessage("out_of_range", f"The year is at most {_LAST_YEAR}."))


def check_time_zone(name: str) -> None:
    """Refuse what is no IANA time zone."""
    if name not in time_zones():
        raise ValidationError(
            SchemaMessage("unknown_time_zone", "Expected an IANA name such as Europe/Berlin.")
        )


class EvaluationPublicationSchema(StrictSchema):
    """When the agent sees an evaluation of their work."""

    when = fields.String(
        required=True,
        validate=validate.OneOf(PUBLICATIONS),
        metadata={
            "description": "`at_once` when it is submitted, `after_hours` so many hours later, `weekly` with "
            "the beginning of the client's next week, on Monday."
        },
    )
    hours = WholeNumber(
        validate=validate.Range(1, 24 * 90),
        metadata={"description": "For `after_hours` only.", "x-optional": True},
    )

    @validates_schema
    def check_hours(self, data: Mapping[str, Any], **_: Any) -> None:
        """Hours belong to `after_hours`, and to nothing else."""
        if (data["when"] == "after_hours") != ("hours" in data):
            wanted = "Say how many hours." if "hours" not in data else "Only `after_hours` has hours."
            raise ValidationError({"hours": [SchemaMessage("bad_hours", wanted)]})


def _limit(least: int, description: str) -> WholeNumber:
    return WholeNumber(
        validate=validate.Range(least, 365), metadata={"description": description, "x-optional": True}
    )


class DisputeLimitsSchema(StrictSchema):
    """What may be disputed for how long."""

    days = _limit(
        0,
        "Days since its publication in which an evaluation may be disputed, and since a decision in which it "
        "may be appealed; 0: not at all.",
    )
    acknowledge_days = _limit(
        1,
        "Days since its publication after which an evaluation not acknowledged by its agent is overdue.",
    )
    open_per_person = _limit(1, "Disputes that one person may have open.")
    open_per_evaluation = _limit(1, "Disputes of one evaluation that may be open.")


class ScorecardDisputesSchema(DisputeLimitsSchema):
    """What differs for the evaluations of one scorecard."""

    scorecard = fields.String(
        required=True,
        validate=validate.Regexp(r"^[a-z0-9][a-z0-9_]{0,63}(?!\n)$"),
        metadata={"description": "Key of the scorecard.", "example": "empathy"},
    )


class DisputeRulesSchema(DisputeLimitsSchema):
    """What may be disputed by whom and for how long; what is left out is as it is by default."""

    by_client = Flag(
        metadata={
            "description": "Whether the client's own people may read and dispute published evaluations.",
            "x-optional": True,
        }
    )
    scorecards = fields.List(
        fields.Nested(ScorecardDisputesSchema),
        validate=validate.Length(max=50),
        metadata={"description": "What differs for single scorecards.", "x-optional": True},
    )

    @validates_schema
    def check_scorecards(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a scorecard that is named twice."""
        named = [each["scorecard"] for each in data.get("scorecards", ())]
        twice = next((each for each in named if named.count(each) > 1), None)
        if twice is not None:
            message = SchemaMessage("duplicate_scorecard", f"The scorecard '{twice}' is named twice.")
            raise ValidationError({"scorecards": [message]})


class CoachingSuggestionsSchema(StrictSchema):
    """From when on coaching is suggested: how many evaluations, and the mean of their answers."""

    after = WholeNumber(
        required=True,
        validate=validate.Range(3, 50),
        metadata={
            "description": "So many newest reviewed answers to a question are looked at.",
            "example": 8,
        },
    )
    below = Number(
        required=True,
        validate=validate.Range(0, 100),
        metadata={"description": "Coaching is suggested where their mean is below this, of 100."},
    )


class ClientSettingsSchema(StrictSchema):
    """Settings of a client for its reports and automatic evaluation."""

    charged_threshold = Number(
        validate=validate.Range(0, 1),
        metadata={
            "description": "Peak customer distress, 0-1, from which a case is emotionally charged.",
            "example": 0.5,
        },
    )
    coaching_suggestions = fields.Nested(CoachingSuggestionsSchema)
    disagreement_limit = Number(
        validate=validate.Range(0.001, 0.5),
        metadata={
            "description": "Largest share of automatic answers that stand against what people would say.",
            "example": 0.1,
        },
    )
    disputes = fields.Nested(DisputeRulesSchema)
    golden_rate = Number(
        validate=validate.Range(0, 0.5),
        metadata={
            "description": "How often a reviewer is offered a golden item in place of a drawn review, as a "
            "share of the reviews they are offered.",
            "example": 0.05,
        },
    )
    interval_limit = Number(
        validate=validate.Range(0.1, 100),
        metadata={
            "description": "A number is reported from so many reviews on as scores with a standard deviation "
            "of 12.5 points need for a 95 % interval of this width, in points of 100."
        },
    )
    languages = fields.List(
        fields.String(
            validate=validate.Regexp(LANGUAGE, error="Expected a language tag such as en or pt-BR.")
        ),
        validate=validate.Length(1, 50),
        metadata={"description": "Languages the client is served in, as BCP 47 tags.", "example": ["en"]},
    )
    publish_evaluations = fields.Nested(EvaluationPublicationSchema)
    re_review_rate = Number(
        validate=validate.Range(0, 0.5),
        metadata={
            "description": "How often a reviewer is offered what somebody else has reviewed in place of a "
            "drawn review, as a share of the reviews they are offered.",
            "example": 0.05,
        },
    )
    review_own_team = Flag(
        metadata={"description": "Whether people may review interactions of agents of their own team."}
    )
    severity_correction = Flag(
        metadata={
            "description": "Whether the severity of reviewers, as calibration measured it, is taken out of "
            "estimates.",
            "example": False,
        },
    )
    time_zone = fields.String(
        validate=check_time_zone,
        metadata={
            "description": "IANA time zone that makes the days, weeks and months of the client's reports.",
            "example": "Europe/Berlin",
        },
    )


class NewClientSchema(StrictSchema):
    """A client brand to create."""

    name = fields.String(required=True, validate=NAME, metadata={"example": "Northwind Outfitters"})
    slug = fields.String(
        load_default=None, validate=_SLUG, metadata={"description": "Made from the name when left out."}
    )
    settings = fields.Nested(ClientSettingsSchema, load_default=dict)

    @validates_schema(skip_on_field_errors=False)
    def check_slug(self, data: Mapping[str, Any], **_: Any) -> None:
        """Check the slug, or the one that is made from the name, where both fields are valid."""
        if "name" in data and "slug" in data:
            try:
                checked_slug(data["name"], data["slug"])
            except Invalid as error:
                raise _as_messages(error) from None


class ClientChangeSchema(StrictSchema):
    """A partial update of a client."""

    name = fields.String(validate=NAME)
    settings = fields.Nested(ClientSettingsSchema)


class ClientSchema(Schema):
    """A client brand."""

    id = fields.UUID(attribute="client_id")
    slug = fields.String()
    name = fields.String()
    settings = fields.Nested(ClientSettingsSchema)
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()


class ClientPageSchema(Schema):
    """A page of clients."""

    data = fields.List(fields.Nested(ClientSchema))
    next_cursor = fields.String(allow_none=True)


class TenantSchema(Schema):
    """A tenant: an outsourcing provider."""

    id = fields.UUID(attribute="tenant_id")
    slug = fields.String()
    name = fields.String()


class ClientReferenceSchema(Schema):
    """A reference to a client brand."""

    id = fields.UUID(attribute="client_id")
    slug = fields.String()
    name = fields.String()


class MeSchema(Schema):
    """The owner of the credential, its scopes and its clients."""

    tenant = fields.Nested(TenantSchema)
    credential_id = fields.UUID()
    user_id = fields.UUID(allow_none=True)
    name = fields.String()
    role = fields.String(allow_none=True)
    scopes = fields.List(fields.String())
    clients = fields.List(fields.Nested(ClientReferenceSchema))


_WORD = validate.And(
    validate.Length(1, 60), validate.Regexp(r"\A[^\x00-\x1f\ud800-\udfff]*\Z", error="No control characters.")
)


class _ProfileSchema(Schema):
    """What may be known of a user beside who they are and what they may do."""

    languages = fields.List(
        fields.String(
            validate=validate.Regexp(LANGUAGE, error="Expected a language tag such as en or pt-BR.")
        ),
        validate=validate.Length(max=50),
        metadata={
            "description": "Languages they review in, as BCP 47 tags; empty means every language.",
            "example": ["en"],
        },
    )
    skills = fields.List(
        fields.String(validate=_WORD),
        validate=validate.Length(max=50),
        metadata={"description": "What they can judge, such as the name of a queue.", "example": ["billing"]},
    )
    team = fields.String(
        allow_none=True,
        validate=_WORD,
        metadata={"description": "Name of the team they belong to; null for none.", "example": "Care"},
    )
    agent = fields.String(
        allow_none=True,
        validate=validate.Length(1, 200),
        metadata={"description": "External id of the agent that they are; null for who is none."},
    )
    weekly_capacity = WholeNumber(
        allow_none=True,
        validate=validate.Range(0, 10_000),
        metadata={
            "description": "How many reviews they have time for in a week; null where nobody has said.",
            "example": 40,
        },
    )
    time_zone = fields.String(
        allow_none=True,
        validate=check_time_zone,
        metadata={
            "description": "IANA time zone in which pages show them times; null for the browser's.",
            "example": "Europe/Berlin",
        },
    )
    locale = fields.String(
        allow_none=True,
        validate=validate.OneOf(PAGE_LANGUAGES),
        metadata={"description": "Language of the pages; null for the browser's."},
    )


class NewUserSchema(DeferringSchema, StrictSchema, _ProfileSchema):
    """A user to create."""

    email = fields.Email(required=True, validate=validate.Length(3, 254))
    name = fields.String(required=True, validate=NAME)
    role = fields.String(required=True, validate=validate.OneOf(sorted(ROLES)))
    clients = fields.List(
        fields.String(validate=validate.Length(1, 63)),
        load_default=list,
        validate=validate.Length(max=200),
        metadata={"description": "Slugs or ids; empty means every client of the provider."},
    )


class UserChangeSchema(StrictSchema, _ProfileSchema):
    """A partial update of a user."""

    email = fields.Email(validate=validate.Length(3, 254))
    name = fields.String(validate=NAME)
    role = fields.String(validate=validate.OneOf(sorted(ROLES)))
    clients = fields.List(
        fields.String(validate=validate.Length(1, 63)),
        validate=validate.Length(max=200),
        metadata={"description": "Slugs or ids; empty means every client of the provider."},
    )
    disabled = Flag(metadata={"description": "Whether the person may do nothing."})


class UserSchema(_ProfileSchema):
    """A user."""

    id = fields.UUID(attribute="user_id")
    email = fields.String()
    name = fields.String()
    role = fields.String()
    clients = fields.List(
        fields.String(),
        metadata={"description": "Slugs of the clients they are limited to; empty means every client."},
    )
    created_at = fields.AwareDateTime()
    signed_in_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When they last signed in; null while they never have."}
    )
    disabled_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "Since when they may do nothing; null while they may."}
    )


class PasswordLinkSchema(Schema):
    """A link by which a person sets a password once."""

    purpose = fields.String(
        validate=validate.OneOf(["invitation", "recovery"]),
        metadata={"description": "An invitation for who never signed in by password, else a recovery."},
    )
    link = fields.String(metadata={"description": "Address of the page that takes it.", **_ONCE})
    expires_at = fields.AwareDateTime()


class SessionSchema(Schema):
    """A browser session of a person."""

    id = fields.UUID(attribute="credential_id")
    name = fields.String(metadata={"description": "Browser and system, as the browser says."})
    created_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()


class SessionsSchema(Schema):
    """The browser sessions of a person that have not ended."""

    data = fields.List(fields.Nested(SessionSchema))


class UserListArguments(PageArguments):
    """Filters of the list of people."""

    role = fields.String(
        load_default=None,
        validate=validate.OneOf(sorted(ROLES)),
        metadata={"description": "Only people of this role."},
    )
    disabled = fields.Boolean(
        load_default=None,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "Only people who are disabled, or who are not."},
    )


class UserPageSchema(Schema):
    """A page of users."""

    data = fields.List(fields.Nested(UserSchema))
    next_cursor = fields.String(allow_none=True)


class NewCredentialSchema(DeferringSchema, StrictSchema):
    """A credential to create."""

    name = fields.String(required=True, validate=NAME)
    scopes = fields.List(
        fields.String(validate=validate.OneOf(sorted(SCOPES))), required=True, validate=validate.Length(1, 50)
    )
    clients = fields.List(
        fields.String(validate=validate.Length(1, 63)),
        load_default=list,
        validate=validate.Length(max=200),
        metadata={"description": "Bind the credential to these clients; empty means all."},
    )
    user = fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "The person it acts for."}
    )
    live = fields.Boolean(load_default=True)
    expires_at = fields.AwareDateTime(load_default=None, allow_none=True, validate=_check_year)


class CredentialSchema(Schema):
    """A credential, without its secrets."""

    id = fields.UUID(attribute="credential_id")
    name = fields.String()
    prefix = fields.String()
    scopes = fields.List(fields.String())
    bound = fields.Boolean()
    user_id = fields.UUID(allow_none=True)
    created_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime(allow_none=True)
    revoked_at = fields.AwareDateTime(allow_none=True)


class IssuedCredentialSchema(CredentialSchema):
    """A new credential with its secrets, which no other response contains."""

    key = fields.String(metadata={"description": "Send it as `Authorization: Bearer ...`.", **_ONCE})
    client_id = fields.String(metadata={"description": "For /oauth/token."})
    client_secret = fields.String(metadata={"description": "For /oauth/token.", **_ONCE})


class CredentialPageSchema(Schema):
    """A page of credentials."""

    data = fields.List(fields.Nested(CredentialSchema))
    next_cursor = fields.String(allow_none=True)


def _check_moment(moment: datetime) -> None:
    if not _FIRST_YEAR <= moment.year < _LAST_YEAR:
        raise ValidationError(SchemaMessage("out_of_range", "This must lie between 1970 and 2200."))


class AuditArguments(PageArguments):
    """Filters of the audit log."""

    actor = fields.String(
        validate=validate.Length(1, 100),
        metadata={
            "description": "`user:` or `credential:` with its id, or what works by itself, such as `worker`.",
            "example": "worker",
        },
    )
    action = fields.String(
        validate=validate.Length(1, 100),
        metadata={
            "description": "Such as `review.skipped`; `review` alone: all that was done to reviews.",
            "example": "review",
        },
    )
    subject = fields.String(
        validate=validate.Length(1, 200),
        metadata={
            "description": "What it was done to, such as `client:` with its id; `client` alone: any.",
            "example": "client",
        },
    )
    start = fields.AwareDateTime(
        data_key="from", validate=_check_moment, metadata={"description": "At or after."}
    )
    end = fields.AwareDateTime(
        data_key="to", validate=_check_moment, metadata={"description": "What happened before this moment."}
    )


class AuditChainSchema(Schema):
    """Whether the audit log is whole: each entry's digest covers the one before it."""

    entries = fields.Integer(metadata={"description": "Number of the newest entry."})
    digest = fields.String(metadata={"description": "Digest of the newest entry, to be kept elsewhere."})
    broken_at = fields.Integer(
        allow_none=True, metadata={"description": "Number of the first entry that breaks the chain."}
    )


class AuditEntrySchema(Schema):
    """One entry of the audit log."""

    number = fields.Integer()
    at = fields.AwareDateTime()
    actor = fields.String()
    action = fields.String()
    subject = fields.String()
    details = fields.Dict()
    digest = fields.Function(lambda entry: entry.digest.hex())


class AuditPageSchema(Schema):
    """A page of the audit log."""

    data = fields.List(fields.Nested(AuditEntrySchema))
    next_cursor = fields.String(allow_none=True)
