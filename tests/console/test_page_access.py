"""Every page, by the map of addresses: nobody opens what is not theirs."""

import uuid

import pytest
from sqlalchemy import select

from qm.reviews.models import Evaluation
from tenants.roles import ROLES
from tests.api.review_api import ReviewFixture
from tests.api.tenants.test_access import IDS
from tests.database import row_level_security

# Pages for whoever is not signed in.
PUBLIC = {
    "console.sign_in",
    "console.sign_in_to",
    "console.sign_in_with",
    "console.single_sign_on_callback",
    "console.set_password",
    "console.recover",
    "console.demo_link",
    "console.docs",
    "console.docs_topic",
    "console.shared_report",
    "console.shared_report_style",
    "console.shared_report_logo",
}
# Pages by the role that opens them; every other page is for whoever has its scope.
_MANAGERS = {"admin", "qm_manager"}
_COACHES = {"admin", "qm_manager", "team_lead"}
_COACHED = {*_COACHES, "agent"}
_SEE_INTERACTIONS_OF_REPORTS = {"admin", "qm_manager", "team_lead"}
FOR_ROLES: dict[str, set[str]] = {
    "console.machine_overrides": _SEE_INTERACTIONS_OF_REPORTS,
    "console.machine_taught": _SEE_INTERACTIONS_OF_REPORTS,
    "console.workload": _MANAGERS,
    "console.agent_reviews": _MANAGERS,
    "console.calibrations_new": _MANAGERS,
    "console.golden_items": _MANAGERS,
    "console.disputes_acknowledgements": _COACHES,
    "console.coaching": _COACHED,
    "console.coaching_plan": _COACHED,
    "console.coaching_new": _COACHES,
    "console.coaching_suggestions": _COACHES,
    "console.kudos_proposals": _COACHES,
    "console.language_library_proposals": _COACHES,
}


def pages(app, method="GET"):
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("console.") and method in rule.methods and rule.endpoint not in PUBLIC
    ]


def path_of(rule, client="northwind"):
    values = {name: uuid.uuid4() for name in rule.arguments} | {"client": client}
    return rule.build({name: values[name] for name in rule.arguments})[1]


def test_every_page_sends_who_is_not_signed_in_to_sign_in(app):
    http = app.test_client()

    for rule in pages(app):
        answer = http.get(path_of(rule))
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/sign-in"), rule


def test_every_form_without_its_token_is_refused(app, visitor):
    admin = visitor("admin")

    for rule in pages(app, "POST"):
        assert admin.http.post(path_of(rule)).status_code == 400, rule


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_the_pages_of_its_scopes_only(app, provider, visitor, role):
    somebody = visitor(role, "northwind") if role == "client_stakeholder" else visitor(role)

    for rule in pages(app):
        view = app.view_functions[rule.endpoint]
        opened = somebody.get(path_of(rule)).status_code
        allowed = not set(view.required_scopes).isdisjoint(ROLES[role]) and role in FOR_ROLES.get(
            rule.endpoint, ROLES
        )
        assert (opened == 403) != allowed, f"{role} {rule}: {opened}"
        assert opened < 500, f"{role} {rule}: {opened}"


def test_pages_of_another_providers_reviews_are_as_those_of_nobody(app, make_provider, visitor):
    """What names a review or an evaluation of another provider answers as what names nothing."""
    desk = ReviewFixture(make_provider("fabrikam"))
    desk.provider.clients["northwind"] = next(iter(desk.provider.clients.values()))
    desk.publish("northwind")
    drawn = desk.drawn()
    with desk.provider.session() as session:
        evaluation = session.scalars(select(Evaluation.evaluation_id)).first()
    found = {"review_id": drawn.review_id, "evaluation_id": evaluation}
    stranger = visitor("admin")

    for method in ("GET", "POST"):
        for rule in pages(app, method):
            if not rule.arguments & set(found):
                continue
            form = {"reason": "x", "skip_reason": "x", "user": str(uuid.uuid4())}
            there = rule.build({name: found[name] for name in rule.arguments})[1]
            for path in (there, path_of(rule)):
                sent = stranger.get(path) if method == "GET" else stranger.post(path, form)
                assert sent.status_code == 404, f"{method} {rule}: {sent.status_code}"


def test_pages_of_another_clients_are_as_those_of_nobody(app, provider, make_provider, visitor):
    """A stakeholder of one client, and an admin of another provider, find nothing of a second client."""
    stakeholder = visitor("client_stakeholder", "northwind")
    stranger = visitor("admin", of=make_provider("fabrikam"))

    for method in ("GET", "POST"):
        for rule in pages(app, method):
            if "client" not in rule.arguments:
                continue
            for who in (stakeholder, stranger):
                send = who.get if method == "GET" else who.post
                there, nowhere = send(path_of(rule, "contoso")), send(path_of(rule, "invented"))
                assert there.status_code in {403, 404}, rule
                assert there.status_code == nowhere.status_code, rule


def test_what_is_another_providers_is_as_what_is_not_there(app, services, visitor):
    """By the ids of rows that are there, in every address of a page that names one."""
    seeds = row_level_security.seed(services.engine)
    ids = {name: seeds.here.rows[table][name] for name, table in IDS.items() if name != "external_id"}
    admin, others = visitor("admin"), {"client": "northwind", "number": 1}

    for method in ("GET", "POST"):
        for rule in pages(app, method):
            named = {name: ids[name] for name in rule.arguments if name in ids}
            if not named:
                continue
            send = admin.get if method == "GET" else admin.post
            there, nowhere = (
                send(rule.build({**others, **found}, append_unknown=False)[1])
                for found in (named, {name: uuid.uuid4() for name in named})
            )
            assert (there.status_code, nowhere.status_code) == (404, 404), rule


def test_an_error_page_keeps_no_connection(app, services, visitor):
    agent = visitor("agent")
    before = services.engine.pool.checkedout()

    for _ in range(3):
        assert agent.get("/audit").status_code == 403

    assert services.engine.pool.checkedout() == before
