"""OAuth 2.0 client credentials as RFC 6749, 7009 and 7662 have them, and no more generous."""

import base64

import pytest
from sqlalchemy import text

from tenants.credentials import hashed
from tests.conftest import Caller


@pytest.fixture
def issued(provider):
    return provider.key("clients:read", "reports:read")


@pytest.fixture
def oauth(provider):
    """Post a form to one of the endpoints, with id and secret in the header unless told otherwise."""

    def post(endpoint, issued=None, *, basic=None, **form):
        pair = basic or (issued and f"{issued.client_id}:{issued.client_secret}")
        headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()} if pair else {}
        return provider.http.post(f"/oauth/{endpoint}", data=form, headers=headers)

    return post


@pytest.fixture
def token(oauth, issued):
    return oauth("token", issued, grant_type="client_credentials").json["access_token"]


def in_form(issued):
    return {"client_id": issued.client_id, "client_secret": issued.client_secret}


def me(provider, bearer):
    return Caller(provider.http, bearer).get("/v1/me")


def test_token_requested_by_basic_auth_carries_credential_scopes(provider, oauth, issued):
    answer = oauth("token", issued, grant_type="client_credentials")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["token_type"] == "Bearer"
    assert answer.json["expires_in"] == 900
    assert answer.json["scope"].split() == ["clients:read", "reports:read"]
    assert set(answer.json) == {"token_type", "access_token", "expires_in", "scope"}
    assert me(provider, answer.json["access_token"]).json["scopes"] == ["clients:read", "reports:read"]


def test_token_requested_by_form_credentials_is_accepted(provider, oauth, issued):
    answer = oauth("token", grant_type="client_credentials", **in_form(issued))

    assert me(provider, answer.json["access_token"]).status_code == 200


def test_token_endpoint_accepts_plain_http_and_any_host(provider, issued):
    answer = provider.http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials", **in_form(issued)},
        base_url="http://qm.internal:8000",
    )

    assert answer.status_code == 200


def test_token_is_limited_to_requested_narrower_scope(provider, oauth, issued):
    answer = oauth("token", issued, grant_type="client_credentials", scope="clients:read")

    assert answer.json["scope"] == "clients:read"
    assert me(provider, answer.json["access_token"]).json["scopes"] == ["clients:read"]


def test_token_scope_is_reduced_to_credential_scopes(provider, oauth, issued):
    answer = oauth("token", issued, grant_type="client_credentials", scope="clients:read admin")

    assert answer.json["scope"] == "clients:read"
    assert me(provider, answer.json["access_token"]).json["scopes"] == ["clients:read"]


@pytest.mark.parametrize(
    "scope", ["admin", "nonsense", "clients:read nonsense", "CLIENTS:READ", "*", "clients:read\x00"]
)
def test_token_request_rejects_unknown_or_ungranted_scope(oauth, issued, scope):
    answer = oauth("token", issued, grant_type="client_credentials", scope=scope)

    assert (answer.status_code, answer.json["error"]) == (400, "invalid_scope")


def wrong_pairs(issued):
    random = "0190b2a5-0000-7000-8000-000000000000"
    return [
        f"{issued.client_id}:wrong",
        f"{issued.client_id}:",
        f"{issued.client_id}",
        f"{issued.client_id}:{issued.key}",
        f"{random}:{issued.client_secret}",
        "nobody:nothing",
        ":",
        "\x00:\x00",
        "é:ü",
    ]


def test_wrong_secret_is_indistinguishable_from_unknown_client(oauth, issued):
    answers = [oauth("token", basic=pair, grant_type="client_credentials") for pair in wrong_pairs(issued)]
    answers += [
        oauth("token", grant_type="client_credentials", client_id=pair.split(":")[0], client_secret="x")
        for pair in wrong_pairs(issued)
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.data for answer in answers}) == 1
    assert answers[0].json == {"error": "invalid_client"}
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {'Basic realm="qm"'}


@pytest.mark.parametrize("endpoint", ["introspect", "revoke"])
def test_introspect_and_revoke_require_token_parameter(oauth, issued, endpoint):
    answer = oauth(endpoint, issued)

    assert (answer.status_code, answer.json) == (400, {"error": "invalid_request"})


@pytest.mark.parametrize(
    "header", ["Basic", "Basic ", "Basic !!!", "Basic /////w==", "Bearer x", "Basic " + "A" * 100_000]
)
def test_malformed_authorization_header_returns_invalid_client(provider, header):
    for endpoint in ("token", "introspect", "revoke"):
        answer = provider.http.post(
            f"/oauth/{endpoint}", data={"grant_type": "client_credentials"}, headers={"Authorization": header}
        )
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


