"""OpenID Connect, authorization code flow with PKCE: what is asked of an identity provider.

Nothing here has a database transaction: an identity provider that is slow or away holds nobody else up. What
it answers is believed only as far as its signature, issuer, audience, times and nonce are verified.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tenants.sso.configuration import is_safe_address

_TIMEOUT_SECONDS = 5.0
_MAX_BYTES = 512 * 1024
_MOST_ECHOED = 200
_LEEWAY_SECONDS = 60
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_SCOPE = "openid email profile"


class SingleSignOnError(Exception):
    """The identity provider is away, answers nonsense, or refuses; nothing was done."""


@dataclass(frozen=True, slots=True)
class Registration:
    """How we are known at an identity provider."""

    issuer: str
    client_id: str
    client_secret: str
    groups_claim: str | None = None
    """The claim that userinfo is asked for where the id token lacks it; None where no group matters."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What this browser must bring back; kept in its signed cookie."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Attempt":
        """Return one that nobody can guess."""
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(64))


def authorization_address(registration: Registration, attempt: Attempt, redirect_uri: str) -> str:
    """Return where the browser goes to sign in.

    Raises
    ------
    SingleSignOnError
        When the identity provider does not say where.
    """
    with _http() as http:
        metadata = _metadata(http, registration.issuer)
    address = prepare_grant_uri(
        metadata["authorization_endpoint"],
        registration.client_id,
        "code",
        redirect_uri=redirect_uri,
        scope=_SCOPE,
        state=attempt.state,
        nonce=attempt.nonce,
        code_challenge=create_s256_code_challenge(attempt.verifier),
        code_challenge_method="S256",
    )
    return str(address)


def verified_claims(
    registration: Registration, attempt: Attempt, redirect_uri: str, code: str | None
) -> Mapping[str, Any]:
    """Exchange a code and return the claims of the id token, with the groups of the userinfo endpoint.

    Raises
    ------
    SingleSignOnError
        When there is no code, it is refused, or the token is not what it has to be.
    """
    if not code:
        raise SingleSignOnError("It let nobody in.")
    with _http() as http:
        metadata = _metadata(http, registration.issuer)
        keys = _json(http, metadata["jwks_uri"])
        token = _exchanged(
            http, metadata, registration, verifier=attempt.verifier, redirect_uri=redirect_uri, code=code
        )
        claims = _checked(registration, attempt, str(token.get("id_token", "")), keys)
        return _with_groups(http, registration, metadata, token, claims)


def _with_groups(
    http: httpx.Client,
    registration: Registration,
    metadata: Mapping[str, Any],
    token: Mapping[str, Any],
    claims: Mapping[str, Any],
) -> Mapping[str, Any]:
    """Return the claims with the groups that only the userinfo endpoint tells (OpenID Connect Core, 5.3)."""
    wanted, address = registration.groups_claim, metadata.get("userinfo_endpoint")
    if wanted is None or wanted in claims or address is None:
        return claims
    if not isinstance(address, str) or not is_safe_address(address):
        raise SingleSignOnError("It does not say a usable userinfo_endpoint.")
    told = _json(http, address, bearer=str(token.get("access_token", "")))
    if told.get("sub") != claims["sub"]:  # 5.3.2: of somebody else, it must not be used
        raise SingleSignOnError("The userinfo endpoint tells of somebody else.")
    return {**claims, wanted: told[wanted]} if wanted in told else claims


def _exchanged(
    http: httpx.Client,
    metadata: Mapping[str, Any],
    registration: Registration,
    *,
    verifier: str,
    redirect_uri: str,
    code: str,
) -> Mapping[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    known = {"client_id": registration.client_id, "client_secret": registration.client_secret}
    methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if "client_secret_basic" in methods:  # both parts are encoded as in a form (RFC 6749, 2.3.1)
        auth = httpx.BasicAuth(*(quote_plus(part) for part in known.values()))
        return _json(http, metadata["token_endpoint"], data=form, auth=auth)
    return _json(http, metadata["token_endpoint"], data={**form, **known})


def _checked(
    registration: Registration, attempt: Attempt, id_token: str, keys: Mapping[str, Any]
) -> Mapping[str, Any]:
    rules = jwt.JWTClaimsRegistry(
        leeway=_LEEWAY_SECONDS,
        iss={"essential": True, "value": registration.issuer},
        aud={"essential": True, "value": registration.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": attempt.nonce},
    )
    try:
        read = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=list(_ALGORITHMS))  # type: ignore[arg-type]
        rules.validate(read.claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise SingleSignOnError("The id token is not valid.") from error
    audience = read.claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and read.claims.get("azp") != registration.client_id:
        raise SingleSignOnError("The id token is for somebody else.")
    if not isinstance(read.claims["sub"], str) or not 0 < len(read.claims["sub"]) <= 255:
        raise SingleSignOnError("The id token names nobody.")
    return read.claims


def _http() -> httpx.Client:
    return httpx.Client(timeout=_TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)


def _metadata(http: httpx.Client, issuer: str) -> Mapping[str, Any]:
    """Return the provider's own description (OpenID Connect Discovery 1.0, 4)."""
    metadata = _json(http, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if metadata.get("issuer") != issuer:
        named = str(metadata.get("issuer"))[:_MOST_ECHOED]
        raise SingleSignOnError(f"It names itself '{named}', but '{issuer}' is set up as its issuer.")
    for name in _ENDPOINTS:
        if not isinstance(metadata.get(name), str) or not is_safe_address(metadata[name]):
            raise SingleSignOnError(f"It does not say a usable {name}.")
    return metadata


def _json(http: httpx.Client, address: str, *, bearer: str | None = None, **sent: Any) -> Mapping[str, Any]:
    headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
    try:
        with http.stream("POST" if sent else "GET", address, headers=headers, **sent) as answer:
            answer.raise_for_status()
            body = b""
            for part in answer.iter_bytes():
                body += part
                if len(body) > _MAX_BYTES:
                    raise SingleSignOnError("It answers more than anybody reads.")
        read = httpx.Response(200, content=body).json()
    except httpx.HTTPStatusError as error:
        raise SingleSignOnError(_refusal(error.response)) from error
    except httpx.TransportError as error:
        raise SingleSignOnError(f"{_host(address)} cannot be reached, or breaks off.") from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise SingleSignOnError("It does not answer as it should.") from error
    if not isinstance(read, dict):
        raise SingleSignOnError("It does not answer as it should.")
    return read


def _host(address: str) -> str:
    return httpx.URL(address).netloc.decode()


def _refusal(answer: httpx.Response) -> str:
    """Say what a status means; that the secret is wrong is answered with 401 (RFC 6749, 5.2)."""
    is_token = answer.request.method == "POST"
    if is_token and answer.status_code == httpx.codes.UNAUTHORIZED:
        return "It refuses the client id or the client secret that are set up for it."
    if is_token and answer.status_code == httpx.codes.BAD_REQUEST:
        return (
            "It does not exchange its code: begin again; if that does not help, the client id, the client "
            "secret or the redirect address that are set up there and here differ."
        )
    return f"{_host(str(answer.request.url))} answers with status {answer.status_code}."
