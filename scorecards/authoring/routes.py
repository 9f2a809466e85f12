"""Definitions over HTTP: brand voice, playbooks, scorecards, policies, and all of them in one bundle."""

from typing import Any

from flask import Response, url_for

from scorecards.authoring import bundle_import, version_queries, versions
from scorecards.authoring.bundle import Bundle
from scorecards.authoring.bundle_import import LoadReport
from scorecards.authoring.differences import differences
from scorecards.authoring.form_schemas import ScorecardSchema
from scorecards.authoring.models import Definition
from scorecards.authoring.route_schemas import (
    KEY_PARAMETER,
    YAML_TYPES,
    BrandVoiceVersionSchema,
    BundleArguments,
    DifferenceArguments,
    DifferencesSchema,
    FrictionThemesVersionSchema,
    InForceArguments,
    LoadReportSchema,
    PlaybookVersionSchema,
    PublicationSchema,
    QualityTargetsVersionSchema,
    SamplingPolicyVersionSchema,
    ScorecardPageArguments,
    ScorecardVersionArguments,
    ScorecardVersionSchema,
    SlaPolicyVersionSchema,
    ValidationSchema,
    VersionArguments,
    VersionPageSchema,
    json_body,
)
from scorecards.authoring.route_support import (
    bundle_of_request,
    check_if_match,
    find_version,
    put_version,
    select_versions,
    version_response,
)
from scorecards.authoring.schemas import (
    BrandVoiceSchema,
    BundleSchema,
    BundleScorecardSchema,
    PlaybookSchema,
    SamplingPolicySchema,
    SlaPolicySchema,
)
from scorecards.authoring.target_schemas import QualityTargetsSchema
from scorecards.authoring.theme_schemas import FrictionThemesSchema
from scorecards.authoring.validation import faults_of
from tenants.access import requires, session
from tenants.http.contract import Blueprint, PageArguments, json_or_file, linked, page_of
from tenants.http.deferred_faults import reading
from tenants.models import Client

blueprint = Blueprint(
    "definitions",
    __name__,
    url_prefix="/v1",
    description="What good means for a client: brand voice, playbooks, scorecards, policies and targets",
)


@blueprint.route("/clients/<client>/bundle", methods=["POST"])
@requires("definitions:write")
@blueprint.arguments(BundleArguments, location="query")
@blueprint.doc(
    requestBody=json_or_file(
        BundleSchema,
        description="The bundle as JSON, or as YAML, sent as "
        f"{', '.join(f'`{kind}`' for kind in YAML_TYPES)}.",
    )
)
@blueprint.response(200, LoadReportSchema)
@reading(bundle_of_request)
def load_bundle(arguments: dict[str, Any], bundle: Bundle, client: Client) -> LoadReport:
    """Load brand voice, playbooks, scorecards, policies and settings in one document, all or nothing."""
    return bundle_import.publish_bundle(session(), client, bundle, **arguments)


@blueprint.route("/clients/<client>/brand-voice")
@requires("definitions:read")
@blueprint.arguments(VersionArguments, location="query")
@blueprint.response(200, BrandVoiceVersionSchema)
def get_brand_voice(arguments: dict[str, Any], client: Client) -> Response:
    """Read how the client wants to sound."""
    return version_response(BrandVoiceVersionSchema, find_version(client, "brand_voice", **arguments))


@blueprint.route("/clients/<client>/brand-voice", methods=["PUT"])
@requires("definitions:write")
@blueprint.arguments(InForceArguments, location="query")
@json_body(BrandVoiceSchema)
@blueprint.response(200, BrandVoiceVersionSchema)
@blueprint.alt_response(201, schema=BrandVoiceVersionSchema, success=True)
def put_brand_voice(arguments: dict[str, Any], body: dict[str, Any], client: Client) -> Response:
    """Say how the client wants to sound, from now on or from a moment on."""
    return put_version(BrandVoiceVersionSchema, client, "brand_voice", body, **arguments)