def test_id_and_secret_in_the_address_are_not_read(provider, issued):
    answer = provider.http.post(
        "/oauth/token", query_string={"grant_type": "client_credentials", **in_form(issued)}
    )
    half = provider.http.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, query_string=in_form(issued)
    )

    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    assert (half.status_code, half.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "grant",
    [
        "password",
        "implicit",
        "",
        "\x00",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
    ],
)
def test_other_grants_are_refused(oauth, issued, grant):
    answer = oauth("token", issued, grant_type=grant)

    assert (answer.status_code, answer.json["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token"])
def test_grants_of_apps_are_refused_to_machines(oauth, issued, grant):
    answer = oauth("token", issued, grant_type=grant, code="x", refresh_token="x")

    assert (answer.status_code, answer.json["error"]) == (400, "invalid_client")


@pytest.mark.parametrize("form", [{}, {"grant_type": ["client_credentials", "password"]}])
def test_a_missing_or_repeated_grant_is_an_invalid_request(oauth, issued, form):
    answer = oauth("token", issued, **form)

    assert (answer.status_code, answer.json) == (400, {"error": "invalid_request"})


def test_a_form_sent_as_json_is_not_read(provider, issued):
    body = {"grant_type": "client_credentials", **in_form(issued)}

    assert provider.http.post("/oauth/token", json=body).status_code == 400


@pytest.mark.parametrize("endpoint", ["token", "introspect", "revoke"])
@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_oauth_endpoints_allow_post_only(provider, endpoint, method):
    answer = getattr(provider.http, method)(f"/oauth/{endpoint}")

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


@pytest.mark.parametrize("change", ["revoked_at = now()", "expires_at = now() - interval '1 second'"])
def test_revoked_or_expired_credential_gets_no_token_and_loses_tokens(provider, oauth, issued, token, change):
    with provider.session() as session:
        session.execute(text(f"update credentials set {change}"))

    answer = oauth("token", issued, grant_type="client_credentials")

    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert me(provider, token).status_code == 401


def test_a_disabled_persons_credential_gets_no_token(provider, oauth):
    issued = provider.key("clients:read", user=provider.add_user("reviewer"))
    with provider.session() as session:
        session.execute(text("update users set disabled_at = now()"))

    assert oauth("token", issued, grant_type="client_credentials").status_code == 401


def test_revoking_a_credential_over_http_ends_its_tokens(provider, issued, token):
    assert me(provider, token).status_code == 200
    gone = provider.caller("admin").delete(f"/v1/credentials/{issued.client_id}")

    assert gone.status_code == 200
    assert me(provider, token).status_code == 401


def test_expired_token_is_rejected_and_inactive(provider, oauth, issued, token):
    with provider.session() as session:
        session.execute(text("update access_tokens set expires_at = now()"))

    assert me(provider, token).status_code == 401
    assert oauth("introspect", issued, token=token).json == {"active": False}


def test_expired_tokens_are_deleted_on_next_issue(provider, oauth, issued, token):
    with provider.session() as session:
        session.execute(text("update access_tokens set expires_at = now() - interval '2 days'"))
    oauth("token", issued, grant_type="client_credentials")

    with provider.session() as session:
        assert session.scalar(text("select count(*) from access_tokens")) == 1


def test_a_token_is_stored_as_its_digest_only(provider, token):
    with provider.session() as session:
        row = session.execute(text("select *, access_tokens::text as whole from access_tokens")).one()

    assert bytes(row.token_hash) == hashed(token)
    assert token not in row.whole
    assert token.removeprefix("qm_token_").encode().hex() not in row.whole


def test_keys_and_secrets_are_stored_as_digests_only(provider, issued):
    with provider.session() as session:
        stored = session.scalar(text("select credentials::text from credentials"))

    assert issued.key not in stored
    assert issued.client_secret not in stored
    assert issued.key[:16] in stored


def test_introspection_describes_an_own_token(oauth, issued, token):
    answer = oauth("introspect", issued, token=token).json

    assert answer.pop("exp") - answer.pop("iat") == 900
    assert answer == {
        "active": True,
        "scope": "clients:read reports:read",
        "client_id": issued.client_id,
        "token_type": "Bearer",
    }


def test_foreign_token_is_inactive_and_cannot_be_revoked(provider, make_provider, oauth, issued, token):
    strangers = [provider.key("clients:read"), make_provider("theirs").key("clients:read")]

    for stranger in strangers:
        assert oauth("introspect", stranger, token=token).json == {"active": False}
        assert oauth("revoke", stranger, token=token).status_code == 200
    assert oauth("introspect", issued, token="unknown").json == {"active": False}
    assert me(provider, token).status_code == 200


