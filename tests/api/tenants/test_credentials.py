"""Credentials and users over HTTP: no privilege escalation, secrets shown once, immediate revocation."""

import uuid

import pytest

from tests.conftest import Caller


@pytest.fixture
def admin(provider):
    return provider.caller()


def made(admin, **body):
    return admin.post("/v1/credentials", json={"name": "k", "scopes": ["clients:read"], **body})


def faults(answer):
    assert answer.status_code == 422, answer.json
    return {(fault["pointer"], fault["code"]) for fault in answer.json["errors"]}


def test_a_new_key_works_and_its_secrets_are_listed_nowhere(provider, admin):
    answer = made(admin)
    listed = admin.get("/v1/credentials")

    assert Caller(provider.http, answer.json["key"]).get("/v1/me").status_code == 200
    assert answer.json["key"].startswith("qm_live_")
    assert answer.json["key"].startswith(answer.json["prefix"])
    assert answer.json["key"] not in listed.text
    assert answer.json["client_secret"] not in listed.text
    assert "hash" not in listed.text


def test_non_live_key_has_qm_test_prefix(admin):
    assert made(admin, live=False).json["key"].startswith("qm_test_")


def test_caller_cannot_grant_scope_beyond_own(provider):
    admin = provider.caller("admin", "clients:read")

    assert faults(made(admin, scopes=["clients:read", "reports:read"])) == {("/scopes", "beyond_own")}


def test_caller_cannot_create_user_with_role_beyond_own(provider):
    body = {"email": "a@example.com", "name": "A", "role": "qm_manager"}

    assert faults(provider.caller("admin").post("/v1/users", json=body)) == {("/role", "beyond_own")}


def test_admin_scope_cannot_be_bound_to_client(admin):
    answer = made(admin, scopes=["admin"], clients=["northwind"])

    assert faults(answer) == {("/scopes", "admin_is_unbound")}


@pytest.mark.parametrize("scope", ["clients:write", "reports:read"])
def test_admin_scope_is_required_for_credentials_users_and_audit_log(provider, scope):
    caller = provider.caller(scope, bound_to=("northwind",))

    assert made(caller).status_code == 403
    assert caller.post("/v1/users", json={}).status_code == 403
    assert caller.get("/v1/audit").status_code == 403
    assert caller.get("/v1/credentials").status_code == 403


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"scopes": []}, {("/scopes", "wrong_length")}),
        ({"scopes": ["nonsense"]}, {("/scopes/0", "not_allowed")}),
        (
            {"clients": ["northwind", "nobody", "else"]},
            {("/clients/1", "unknown_client"), ("/clients/2", "unknown_client")},
        ),
        ({"user": str(uuid.uuid4())}, {("/user", "unknown_person")}),
        ({"user": "x"}, {("/user", "wrong_type")}),
        ({"expires_at": "2020-01-01T00:00:00Z"}, {("/expires_at", "in_the_past")}),
        ({"expires_at": "2030-01-01T00:00:00"}, {("/expires_at", "wrong_type")}),
        ({"expires_at": "9999-12-31T23:59:59-12:00"}, {("/expires_at", "out_of_range")}),
        ({"expires_at": "0001-01-01T00:00:00+14:00"}, {("/expires_at", "in_the_past")}),
        ({"name": "a\x00"}, {("/name", "unclean_text")}),
        ({"bound": False, "key_hash": "x"}, {("/bound", "unknown_field"), ("/key_hash", "unknown_field")}),
    ],
)
def test_create_credential_rejects_invalid_body(admin, body, expected):
    assert faults(made(admin, **body)) == expected


def test_faults_of_shape_hide_no_other_fault_of_a_credential(provider, admin):
    person = provider.add_user("agent")
    body = {"by": "me", "name": "", "clients": ["nobody"], "expires_at": "2020-01-01T00:00:00Z"}

    alone = made(admin, **body, user=str(uuid.uuid4()))
    for_a_person = made(admin, **body, scopes=["reports:read"], user=str(person.user_id))
    unreadable = made(admin, **body, scopes=["nonsense", "reports:read"], user=str(person.user_id))

    shape = {("/by", "unknown_field"), ("/name", "wrong_length")}
    known = {*shape, ("/clients/0", "unknown_client"), ("/expires_at", "in_the_past")}
    assert faults(alone) == {*known, ("/user", "unknown_person")}
    assert faults(for_a_person) == {*known, ("/scopes/0", "scope_beyond_role")}
    assert faults(unreadable) == {*known, ("/scopes/0", "not_allowed")}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            {"role": "admin", "clients": ["nobody"]},
            {("/clients", "admin_is_unbound"), ("/clients/0", "unknown_client")},
        ),
        ({"role": "client_stakeholder"}, {("/clients", "required")}),
        ({"role": "client_stakeholder", "clients": "northwind"}, {("/clients", "wrong_type")}),
        (
            {"role": "king", "clients": ["nobody"]},
            {("/role", "not_allowed"), ("/clients/0", "unknown_client")},
        ),
        ({"role": "reviewer", "email": "nobody"}, {("/email", "wrong_type")}),
        ({"role": "reviewer", "name": "  "}, {("/name", "bad_name")}),
        ({}, {("/role", "required")}),
    ],
)
def test_faults_of_shape_hide_no_other_fault_of_a_person(admin, body, expected):
    answer = admin.post("/v1/users", json={"email": "s@example.com", "name": "S", "by": "me", **body})

    assert faults(answer) == {("/by", "unknown_field"), *expected}


