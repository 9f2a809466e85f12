"""Creating clients from templates and bundles, their settings, and their end."""

import io

import pytest
from lxml.html import fromstring
from sqlalchemy import func, select

from scorecards.authoring import template_library
from scorecards.authoring.models import Definition
from tenants.models import Client, User


@pytest.fixture
def manager(visitor):
    return visitor("qm_manager")


def client_of(provider, slug):
    with provider.session() as session:
        return session.scalars(select(Client).where(Client.slug == slug)).one_or_none()


def definitions(provider):
    with provider.session() as session:
        return session.scalar(select(func.count()).select_from(Definition))


def new(**form):
    return {"name": "Fabrikam", "time_zone": "Asia/Tokyo", "template": "empathy", **form}


@pytest.mark.parametrize("template", sorted(template_library.scorecards()))
def test_a_client_starts_from_every_template(provider, manager, template):
    done = manager.post("/clients/new", new(template=template))

    assert (done.status_code, done.headers["Location"]) == (303, "/clients/fabrikam")
    assert client_of(provider, "fabrikam").settings["time_zone"] == "Asia/Tokyo"
    assert definitions(provider) >= 2


def test_a_client_starts_from_a_bundle_or_from_nothing(provider, manager):
    bundle = b"qm_bundle: 1\nscorecards:\n  - {key: empathy, template: empathy}\n"
    done = manager.post("/clients/new", new(template="bundle", bundle=(io.BytesIO(bundle), "b.yaml")))
    bare = manager.post("/clients/new", new(name="Bare", template="nothing"))

    assert (done.status_code, bare.status_code) == (303, 303)
    assert definitions(provider) == 1


@pytest.mark.parametrize(
    ("form", "told"),
    [
        (new(name=""), "A name has 1 to 200 characters"),
        (new(name="Northwind"), "already"),
        (new(slug="no good"), "Use 1 to 63 small letters"),
        (new(time_zone="Mars/Olympus"), "Europe/Berlin"),
        (new(template="invented"), "There is no template"),
        (new(template="bundle"), "Choose the file"),
    ],
)
def test_a_client_that_cannot_be_made_is_not(provider, manager, form, told):
    shown = manager.post("/clients/new", form)

    assert shown.status_code == 422
    assert told in shown.text
    assert client_of(provider, "fabrikam") is None


@pytest.mark.parametrize(
    ("bundle", "told"),
    [
        (
            b"qm_bundle: 1\nscorecards: [{key: empathy, template: nowhere}]\nsettings: {interval_limit: 0}",
            2,
        ),
        (b"qm_bundle: [", 1),
        (b"\xff\xfe", 1),
    ],
)
def test_a_bundle_with_faults_leaves_nothing_and_tells_every_one(provider, manager, bundle, told):
    form = new(template="bundle", bundle=(io.BytesIO(bundle), "b.yaml"))
    shown = manager.post("/clients/new", form)

    assert shown.status_code == 422
    assert shown.text.count('<li class="fault">') >= told
    assert client_of(provider, "fabrikam") is None


def test_settings_are_changed_and_anothers_change_is_not_overwritten(provider, manager):
    form = {
        "revision": "1",
        "name": "North Wind",
        "time_zone": "Europe/Berlin",
        "languages": "en\nde",
        "charged_threshold": "0.7",
        "disagreement_limit": "0.2",
        "interval_limit": "8",
    }
    path = "/clients/northwind/settings"

    assert manager.post(path, {**form, "interval_limit": "0"}).status_code == 422
    assert manager.post(path, {**form, "name": ""}).status_code == 422
    assert manager.post(path, form).status_code == 303
    stale = manager.post(path, {**form, "name": "Late"})

    client = client_of(provider, "northwind")
    assert (client.name, client.settings["languages"], client.settings["interval_limit"]) == (
        "North Wind",
        ["en", "de"],
        8,
    )
    assert stale.status_code == 422
    assert "has changed since" in stale.text