def test_an_own_token_can_be_revoked_and_revoked_again(provider, oauth, issued, token):
    first, second = oauth("revoke", issued, token=token), oauth("revoke", issued, token=token)

    assert (first.status_code, first.json) == (second.status_code, second.json) == (200, {})
    assert me(provider, token).status_code == 401


@pytest.mark.parametrize("endpoint", ["introspect", "revoke"])
def test_bearer_token_cannot_authenticate_introspect_or_revoke(provider, endpoint, token):
    answer = Caller(provider.http, token).post(f"/oauth/{endpoint}", data={"token": token})

    assert (answer.status_code, answer.json) == (401, {"error": "invalid_client"})
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_introspect_reports_api_key_inactive(oauth, issued):
    assert oauth("introspect", issued, token=issued.key).json == {"active": False}


def test_a_token_of_a_bound_credential_sees_its_clients_only(provider, oauth):
    issued = provider.key("clients:read", bound_to=("contoso",))
    answer = oauth("token", issued, grant_type="client_credentials")

    clients = me(provider, answer.json["access_token"]).json["clients"]
    assert [client["slug"] for client in clients] == ["contoso"]


def test_token_issue_and_revocation_are_audited(provider, oauth, issued, token):
    oauth("revoke", issued, token=token)
    with provider.session() as session:
        rows = session.execute(
            text("select action, actor, details::text from audit_entries order by number desc")
        )
        revoked, made = rows.all()[:2]

    assert (revoked.action, made.action) == ("token.revoked", "token.issued")
    assert revoked.actor == made.actor == f"credential:{issued.client_id}"
    assert token not in made.details + revoked.details


def test_token_response_has_rate_limit_header(oauth, issued):
    assert "RateLimit" in oauth("token", issued, grant_type="client_credentials").headers


def test_authorization_server_metadata_lists_supported_features(provider):
    document = provider.http.get("/.well-known/oauth-authorization-server").json
    methods = ["client_secret_basic", "client_secret_post", "none"]

    assert document["authorization_endpoint"] == "http://localhost/oauth/authorize"
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["issuer"] == "http://localhost"
    assert document["token_endpoint"] == "http://localhost/oauth/token"
    assert document["grant_types_supported"] == ["client_credentials", "authorization_code", "refresh_token"]
    assert document["token_endpoint_auth_methods_supported"] == methods
    assert document["response_types_supported"] == ["code"]
    assert "admin" in document["scopes_supported"]


def test_a_parameter_in_the_address_is_an_invalid_request(provider, issued):
    form = {"grant_type": "client_credentials", **in_form(issued)}
    answer = provider.http.post("/oauth/token?scope=reports:read", data=form)

    assert (answer.status_code, answer.json) == (400, {"error": "invalid_request"})


@pytest.mark.parametrize("endpoint", ["token", "revoke", "introspect"])
@pytest.mark.parametrize(
    "twice", ["scope", "grant_type", "client_id", "client_secret", "token", "resource", "token_type_hint"]
)
def test_a_parameter_that_comes_twice_is_an_invalid_request(provider, issued, endpoint, twice):
    form = {"grant_type": "client_credentials", "token": "x", **in_form(issued)}
    form[twice] = [form.get(twice, "clients:read")] * 2
    answer = provider.http.post(f"/oauth/{endpoint}", data=form)

    assert (answer.status_code, answer.json) == (400, {"error": "invalid_request"})


@pytest.mark.parametrize("endpoint", ["token", "revoke", "introspect"])
@pytest.mark.parametrize(
    "more",
    [
        in_form,
        lambda issued: {"client_secret": issued.client_secret},
        lambda _: {"client_secret": "wrong"},
        lambda _: {"client_id": "0190b2a5-0000-7000-8000-000000000000"},
    ],
)
def test_credentials_in_header_and_form_at_once_are_an_invalid_request(oauth, issued, endpoint, more):
    answer = oauth(endpoint, issued, grant_type="client_credentials", token="x", **more(issued))

    assert (answer.status_code, answer.json) == (400, {"error": "invalid_request"})


def test_a_bearer_beside_credentials_in_the_form_is_an_invalid_request(provider, issued):
    form = {"grant_type": "client_credentials", **in_form(issued)}
    answer = provider.http.post("/oauth/token", data=form, headers={"Authorization": f"Bearer {issued.key}"})

    assert (answer.status_code, answer.json) == (400, {"error": "invalid_request"})


def test_the_same_client_id_in_the_form_and_an_empty_parameter_do_no_harm(oauth, issued):
    answer = oauth("token", issued, grant_type="client_credentials", client_id=issued.client_id, scope="")

    assert answer.status_code == 200