@blueprint.route("/clients/<client>/sla-policy")
@requires("definitions:read")
@blueprint.arguments(VersionArguments, location="query")
@blueprint.response(200, SlaPolicyVersionSchema)
def get_sla_policy(arguments: dict[str, Any], client: Client) -> Response:
    """Read the calendars and how fast answers have to be."""
    return version_response(SlaPolicyVersionSchema, find_version(client, "sla_policy", **arguments))


@blueprint.route("/clients/<client>/sla-policy", methods=["PUT"])
@requires("definitions:write")
@blueprint.arguments(InForceArguments, location="query")
@json_body(SlaPolicySchema)
@blueprint.response(200, SlaPolicyVersionSchema)
@blueprint.alt_response(201, schema=SlaPolicyVersionSchema, success=True)
def put_sla_policy(arguments: dict[str, Any], body: dict[str, Any], client: Client) -> Response:
    """Say how fast answers have to be, from now on or from a moment on."""
    return put_version(SlaPolicyVersionSchema, client, "sla_policy", body, **arguments)


@blueprint.route("/clients/<client>/sampling-policy")
@requires("definitions:read")
@blueprint.arguments(VersionArguments, location="query")
@blueprint.response(200, SamplingPolicyVersionSchema)
def get_sampling_policy(arguments: dict[str, Any], client: Client) -> Response:
    """Read which interactions people review, with warnings about what makes estimates unreliable."""
    return version_response(SamplingPolicyVersionSchema, find_version(client, "sampling_policy", **arguments))


@blueprint.route("/clients/<client>/sampling-policy", methods=["PUT"])
@requires("definitions:write")
@blueprint.arguments(InForceArguments, location="query")
@json_body(SamplingPolicySchema)
@blueprint.response(200, SamplingPolicyVersionSchema)
@blueprint.alt_response(201, schema=SamplingPolicyVersionSchema, success=True)
def put_sampling_policy(arguments: dict[str, Any], body: dict[str, Any], client: Client) -> Response:
    """Say which interactions people review, from now on or from a moment on."""
    return put_version(SamplingPolicyVersionSchema, client, "sampling_policy", body, **arguments)


@blueprint.route("/clients/<client>/quality-targets")
@requires("definitions:read")
@blueprint.arguments(VersionArguments, location="query")
@blueprint.response(200, QualityTargetsVersionSchema)
def get_quality_targets(arguments: dict[str, Any], client: Client) -> Response:
    """Read what the client's figures have to reach."""
    return version_response(QualityTargetsVersionSchema, find_version(client, "quality_targets", **arguments))


@blueprint.route("/clients/<client>/quality-targets", methods=["PUT"])
@requires("definitions:write")
@blueprint.arguments(InForceArguments, location="query")
@json_body(QualityTargetsSchema)
@blueprint.response(200, QualityTargetsVersionSchema)
@blueprint.alt_response(201, schema=QualityTargetsVersionSchema, success=True)
def put_quality_targets(arguments: dict[str, Any], body: dict[str, Any], client: Client) -> Response:
    """Say what the client's figures have to reach, from now on or from a moment on."""
    return put_version(QualityTargetsVersionSchema, client, "quality_targets", body, **arguments)


@blueprint.route("/clients/<client>/friction-themes")
@requires("definitions:read")
@blueprint.arguments(VersionArguments, location="query")
@blueprint.response(200, FrictionThemesVersionSchema)
def get_friction_themes(arguments: dict[str, Any], client: Client) -> Response:
    """Read the themes of what customers keep coming back with."""
    return version_response(FrictionThemesVersionSchema, find_version(client, "friction_themes", **arguments))