def test_when_coaching_is_suggested_is_set_on_the_page(provider, manager):
    path = "/clients/northwind/settings"
    form = shown_form(manager.get(path), path)
    assert (form["after"], form["below"]) == (["8"], ["60.0"])
    refused = manager.post(path, form | {"after": "2", "below": ""})
    assert refused.status_code == 422
    assert refused.text.count('aria-invalid="true"') == 2
    assert manager.post(path, form | {"after": "12", "below": "45"}).status_code == 303
    rule = client_of(provider, "northwind").settings["coaching_suggestions"]
    assert rule == {"after": 12, "below": 45}


def test_a_form_saved_as_it_is_shown_changes_nothing(provider, manager, visitor):
    settings = {
        "review_own_team": False,
        "severity_correction": True,
        "golden_rate": 0.1,
        "coaching_suggestions": {"after": 5, "below": 50},
        "publish_evaluations": {"when": "weekly"},
        "disputes": {"days": 5, "by_client": False, "scorecards": [{"scorecard": "empathy", "days": 30}]},
    }
    provider.caller("clients:write").patch("/v1/clients/northwind", json={"settings": settings})
    before = client_of(provider, "northwind").settings
    person = provider.add_user("reviewer", "northwind")
    provider.caller("admin").patch(f"/v1/users/{person.user_id}", json={"disabled": True})
    admin = visitor("admin")

    for who, path in ((manager, "/clients/northwind/settings"), (admin, f"/people/{person.user_id}")):
        assert who.post(path, shown_form(who.get(path), path)).status_code == 303

    after = client_of(provider, "northwind").settings
    assert {name: after[name] for name in settings if name != "disputes"} == {
        name: before[name] for name in settings if name != "disputes"
    }
    assert before["disputes"].items() <= after["disputes"].items()
    assert person_of(provider, person.user_id).disabled_at is not None


def shown_form(shown, path):
    """Return what a browser would send of the form of a page, as nobody touched it."""
    forms = fromstring(shown.text).forms
    form = next(each for each in forms if each.method == "POST" and each.action in (None, "", path))
    return {
        name: [value for other, value in form.form_values() if other == name]
        for name, _ in form.form_values()
        if name != "csrf_token"
    }


def person_of(provider, user_id):
    with provider.session() as session:
        return session.scalars(select(User).where(User.user_id == user_id)).one()


def test_a_client_is_removed_by_an_admin_who_types_its_name(provider, manager, visitor):
    admin = visitor("admin")

    assert manager.post("/clients/northwind/remove", {"confirm": "northwind"}).status_code == 403
    admin.post("/clients/northwind/remove", {"confirm": "yes"})
    assert client_of(provider, "northwind") is not None
    assert admin.post("/clients/northwind/remove", {"confirm": "northwind"}).status_code == 303
    assert admin.get("/clients/northwind/settings").status_code == 404
    assert "Northwind" not in admin.get("/clients").text.replace("Northwind is removed", "")


def test_who_may_not_change_clients_sees_their_own_only(provider, visitor):
    stakeholder = visitor("client_stakeholder", "northwind")
    shown = stakeholder.get("/clients").text

    assert "Northwind" in shown
    assert "Contoso" not in shown
    assert "/settings" not in shown
    assert stakeholder.get("/clients/northwind/settings").status_code == 403


def test_who_is_bound_to_clients_makes_no_others(visitor):
    bound = visitor("qm_manager", "northwind")

    assert bound.get("/clients/new").status_code == 403
    assert bound.post("/clients/new", new()).status_code == 403


def test_a_manager_creates_a_client_in_a_browser(window, provider):
    opened = window(provider.add_user("admin"))
    page = opened.goto("/clients")
    assert opened.faults() == []
    page.get_by_role("link", name="Create a client").click()
    page.get_by_label("Name", exact=True).fill("Fabrikam")
    page.get_by_label("Online shop").check()
    assert opened.faults() == []
    page.get_by_role("button", name="Create").click()
    page.wait_for_url("**/clients/fabrikam")
    assert page.get_by_text("Fabrikam is there.").is_visible()
    assert opened.faults() == []
