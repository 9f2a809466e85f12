"""Shared parts of the definition endpoints: selecting a version, preconditions, responses."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, jsonify, request
from marshmallow import Schema
from sqlalchemy import Select, select
from werkzeug.exceptions import RequestEntityTooLarge

from scorecards.authoring import version_queries, versions
from scorecards.authoring.bundle import Bundle, read_bundle
from scorecards.authoring.models import SINGLE, Definition
from scorecards.authoring.route_schemas import BUNDLE_TYPES
from scorecards.authoring.yaml_documents import MAX_BYTES
from scorecards.sampling import inclusion
from scorecards.sampling import policy as sampling_policy
from tenants.access import session
from tenants.http.contract import JSON_TYPES, StaleVersion, body_of, check_match, decoded, tag_of, tagged
from tenants.http.faults import Fault, Invalid, NotFound
from tenants.models import Client

# Assumed share of interactions that match each term, as no dry run over the client's data has been made.
ASSUMED_SHARE = 0.1


def version_response(schema: type[Schema], definition: Definition, status: int = 200) -> Response:
    """Return a version as a response with its entity tag."""
    body = dict(schema().dump(definition))
    if definition.kind == "sampling_policy":
        body["warnings"] = policy_warnings(definition.body)
    response = jsonify(body)
    response.status_code = status
    return tagged(response, tag_of(definition.definition_id, definition.revision))


def policy_warnings(body: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return warnings about a sampling policy under which estimates are unreliable (see `ASSUMED_SHARE`)."""
    policy = sampling_policy.from_body(body)
    mean = inclusion.expected_mean(policy, dict.fromkeys(sampling_policy.CONDITIONS, ASSUMED_SHARE))
    warning = inclusion.floor_warning(policy, mean)
    if warning is None:
        return []
    return [{"code": "below_floor", "detail": f"If a tenth of all interactions matched each term: {warning}"}]


def find_version(client: Client, kind: str, key: str = SINGLE, version: int | None = None) -> Definition:
    """Return a numbered version of a definition, or the open-ended published one."""
    if version is not None:
        return version_queries.version_of(
            session(), client_id=client.client_id, kind=kind, key=key, version=version
        )
    found = version_queries.open_ended_version(session(), client_id=client.client_id, kind=kind, key=key)
    if found is None:
        raise NotFound(version_queries.noun(kind))
    return found


def put_version(
    schema: type[Schema],
    client: Client,
    kind: str,
    body: Mapping[str, Any],
    *,
    key: str = SINGLE,
    effective_from: datetime | None = None,
) -> Response:
    """Publish a body, unless `If-Match` names another version than the present one."""
    versions.lock_definitions(session(), client)
    check_if_match(
        version_queries.open_ended_version(session(), client_id=client.client_id, kind=kind, key=key)
    )
    try:
        definition, outcome = versions.put_in_force(
            session(), client, kind=kind, key=key, body=body, effective_from=effective_from
        )
    except Invalid as error:
        raise Invalid(_in_query(fault) for fault in error.faults) from error
    return version_response(schema, definition, 201 if outcome == "created" else 200)


def _in_query(fault: Fault) -> Fault:
    return fault.under("/query") if fault.pointer == "/effective_from" else fault


def check_if_match(present: Definition | None) -> None:
    """Raise StaleVersion unless `If-Match` is absent or names the present version.

    The definitions have to be locked, or another request could change them after this check.
    """
    if present is not None:
        check_match(tag_of(present.definition_id, present.revision))
    elif "If-Match" in request.headers:
        raise StaleVersion


def select_versions(client: Client, kind: str, state: str | None) -> Select[Definition]:
    """Return the statement that selects one version of each key: draft, open-ended, or newest."""
    if state is None:
        return version_queries.newest_of_kind(client_id=client.client_id, kind=kind)
    in_state = (Definition.state == "draft",) if state == "draft" else version_queries.OPEN_ENDED
    return select(Definition).where(
        Definition.client_id == client.client_id, Definition.kind == kind, *in_state
    )


def bundle_of_request(**_: Any) -> Bundle:
    """Return the bundle in the request.

    Raises
    ------
    Invalid
        With every fault in every part.
    """
    return read_bundle(_bundle_text())


def _bundle_text() -> str:
    """Return the bundle in the request as text.

    Raises
    ------
    Invalid
        When the bytes are not UTF-8, or not JSON although the media type is.
    RequestEntityTooLarge
        When it exceeds `MAX_BYTES`.
    """
    content = body_of(BUNDLE_TYPES)
    if request.mimetype in JSON_TYPES and len(content) <= MAX_BYTES:
        decoded(content)
    return bundle_from_bytes(content)


def bundle_from_bytes(content: bytes) -> str:
    """Return a bundle as text.

    Raises
    ------
    Invalid
        When the bytes are not UTF-8.
    RequestEntityTooLarge
        When it exceeds `MAX_BYTES`.
    """
    if len(content) > MAX_BYTES:
        raise RequestEntityTooLarge(f"A bundle has at most {MAX_BYTES // 1024} KiB.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        detail = f"The document is not UTF-8 at byte {error.start}."
        raise Invalid([Fault("", "bad_text", detail)]) from error
