"""Schemas of the definition endpoints: arguments, and the version metadata around bodies of `schemas`."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import request
from marshmallow import Schema, fields, validate

from scorecards.authoring.fields import StrictSchema
from scorecards.authoring.form_schemas import ScorecardSchema
from scorecards.authoring.models import KINDS
from scorecards.authoring.partial_validation import further_faults
from scorecards.authoring.schema_errors import load
from scorecards.authoring.schemas import (
    BrandVoiceSchema,
    PlaybookSchema,
    SamplingPolicySchema,
    SlaPolicySchema,
)
from scorecards.authoring.target_schemas import QualityTargetsSchema
from scorecards.authoring.theme_schemas import FrictionThemesSchema
from tenants.changes import ALWAYS
from tenants.http.contract import (
    BYTES_TYPE,
    JSON_TYPES,
    Blueprint,
    FaultSchema,
    PageArguments,
    body_of,
    decoded,
)
from tenants.http.deferred_faults import reading
from tenants.http.faults import Fault, Invalid

YAML_TYPES = ("application/yaml", "text/yaml", "application/x-yaml", BYTES_TYPE)
BUNDLE_TYPES = (*YAML_TYPES, *JSON_TYPES)
LAST_MOMENT = datetime.fromisoformat("2200-01-01T00:00:00+00:00")
MAX_VERSION = 2**31 - 1
KEY_PARAMETER: Mapping[str, Any] = {
    "in": "path",
    "name": "key",
    "description": "Key of the definition: up to 64 lower-case letters, digits and underscores.",
    "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_]{0,63}$"},
}
# Scorecards are missing here: over HTTP they are drafts, whose semantic faults `validate` reports.
_KINDS: Mapping[type[Schema], str] = {
    BrandVoiceSchema: "brand_voice",
    PlaybookSchema: "playbook",
    SlaPolicySchema: "sla_policy",
    SamplingPolicySchema: "sampling_policy",
    QualityTargetsSchema: "quality_targets",
    FrictionThemesSchema: "friction_themes",
}
_MOMENT: dict[str, Any] = {
    "invalid": "Expected a moment with its offset, such as 2026-01-31T09:00:00Z.",
    "invalid_awareness": "Expected a moment with its offset, such as 2026-01-31T09:00:00Z.",
}


def json_body(
    schema: type[Schema], *, needed: bool = True
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Pass the JSON body, deserialized by `schema`, to a view, with the same faults as in a bundle.

    A missing key is taken from the URL; a different one is a fault.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        read = reading(lambda key=None, **_: _read(schema, key, needed=needed))
        content = {kind: {"schema": schema} for kind in JSON_TYPES}
        described: Callable[..., Any] = Blueprint.doc(requestBody={"required": needed, "content": content})(
            read(view)
        )
        return described

    return decorate


def _read(schema: type[Schema], key: str | None, *, needed: bool) -> Any:
    given = decoded(body_of(JSON_TYPES)) if needed or request.get_data() else {}
    keyed = key is not None and "key" in schema().fields
    if keyed and isinstance(given, dict):
        given = {"key": key, **given}
    body, faults = load(schema(), given)
    if keyed and isinstance(given, dict) and isinstance(given["key"], str) and given["key"] != key:
        faults.append(
            Fault("/key", "other_key", f"The address says '{key}'; leave the key out or repeat it.")
        )
    if faults and schema in _KINDS:
        faults += further_faults(_KINDS[schema], given, faults)
    if faults:
        raise Invalid(faults)
    return body


def moment_field(**options: Any) -> fields.AwareDateTime:
    """Return a field for the moment from which a version applies."""
    within = validate.Range(ALWAYS, LAST_MOMENT, error="Expected a moment from 1970 to 2200.")
    return fields.AwareDateTime(validate=within, error_messages=_MOMENT, **options)


class InForceArguments(StrictSchema):
    """From when on a definition holds."""

    effective_from = moment_field(
        metadata={"description": "Holds from this moment on; now when left out, the first version always."},
    )


class PublicationSchema(StrictSchema):
    """How a draft is published."""

    effective_from = moment_field(
        allow_none=True,
        metadata={"description": "Holds from this moment on; now when left out, the first version always."},
    )


class VersionArguments(StrictSchema):
    """Which version is wanted; the newest when left out."""

    version = fields.Integer(
        validate=validate.Range(1, MAX_VERSION),
        metadata={"description": "Number of the version."},
    )


class ScorecardVersionArguments(VersionArguments):
    """Which version is wanted; the newest, drafts included, when left out."""

    state = fields.String(
        validate=validate.OneOf(("draft", "published")),
        metadata={"description": "The draft, or the published version that has no end."},
    )


class ScorecardPageArguments(PageArguments):
    """Which scorecards are wanted, and which part of the list."""

    state = fields.String(
        validate=validate.OneOf(("draft", "published")),
        metadata={"description": "Drafts, or published versions that have no end; the newest when left out."},
    )


class BundleArguments(StrictSchema):
    """How a bundle is loaded."""

    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "Only report what would change; nothing is stored."}
    )


class StoredBody(fields.Nested):
    """A stored body: documented by its schema, returned unchanged."""

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **_: Any) -> Any:
        """Return the body unchanged."""
        return self.get_value(obj, attr, accessor=accessor)


class VersionSummarySchema(Schema):
    """One version of a definition, without its body."""

    id = fields.UUID(attribute="definition_id")
    kind = fields.String(validate=validate.OneOf(KINDS))
    key = fields.String()
    version = fields.Integer()
    state = fields.String(validate=validate.OneOf(("draft", "published", "retired")))
    effective_from = fields.AwareDateTime(allow_none=True)
    effective_to = fields.AwareDateTime(
        allow_none=True,
        metadata={"description": "The moment it ends; equal to its beginning: it holds for nothing."},
    )
    created_at = fields.AwareDateTime()
    published_at = fields.AwareDateTime(allow_none=True)
    retired_at = fields.AwareDateTime(allow_none=True)


class VersionPageSchema(Schema):
    """A page of versions."""

    data = fields.List(fields.Nested(VersionSummarySchema))
    next_cursor = fields.String(allow_none=True)


class BrandVoiceVersionSchema(VersionSummarySchema):
    """A version of the brand voice."""

    body = StoredBody(BrandVoiceSchema)


class PlaybookVersionSchema(VersionSummarySchema):
    """A version of a playbook."""

    body = StoredBody(PlaybookSchema)


class ScorecardVersionSchema(VersionSummarySchema):
    """A version of a scorecard."""

    body = StoredBody(ScorecardSchema)


class SlaPolicyVersionSchema(VersionSummarySchema):
    """A version of the SLA policy."""

    body = StoredBody(SlaPolicySchema)


class PolicyWarningSchema(Schema):
    """A warning about a policy for its author."""

    code = fields.String()
    detail = fields.String()


class SamplingPolicyVersionSchema(VersionSummarySchema):
    """A version of the sampling policy."""

    body = StoredBody(SamplingPolicySchema)
    warnings = fields.List(
        fields.Nested(PolicyWarningSchema),
        metadata={
            "description": "What makes estimates unreliable, were a tenth of interactions to match each term."
        },
    )


class QualityTargetsVersionSchema(VersionSummarySchema):
    """A version of the quality targets."""

    body = StoredBody(QualityTargetsSchema)


class FrictionThemesVersionSchema(VersionSummarySchema):
    """A version of the friction themes."""

    body = StoredBody(FrictionThemesSchema)


class ValidationSchema(Schema):
    """Whether the newest version can be published, and the faults that prevent it."""

    valid = fields.Boolean()
    version = fields.Integer()
    errors = fields.List(fields.Nested(FaultSchema))


class DifferenceArguments(StrictSchema):
    """Which two versions are compared."""

    version = fields.Integer(
        validate=validate.Range(1, MAX_VERSION),
        metadata={"description": "The later version; the newest when left out, drafts included."},
    )
    against = fields.Integer(
        validate=validate.Range(1, MAX_VERSION),
        metadata={"description": "The earlier version; the published one without an end when left out."},
    )


class DifferenceSchema(Schema):
    """One part in which two versions differ."""

    path = fields.List(fields.String(), metadata={"description": "Names of the parts around it."})
    kind = fields.String(
        validate=validate.OneOf(("added", "removed", "changed", "moved")),
        metadata={"description": "What became of it; `moved`: its parts are in another order."},
    )
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)


class DifferencesSchema(Schema):
    """What differs between two versions of a scorecard."""

    version = fields.Integer()
    against = fields.Integer(allow_none=True, metadata={"description": "Null: nothing was published."})
    differences = fields.List(
        fields.Nested(DifferenceSchema),
        metadata={"description": "In the order of the later version; empty when they are the same."},
    )


class DefinitionChangeSchema(Schema):
    """The outcome of an import for one definition."""

    kind = fields.String(validate=validate.OneOf(KINDS))
    key = fields.String()
    outcome = fields.String(validate=validate.OneOf(("created", "updated", "unchanged")))
    parts = fields.List(fields.String(), metadata={"description": "Top-level parts that differ."})


class SettingChangeSchema(Schema):
    """A changed setting of the client."""

    name = fields.String()
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)


class LoadReportSchema(Schema):
    """The changes of an import; in a dry run those it would make."""

    dry_run = fields.Boolean()
    definitions = fields.List(fields.Nested(DefinitionChangeSchema))
    settings = fields.List(fields.Nested(SettingChangeSchema))
