"""Signing in with an identity provider."""

import hmac
from dataclasses import asdict
from typing import Any
from uuid import UUID

import structlog
from flask import Response, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from sqlalchemy.orm import Session

from qm.console.blueprint import blueprint
from qm.console.page_access import remember
from qm.console.pages.sign_in import device_name, own_address
from tenants import clients, sign_in
from tenants.access import access_guard, count_address, public, public_address
from tenants.http.faults import Conflict, NotFound
from tenants.isolation import transaction
from tenants.sso.configuration import load_identity_provider
from tenants.sso.encryption import decrypted
from tenants.sso.models import IdentityProvider
from tenants.sso.people import NotLetIn, person_of_claims
from tenants.sso.protocol import (
    Attempt,
    Registration,
    SingleSignOnError,
    authorization_address,
    verified_claims,
)

log = structlog.get_logger(__name__)
_PENDING = "single_sign_on"


@blueprint.route("/sign-in/<tenant>/with/<uuid:identity_provider_id>")
@public
def sign_in_with(tenant: str, identity_provider_id: UUID) -> Any:
    """Send the browser to an identity provider."""
    count_address()
    attempt = Attempt.new()
    try:
        with transaction(access_guard().engine) as opened:
            clients.enter_tenant(opened, tenant)
            registration = _registration(load_identity_provider(opened, identity_provider_id))
        address = authorization_address(registration, attempt, _redirect_uri())
    except (SingleSignOnError, Conflict) as error:
        return _refused(tenant, error, 502)
    # Only now: what was begun before is forgotten, and this browser alone can finish it.
    cookie[_PENDING] = {
        **asdict(attempt),
        "tenant": tenant,
        "provider": str(identity_provider_id),
        "to": own_address(request.args.get("to")),
    }
    answer: Response = make_response(redirect(address, 303))
    return answer


@blueprint.route("/single-sign-on/callback")
@public
def single_sign_on_callback() -> Any:
    """Take what the identity provider says of somebody, and sign them in."""
    count_address()
    pending = cookie.pop(_PENDING, None)
    if not pending or not hmac.compare_digest(
        request.args.get("state", "").encode(), pending["state"].encode()
    ):
        raise NotFound("sign-in that was begun in this browser; begin again")
    tenant, provider_id = pending["tenant"], UUID(pending["provider"])
    attempt = Attempt(pending["state"], pending["nonce"], pending["verifier"])
    try:
        with transaction(access_guard().engine) as opened:
            clients.enter_tenant(opened, tenant)
            registration = _registration(load_identity_provider(opened, provider_id))
        claims = verified_claims(registration, attempt, _redirect_uri(), request.args.get("code"))
        with transaction(access_guard().engine) as opened:
            clients.enter_tenant(opened, tenant)
            secret = _begin(opened, load_identity_provider(opened, provider_id), claims)
    except (SingleSignOnError, Conflict) as error:
        return _refused(tenant, error, 502)
    except NotLetIn as error:
        return _refused(tenant, error, 403)
    remember(secret)
    answer: Response = make_response(redirect(own_address(pending["to"]) or "/", 303))
    return answer


def _begin(opened: Session, provider: IdentityProvider, claims: Any) -> str:
    user = person_of_claims(opened, provider, claims)
    return sign_in.begin_session(opened, user, device=device_name())


def _registration(provider: IdentityProvider) -> Registration:
    secret = decrypted(access_guard().secret_key, provider.oidc_client_secret)
    groups_claim = provider.groups_claim if provider.groups else None
    return Registration(provider.issuer, provider.oidc_client_id, secret, groups_claim)


def _redirect_uri() -> str:
    return f"{public_address()}{url_for('console.single_sign_on_callback')}"


def _refused(tenant: str, error: Exception, status: int) -> Any:
    log.warning("single_sign_on_refused", reason=str(error), cause=type(error.__cause__).__name__)
    return render_template("sso/refused.html", tenant=tenant, error=error, status=status), status