def test_create_credential_accepts_duplicate_clients(provider, admin):
    northwind = str(provider.clients["northwind"].client_id)
    answer = made(admin, clients=["northwind", northwind, "northwind"])

    assert (answer.status_code, answer.json["bound"]) == (201, True)


def test_a_key_for_a_person_carries_no_more_than_the_role(provider, admin):
    person = provider.add_user("agent")

    answer = made(admin, scopes=["clients:read", "reports:read"], user=str(person.user_id))

    assert faults(answer) == {("/scopes/1", "scope_beyond_role")}


def test_a_revoked_key_ends_at_once_and_can_be_revoked_again(provider, admin):
    answer = made(admin)
    caller = Caller(provider.http, answer.json["key"])
    assert caller.get("/v1/me").status_code == 200
    first, second = (admin.delete(f"/v1/credentials/{answer.json['id']}") for _ in range(2))

    assert caller.get("/v1/me").status_code == 401
    assert first.json["revoked_at"] == second.json["revoked_at"]


def test_user_email_is_unique_case_insensitively(admin):
    body = {"email": "Ada@Example.com", "name": "Ada", "role": "reviewer"}
    first = admin.post("/v1/users", json=body)
    second = admin.post("/v1/users", json=body | {"email": "ada@example.COM"})

    assert (first.status_code, first.json["email"]) == (201, "ada@example.com")
    assert (second.status_code, second.json["code"]) == (409, "user_exists")


def test_a_stakeholder_belongs_to_a_client(admin):
    body = {"email": "s@example.com", "name": "S", "role": "client_stakeholder"}

    assert faults(admin.post("/v1/users", json=body)) == {("/clients", "required")}


def test_an_admin_is_bound_to_no_client(admin):
    body = {"email": "s@example.com", "name": "S", "role": "admin", "clients": ["northwind"]}

    assert faults(admin.post("/v1/users", json=body)) == {("/clients", "admin_is_unbound")}


def test_provider_cannot_list_or_revoke_credentials_of_other_provider(make_provider):
    mine, theirs = make_provider("a"), make_provider("b")
    admin, issued = mine.caller(), theirs.key("clients:read")
    theirs.add_user("reviewer", email="their@example.com")

    assert admin.delete(f"/v1/credentials/{issued.client_id}").status_code == 404
    assert issued.client_id not in admin.get("/v1/credentials").text
    assert "their@example.com" not in admin.get("/v1/users").text
    assert issued.client_id not in admin.get("/v1/audit").text
    assert Caller(theirs.http, issued.key).get("/v1/me").status_code == 200


def test_issued_credential_is_audited_without_secret(provider, admin):
    answer = made(admin, clients=["northwind"])
    entry = admin.get("/v1/audit").json["data"][0]

    assert (entry["action"], entry["subject"]) == ("credential.issued", f"credential:{answer.json['id']}")
    assert entry["details"] == {
        "name": "k",
        "scopes": ["clients:read"],
        "clients": ["northwind"],
        "user": None,
    }
    assert entry["actor"].startswith("credential:")
    assert answer.json["key"] not in str(entry)


def test_the_log_names_the_person_behind_a_key(provider):
    person = provider.add_user("admin")
    issued = provider.key(user=person)
    Caller(provider.http, issued.key).post("/v1/clients", json={"name": "Fabrikam"})
    made, key = provider.caller("admin").get("/v1/audit?limit=3").json["data"][1:]

    assert made["actor"] == f"user:{person.user_id} credential:{issued.client_id}"
    assert (key["subject"], key["details"]["user"]) == (f"credential:{issued.client_id}", str(person.user_id))


def test_the_log_names_the_person_behind_a_token_and_a_revoked_key(provider):
    person = provider.add_user("admin")
    issued = provider.key(user=person)
    form = {"client_id": issued.client_id, "client_secret": issued.client_secret}
    token = provider.http.post("/oauth/token", data={"grant_type": "client_credentials", **form}).json
    provider.http.post("/oauth/revoke", data={"token": token["access_token"], **form})
    admin = provider.caller("admin")
    admin.delete(f"/v1/credentials/{issued.client_id}")
    revoked, _, ended, made = admin.get("/v1/audit?limit=4").json["data"]

    both = f"user:{person.user_id} credential:{issued.client_id}"
    assert [(entry["action"], entry["actor"]) for entry in (made, ended)] == [
        ("token.issued", both),
        ("token.revoked", both),
    ]
    assert revoked["details"]["user"] == str(person.user_id)