@blueprint.route("/clients/<client>/friction-themes", methods=["PUT"])
@requires("definitions:write")
@blueprint.arguments(InForceArguments, location="query")
@json_body(FrictionThemesSchema)
@blueprint.response(200, FrictionThemesVersionSchema)
@blueprint.alt_response(201, schema=FrictionThemesVersionSchema, success=True)
def put_friction_themes(arguments: dict[str, Any], body: dict[str, Any], client: Client) -> Response:
    """Rename, merge, add or remove themes; earlier interactions are sorted anew."""
    return put_version(FrictionThemesVersionSchema, client, "friction_themes", body, **arguments)


@blueprint.route("/clients/<client>/playbooks")
@requires("definitions:read")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, VersionPageSchema)
def list_playbooks(arguments: dict[str, Any], client: Client) -> Any:
    """List the client's playbooks by key."""
    page = page_of(session(), select_versions(client, "playbook", "published"), [Definition.key], **arguments)
    return linked(page, page.data)


@blueprint.route("/clients/<client>/playbooks/<key>", parameters=[KEY_PARAMETER])
@requires("definitions:read")
@blueprint.arguments(VersionArguments, location="query")
@blueprint.response(200, PlaybookVersionSchema)
def get_playbook(arguments: dict[str, Any], client: Client, key: str) -> Response:
    """Read a playbook."""
    return version_response(PlaybookVersionSchema, find_version(client, "playbook", key, **arguments))


@blueprint.route("/clients/<client>/playbooks/<key>", methods=["PUT"], parameters=[KEY_PARAMETER])
@requires("definitions:write")
@blueprint.arguments(InForceArguments, location="query")
@json_body(PlaybookSchema)
@blueprint.response(200, PlaybookVersionSchema)
@blueprint.alt_response(201, schema=PlaybookVersionSchema, success=True)
def put_playbook(arguments: dict[str, Any], body: dict[str, Any], client: Client, key: str) -> Response:
    """Say what to do in a situation, from now on or from a moment on."""
    return put_version(PlaybookVersionSchema, client, "playbook", body, key=key, **arguments)


@blueprint.route("/clients/<client>/playbooks/<key>", methods=["DELETE"], parameters=[KEY_PARAMETER])
@requires("definitions:write")
@blueprint.response(204)
def delete_playbook(client: Client, key: str) -> Response:
    """Retire a playbook now; what was judged under it stays as it is."""
    versions.lock_definitions(session(), client)
    check_if_match(find_version(client, "playbook", key))
    versions.retire(session(), client, kind="playbook", key=key)
    return Response(status=204)


@blueprint.route("/clients/<client>/scorecards")
@requires("definitions:read")
@blueprint.arguments(ScorecardPageArguments, location="query")
@blueprint.response(200, VersionPageSchema)
def list_scorecards(arguments: dict[str, Any], client: Client) -> Any:
    """List the client's scorecards by key, each with its newest version."""
    statement = select_versions(client, "scorecard", arguments.pop("state", None))
    page = page_of(session(), statement, [Definition.key], **arguments)
    return linked(page, page.data)


@blueprint.route("/clients/<client>/scorecards", methods=["POST"])
@requires("definitions:write")
@json_body(BundleScorecardSchema)
@blueprint.response(201, ScorecardVersionSchema)
def create_scorecard(body: dict[str, Any], client: Client) -> Response:
    """Start a new scorecard with a draft."""
    draft = versions.start_draft(session(), client, kind="scorecard", key=body["key"], body=body)
    answer = version_response(ScorecardVersionSchema, draft, 201)
    answer.headers["Location"] = url_for(".get_scorecard", client=client.slug, key=draft.key)
    return answer


@blueprint.route("/clients/<client>/scorecards/<key>", parameters=[KEY_PARAMETER])
@requires("definitions:read")
@blueprint.arguments(ScorecardVersionArguments, location="query")
@blueprint.response(200, ScorecardVersionSchema)
def get_scorecard(arguments: dict[str, Any], client: Client, key: str) -> Response:
    """Read a scorecard: its newest version, a numbered one, the draft or the published one."""
    found = version_queries.version_of(
        session(), client_id=client.client_id, kind="scorecard", key=key, **arguments
    )
    return version_response(ScorecardVersionSchema, found)


