"""Authentication and authorization: revoked, bound and foreign credentials; foreign and unknown ids."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tenants import clients as client_writes
from tenants.credentials import issue_key
from tenants.isolation import acting_as, transaction
from tenants.models import Client, utc_now
from tenants.roles import ROLES, SCOPES
from tests.conftest import Caller
from tests.database import row_level_security

# Everything that answers without a credential, and why.
PUBLIC = {
    "oauth_token": "Takes a client's id and secret itself.",
    "oauth_revoke": "Takes a client's id and secret itself.",
    "oauth_introspect": "Takes a client's id and secret itself.",
    "oauth_metadata": "Says where the token endpoints are.",
    "static_file": "Style sheets, scripts and icons.",
    "console.sign_in": "Asks for the provider.",
    "console.sign_in_to": "Takes address and password.",
    "console.set_password": "Takes a token that works once.",
    "console.sign_in_with": "Leads to an identity provider.",
    "console.single_sign_on_callback": "Takes what an identity provider says, verified.",
    "console.demo_link": "Signs example people in; nothing outside the demo.",
    "console.recover": "Sends a link, whoever asks.",
    "console.shared_report": "Takes a token, and a password where the link has one.",
    "console.shared_report_style": "Takes the same token; holds two colours.",
    "console.shared_report_logo": "Takes the same token; holds a logo.",
    "openapi": "The contract holds no data.",
    "console.docs": "The contract as pages.",
    "console.docs_topic": "The contract as pages.",
    "docs_try": "The contract as a page.",
    "docs_start": "The contract as a page.",
    "docs_files": "The contract as a page.",
    "healthz": "A probe; says whether the process lives.",
    "readyz": "A probe; says whether the servers answer.",
    "metrics": "Counts over all providers; a reverse proxy keeps it inside.",
}
# Bodies that get as far as looking for what the address names.
BODIES = {
    "calibrations.change_calibration": {"reason": "Ben is ill.", "name": "Week 48"},
    "calibrations.reopen_calibration": {"reason": "Ben was ill."},
    "calibrations.draft_calibration_rewording": {"scorecard": "some", "question": "some"},
    "calibrations.put_calibration_answers": {"answers": []},
    "disputes.open_dispute": {
        "answers": [{"question": "some", "proposed": {"value": "yes"}, "comment": "So it was."}]
    },
    "disputes.decide_dispute": {"answers": [], "comment": "As it was."},
    "disputes.try_dispute_decision": {"answers": []},
    "disputes.appeal_dispute": {"comment": "Once more."},
    "coaching.change_coaching_plan": {"goal": "Name the feeling first."},
    "coaching.tick_coaching_action": {"done": True},
    "coaching.close_coaching_plan": {"outcome": "reached"},
    "gates.cap_gate": {"highest": "assisted", "reason": "Not yet."},
    "interactions.add_events": {"events": [{"kind": "csat", "at": "2026-01-01T00:00:00Z", "value": 4}]},
    "reviewer_quality.retire_golden_item": {"reason": "Known by now."},
    "reports.void_report_snapshot": {"reason": "Pushed twice."},
    "reports.share_report": {"expires_at": "2196-01-01T00:00:00Z"},
    "reviews.save_review_draft": {"answers": []},
    "reviews.submit_review": {"answers": []},
    "reviews.skip_review": {"reason": "too short"},
    "reviews.flag_review": {"flagged": True},
    "reviews.explain_overrides": {"reasons": []},
    "reviews.edit_evaluation": {"answers": [], "reason": "A slip."},
    "reviews.void_evaluation": {"reason": "The wrong form."},
    "reviews.reassign_review": {"user": str(uuid.uuid4())},
    "tenants.change_client": {"name": "Mine"},
}
IDS = {
    "interaction_id": "interactions",
    "external_id": "interactions",
    "evaluation_id": "evaluations",
    "review_id": "reviews",
    "view_id": "saved_views",
    "snapshot_id": "report_snapshots",
    "share_id": "report_shares",
    "schedule_id": "report_schedules",
    "credential_id": "credentials",
    "user_id": "users",
    "identity_provider_id": "identity_providers",
    "calibration_id": "calibrations",
    "dispute_id": "disputes",
    "golden_item_id": "golden_items",
    "goal_id": "team_goals",
    "plan_id": "coaching_plans",
    "kudos_id": "kudos",
    "entry_id": "library_entries",
    "webhook_id": "webhooks",
    "event_id": "webhook_deliveries",
}


def plain(answer):
    """Return everything of an answer that must not depend on whether a thing exists elsewhere."""
    body = answer.get_json()
    body.pop("request_id")
    headers = {name: value for name, value in answer.headers if name not in {"X-Request-Id", "RateLimit"}}
    return answer.status_code, body, {**headers, "Content-Length": None}


def routes_naming_a_client_or_id(app):
    """Return (method, endpoint, rule) of what names a client or a thing in its address.

    Pages are opened by browser sessions: `tests/console/test_page_access.py` walks them.
    """
    return [
        (method, rule.endpoint, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
        if rule.arguments & {"client", *IDS} and not rule.endpoint.startswith("console.")
    ]


@pytest.fixture(scope="module")
def seeds(services):
    return row_level_security.seed(services.engine)


@pytest.fixture
def beside(services, app, seeds):
    """A caller bound to the other client of the provider whose rows are asked for."""
    scope = type(seeds.here.scope)(seeds.here.tenant_id, (seeds.here.client_id, seeds.beside.client_id))
    with acting_as(services.engine, scope) as session:
        bound = session.scalars(select(Client).where(Client.client_id == seeds.beside.client_id)).one()
        scopes = [name for name in SCOPES if name != "admin"]
        return Caller(app.test_client(), issue_key(session, name="b", scopes=scopes, clients=[bound]).key)


def asked(caller, app, endpoint, method, values):
    rule = next(rule for rule in app.url_map.iter_rules(endpoint) if method in rule.methods)
    named = {"key": "some", "scorecard": "some", "question": "some", "number": 1, "month": "2026-12"}
    _, path = rule.build(named | values, append_unknown=False)
    return getattr(caller, method.lower())(path, json=BODIES.get(endpoint, {}))


def distinguishable_endpoints(app, caller, place):
    """Return the endpoints whose answers tell a foreign id from a random one, or that are not 404."""
    told = []
    for method, endpoint, rule in routes_naming_a_client_or_id(app):
        foreign = {"client": str(place.client_id)}
        foreign |= {name: place.rows[table][name] for name, table in IDS.items()}
        wanted = {name: value for name, value in foreign.items() if name in rule.arguments}
        unknown = {name: type(value)(str(uuid.uuid4())) for name, value in wanted.items()}
        there = plain(asked(caller, app, endpoint, method, wanted))
        nowhere = plain(asked(caller, app, endpoint, method, unknown))
        if there != nowhere or there[0] not in {403, 404}:
            told.append((method, endpoint, there[:2], nowhere[:2]))
    return told


def test_ids_of_other_tenant_are_indistinguishable_from_unknown_ids(provider, app, seeds):
    assert distinguishable_endpoints(app, provider.caller(), seeds.here) == []


def test_ids_of_other_client_are_indistinguishable_from_unknown_ids(beside, app, seeds):
    assert distinguishable_endpoints(app, beside, seeds.here) == []


def test_slug_of_other_tenant_is_indistinguishable_from_unknown_slug(make_provider):
    mine, _ = make_provider("mine"), make_provider("theirs")
    caller = mine.caller()

    assert plain(caller.get("/v1/clients/theirs")) == plain(caller.get("/v1/clients/nobodys"))


def test_foreign_ids_in_body_are_indistinguishable_from_unknown_ids(provider, make_provider):
    other, admin = make_provider("theirs"), provider.caller()
    person = other.add_user("reviewer")

    def made(client, user):
        body = {"name": "k", "scopes": ["clients:read"], "clients": [client], "user": user}
        return admin.post("/v1/credentials", json=body)

    random = str(uuid.uuid4())
    assert plain(made(str(other.clients["theirs"].client_id), None)) == plain(made(random, None))
    there, nowhere = made("northwind", str(person.user_id)), made("northwind", random)
    assert plain(there) == plain(nowhere)
    assert there.json["errors"][0]["pointer"] == "/user"


def test_every_endpoint_declares_a_scope_or_is_known_to_be_public(app):
    undeclared = object()
    declared = {
        name: getattr(view, "required_scopes", undeclared) for name, view in app.view_functions.items()
    }

    assert [name for name, scope in declared.items() if scope is undeclared] == []
    assert {name for name, scopes in declared.items() if not scopes} == set(PUBLIC)
    assert {scope for scopes in declared.values() for scope in scopes} <= set(SCOPES)


# POST that changes nothing, and why it is none of GET.
READING_POSTS = {}
# What everybody may change of themselves needs no scope that writes.
OF_ONESELF = {"account.change_account", "account.change_password", "account.end_own_session"}


def test_read_scopes_open_no_write_endpoints(app):
    open_writes = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.startswith("console.")
        and any(scope.endswith(":read") for scope in app.view_functions[rule.endpoint].required_scopes)
        and rule.methods & {"POST", "PUT", "PATCH", "DELETE"}
    }

    assert open_writes == set(READING_POSTS) | OF_ONESELF


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer  ",
        "Bearer nothing",
        "Bearer qm_live_" + "x" * 43,
        "Bearer qm_token_" + "x" * 43,
        "Bearer ключ".encode().decode("latin-1"),
        "Bearer \xfc\xff",
        "Bearer " + "x" * 200_000,
        "Bearer a b c",
        "Bearer 'or 1=1--",
        "Basic dXNlcjpwYXNz",
        "Basic /////w==",
        "Digest x",
        "bearer",
    ],
)
def test_invalid_credentials_get_identical_401(anonymous_caller, header):
    answer = anonymous_caller.get("/v1/me", headers={} if header is None else {"Authorization": header})

    assert plain(answer)[:2] == plain(anonymous_caller.get("/v1/me"))[:2]
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="qm"'


def test_authorization_scheme_is_case_insensitive(provider, anonymous_caller):
    key = provider.key("clients:read").key

    assert anonymous_caller.get("/v1/me", headers={"Authorization": f"bEARER {key}"}).status_code == 200


def test_api_key_in_query_string_is_ignored(provider, anonymous_caller):
    key = provider.key("clients:read").key

    assert anonymous_caller.get(f"/v1/me?access_token={key}&key={key}").status_code == 401


def ended(provider, change):
    """Return what a key answers before and after a change to its row."""
    issued = provider.key("clients:read")
    caller = Caller(provider.http, issued.key)
    before = caller.get("/v1/me").status_code
    with provider.session() as session:
        session.execute(
            text(f"update credentials set {change} where credential_id = :this"),
            {
                "this": issued.credential.credential_id,
                "now": utc_now(),
                "past": utc_now() - timedelta(hours=1),
            },
        )
    return before, plain(caller.get("/v1/me"))[:2]


@pytest.mark.parametrize("change", ["revoked_at = :now", "expires_at = :past", "expires_at = :now"])
def test_revoked_or_expired_key_is_indistinguishable_from_unknown_key(provider, anonymous_caller, change):
    assert ended(provider, change) == (200, plain(anonymous_caller.get("/v1/me"))[:2])


def test_key_of_disabled_user_is_indistinguishable_from_unknown_key(provider, anonymous_caller):
    person = provider.add_user("reviewer")
    caller = provider.caller("clients:read", user=person)
    assert caller.get("/v1/me").status_code == 200
    with provider.session() as session:
        session.execute(text("update users set disabled_at = now()"))

    assert plain(caller.get("/v1/me"))[:2] == plain(anonymous_caller.get("/v1/me"))[:2]


def test_me_names_tenant_scopes_and_clients(provider):
    answer = provider.caller("clients:read").get("/v1/me")

    assert answer.status_code == 200, answer.json
    assert answer.json["tenant"]["slug"] == provider.tenant.slug
    assert answer.json["scopes"] == ["clients:read"]
    assert [client["slug"] for client in answer.json["clients"]] == ["contoso", "northwind"]


def test_a_key_opens_its_own_provider_only(make_provider):
    one, other = make_provider("shared-name"), make_provider("shared-name")

    answers = [provider.caller("clients:read").get("/v1/clients/shared-name") for provider in (one, other)]

    assert [answer.json["id"] for answer in answers] == [
        str(provider.clients["shared-name"].client_id) for provider in (one, other)
    ]


def test_a_bound_key_sees_its_clients_only(provider):
    caller = provider.caller("clients:read", bound_to=("northwind",))

    assert [client["slug"] for client in caller.get("/v1/me").json["clients"]] == ["northwind"]
    assert [client["slug"] for client in caller.get("/v1/clients").json["data"]] == ["northwind"]
    assert caller.get("/v1/clients/contoso").status_code == 404


def test_a_person_with_memberships_sees_those_clients_only(provider):
    person = provider.add_user("client_stakeholder", "contoso")
    caller = provider.caller("clients:read", user=person)

    assert [client["slug"] for client in caller.get("/v1/me").json["clients"]] == ["contoso"]
    assert caller.get("/v1/clients/northwind").status_code == 404


def test_bound_key_of_bound_user_sees_intersection_of_clients(provider):
    person = provider.add_user("reviewer", "contoso")
    caller = provider.caller("clients:read", user=person, bound_to=("northwind",))

    assert caller.get("/v1/me").json["clients"] == []


def test_new_client_is_visible_to_unbound_keys_only(provider):
    free, bound = provider.caller("clients:read"), provider.caller("clients:read", bound_to=("northwind",))
    provider.add_client("fabrikam")

    assert free.get("/v1/clients/fabrikam").status_code == 200
    assert bound.get("/v1/clients/fabrikam").status_code == 404


def test_a_bound_key_cannot_make_clients(provider):
    caller = provider.caller("clients:write", bound_to=("northwind",))

    answer = caller.post("/v1/clients", json={"name": "Fabrikam"})

    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    assert "bound" in answer.json["detail"]


def test_a_missing_scope_is_named(provider):
    answer = provider.caller("clients:read").get("/v1/users")

    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    assert "'admin'" in answer.json["detail"]
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer realm="qm", error="insufficient_scope", scope="admin"'
    )


@pytest.mark.parametrize("scope", SCOPES)
def test_single_scope_key_opens_no_endpoint_of_other_scopes(provider, app, scope):
    caller = provider.caller(scope)
    for rule in app.url_map.iter_rules():
        needed = app.view_functions[rule.endpoint].required_scopes
        if not needed or "GET" not in rule.methods or rule.endpoint.startswith("console."):
            continue
        values = {name: uuid.uuid4() for name in rule.arguments}
        values |= {"client": "northwind"} if "client" in rule.arguments else {}
        opened = caller.get(rule.build(values)[1]).status_code != 403
        assert opened <= (scope in needed), f"{rule}: {needed}"


def test_an_endpoint_that_names_two_scopes_is_opened_by_either(provider):
    path = f"/v1/evaluations/{uuid.uuid4()}"

    for scope in ("interactions:read", "clients:read"):
        assert provider.caller(scope).get(path).status_code == 404
    refused = provider.caller("reports:read").get(path)
    assert refused.status_code == 403
    assert "'interactions:read' or 'clients:read'" in refused.json["detail"]


@pytest.mark.parametrize("role", ROLES)
def test_a_persons_key_carries_no_more_than_the_role(provider, role):
    slugs = ("northwind",) if role == "client_stakeholder" else ()
    person = provider.add_user(role, *slugs)
    beyond = sorted(set(SCOPES) - set(ROLES[role]))

    assert provider.caller(*ROLES[role], user=person).get("/v1/me").json["scopes"] == sorted(ROLES[role])
    if beyond:
        with pytest.raises(Exception, match=f"does not carry '{beyond[0]}'"):
            provider.key(beyond[0], user=person)


def test_role_downgrade_reduces_scopes_of_existing_keys(provider):
    person = provider.add_user("qm_manager")
    caller = provider.caller(*ROLES["qm_manager"], user=person)
    with provider.session() as session:
        session.execute(text("update users set role = 'agent'"))

    assert caller.get("/v1/me").json["scopes"] == sorted(ROLES["agent"])


def test_request_leaves_no_tenant_setting_on_pooled_connection(services, provider):
    caller = provider.caller("clients:read")
    for _ in range(3):
        assert caller.get("/v1/me").status_code == 200
    with transaction(services.engine) as session:
        assert session.scalars(select(Client)).all() == []


@pytest.mark.parametrize("name", ["%00", "%FF%FE", "a%00b", "..", "x" * 3000, "%F0%9F%98%80", "-", "'--"])
def test_a_strange_client_name_is_not_found(provider, name):
    assert provider.caller("clients:read").get(f"/v1/clients/{name}").status_code == 404


def test_staff_see_a_client_made_a_moment_ago_by_another_request(provider):
    caller = provider.caller("clients:read", "clients:write")
    made = caller.post("/v1/clients", json={"name": "Fabrikam"})

    assert caller.get(f"/v1/clients/{made.json['id']}").json == made.json


def test_enter_tenant_raises_for_unknown_slug(services):
    with pytest.raises(Exception, match="No such tenant"), transaction(services.engine) as session:
        client_writes.enter_tenant(session, "nobody")