@blueprint.route("/clients/<client>/scorecards/<key>", methods=["PUT"], parameters=[KEY_PARAMETER])
@requires("definitions:write")
@json_body(ScorecardSchema)
@blueprint.response(200, ScorecardVersionSchema)
@blueprint.alt_response(201, schema=ScorecardVersionSchema, success=True)
def put_scorecard(body: dict[str, Any], client: Client, key: str) -> Response:
    """Save the draft of a scorecard; it judges nothing before it is published."""
    versions.lock_definitions(session(), client)
    before = version_queries.newest_version(session(), client_id=client.client_id, kind="scorecard", key=key)
    check_if_match(before)
    draft = versions.save_draft(session(), client, kind="scorecard", key=key, body=body)
    return version_response(ScorecardVersionSchema, draft, 200 if before else 201)


@blueprint.route("/clients/<client>/scorecards/<key>/validate", methods=["POST"], parameters=[KEY_PARAMETER])
@requires("definitions:write")
@blueprint.response(200, ValidationSchema)
def validate_scorecard(client: Client, key: str) -> Any:
    """Say everything that keeps the newest version from being published."""
    found = version_queries.version_of(session(), client_id=client.client_id, kind="scorecard", key=key)
    faults = faults_of("scorecard", found.body)
    return {"valid": not faults, "version": found.version, "errors": faults}


@blueprint.route("/clients/<client>/scorecards/<key>/publish", methods=["POST"], parameters=[KEY_PARAMETER])
@requires("definitions:write")
@json_body(PublicationSchema, needed=False)
@blueprint.response(200, ScorecardVersionSchema)
def publish_scorecard(body: dict[str, Any], client: Client, key: str) -> Response:
    """Put the draft in force, from now on or from a moment on; it never changes afterwards."""
    published = versions.publish(session(), client, kind="scorecard", key=key, **body)
    return version_response(ScorecardVersionSchema, published)


@blueprint.route("/clients/<client>/scorecards/<key>/versions", parameters=[KEY_PARAMETER])
@requires("definitions:read")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, VersionPageSchema)
def list_scorecard_versions(arguments: dict[str, Any], client: Client, key: str) -> Any:
    """List the versions of a scorecard, newest first."""
    version_queries.version_of(session(), client_id=client.client_id, kind="scorecard", key=key)
    statement = version_queries.of_key(client_id=client.client_id, kind="scorecard", key=key)
    page = page_of(session(), statement, [Definition.version], descending=True, **arguments)
    return linked(page, page.data)


@blueprint.route("/clients/<client>/scorecards/<key>/differences", parameters=[KEY_PARAMETER])
@requires("definitions:read")
@blueprint.arguments(DifferenceArguments, location="query")
@blueprint.response(200, DifferencesSchema)
def compare_scorecard_versions(arguments: dict[str, Any], client: Client, key: str) -> Any:
    """Say what a version of a scorecard changes, by default the newest against the published one."""
    place: dict[str, Any] = {"client_id": client.client_id, "kind": "scorecard", "key": key}
    after = version_queries.version_of(session(), **place, version=arguments.get("version"))
    before = version_queries.compared_version(session(), **place, against=arguments.get("against"))
    found = differences(before.body if before else {}, after.body)
    against = before.version if before else None
    return {"version": after.version, "against": against, "differences": found}


@blueprint.route("/clients/<client>/scorecards/<key>/retire", methods=["POST"], parameters=[KEY_PARAMETER])
@requires("definitions:write")
@blueprint.response(200, ScorecardVersionSchema)
def retire_scorecard(client: Client, key: str) -> Response:
    """End a scorecard now; what was judged under it stays as it is, and a draft of it too."""
    retired = versions.retire(session(), client, kind="scorecard", key=key)
    return version_response(ScorecardVersionSchema, retired)
