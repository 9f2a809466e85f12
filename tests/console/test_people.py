"""Inviting people, changing what they may do, and taking it away."""

import re

import pytest
from sqlalchemy import select

from tenants import sign_in
from tenants.models import User

PASSWORD = "a kettle of herring"


@pytest.fixture
def admin(visitor):
    return visitor("admin")


@pytest.fixture
def person(provider):
    return provider.add_user("reviewer", email="ana@example.com")


def field(shown, name):
    return re.search(rf'id="{name}" value="([^"]*)"', shown.text).group(1)


def invited(email="jo@example.com", **more):
    return {"email": email, "name": "Jo Berg", "role": "reviewer", **more}


def people(provider):
    with provider.session() as session:
        return {user.email: user for user in session.scalars(select(User))}


def test_who_is_invited_sets_a_password_with_the_link_and_is_signed_in(app, provider, admin):
    form = invited(
        clients="northwind", languages="en\nde", skills="billing", team="Care", weekly_capacity="40"
    )
    shown = admin.post("/people/invite", form)

    path = field(shown, "link").removeprefix("http://localhost")
    http = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', http.get(path).text).group(1)
    done = http.post(path, data={"csrf_token": token, "password": PASSWORD})
    user = people(provider)["jo@example.com"]
    assert (shown.status_code, done.status_code, http.get("/").status_code) == (200, 303, 200)
    assert (user.languages, user.skills, user.team, user.weekly_capacity) == (
        ["en", "de"],
        ["billing"],
        "Care",
        40,
    )
    assert "northwind" in admin.get(f"/people/{user.user_id}").text
    assert path not in admin.get("/people").text


@pytest.mark.parametrize(
    ("form", "place"),
    [
        (invited(email="nonsense"), "email"),
        (invited(name=""), "name"),
        (invited(role="client_stakeholder"), "clients"),
        (invited(role="admin", clients="northwind"), "clients"),
        (invited(clients="elsewhere"), "clients"),
        (invited(languages="klingonese"), "languages"),
        (invited(weekly_capacity="many"), "weekly_capacity"),
        (invited(weekly_capacity="-1"), "weekly_capacity"),
        (invited(skills="x" * 61), "skills"),
    ],
)
def test_a_fault_is_told_at_its_place_and_nobody_is_made(provider, admin, form, place):
    before = people(provider)

    shown = admin.post("/people/invite", form)

    assert shown.status_code == 422
    assert f'id="{place}-fault-1"' in shown.text
    assert people(provider).keys() == before.keys()


def test_an_address_is_invited_once(provider, admin, person):
    shown = admin.post("/people/invite", invited(email="ANA@example.com"))

    assert shown.status_code == 422
    assert "already" in shown.text


def test_what_is_left_empty_is_taken_away(provider, admin, person):
    path = f"/people/{person.user_id}"
    form = {"email": "ana@example.com", "name": "Ana", "role": "qm_manager"}

    first = admin.post(
        path, {**form, "team": "Care", "skills": "billing", "agent": "a-7", "clients": "contoso"}
    )
    assert (first.status_code, people(provider)["ana@example.com"].agent) == (303, "a-7")
    second = admin.post(path, form)

    user = people(provider)["ana@example.com"]
    assert second.status_code == 303
    assert (user.role, user.team, user.skills, user.agent) == ("qm_manager", None, [], None)


def test_who_is_disabled_is_named_what_ends_and_is_out_at_once(provider, admin, visitor, person):
    reviewer = visitor(user=person)
    key = provider.caller("clients:read", user=person)
    path = f"/people/{person.user_id}"

    asked = admin.get(f"{path}/disable")
    assert "1 browser session ends" in asked.text
    assert "1 key or app loses" in asked.text
    assert reviewer.get("/").status_code == 200
    assert admin.post(f"{path}/disable").status_code == 303

    assert (reviewer.get("/").status_code, key.get("/v1/me").status_code) == (303, 401)
    assert "disabled since" in admin.get(path).text
    assert admin.post(f"{path}/link").status_code == 422
    admin.post(f"{path}/disable", {"deed": "enable"})
    assert people(provider)["ana@example.com"].disabled_at is None


def test_nobody_takes_their_own_rights_away(provider, admin):
    path = f"/people/{admin.user.user_id}"
    form = {"email": admin.user.email, "name": "Me", "role": "reviewer"}

    assert admin.post(path, form).status_code == 303
    assert people(provider)[admin.user.email].role == "admin"
    for deed in ("disable", "remove"):
        refused = admin.post(f"{path}/{deed}")
        assert refused.status_code == 422
        assert "Ask another admin" in refused.text
    assert admin.get("/people").status_code == 200


def test_one_session_or_key_of_a_person_is_ended(provider, admin, visitor, person):
    reviewer, key = visitor(user=person), provider.key("clients:read", user=person)
    other = provider.key("clients:read")
    path = f"/people/{person.user_id}"

    assert admin.post(f"{path}/end/{other.credential.credential_id}").status_code == 404
    assert admin.post(f"{path}/end/{key.credential.credential_id}").status_code == 303
    with provider.session() as session:
        [begun] = sign_in.sessions_of(session, session.merge(person))
        began = begun.credential_id
    assert reviewer.get("/").status_code == 200
    assert admin.post(f"{path}/end/{began}").status_code == 303
    assert reviewer.get("/").status_code == 303


def test_who_leaves_is_nameless_and_out(provider, admin, visitor, person):
    reviewer = visitor(user=person)

    assert admin.post(f"/people/{person.user_id}/remove").status_code == 303

    assert reviewer.get("/").status_code == 303
    assert "ana@example.com" not in admin.get("/people").text


def test_people_of_another_provider_are_as_nobody(admin, make_provider):
    stranger = make_provider("theirs").add_user("reviewer")
    unknown = "00000000-0000-4000-8000-000000000000"

    for deed in ("", "/disable"):
        there, nowhere = (admin.get(f"/people/{each}{deed}") for each in (stranger.user_id, unknown))
        assert (there.status_code, nowhere.status_code) == (404, 404)
    for deed in ("", "/link", "/disable", "/remove", f"/end/{unknown}"):
        assert admin.post(f"/people/{stranger.user_id}{deed}").status_code == 404


def test_the_list_is_filtered_and_downloaded(admin, provider, person):
    provider.add_user("team_lead", email="lead@example.com")

    filtered = admin.get("/people?role=reviewer").text
    table = admin.get("/people?format=csv")

    assert "ana@example.com" in filtered
    assert "lead@example.com" not in filtered
    assert table.mimetype == "text/csv"
    assert "lead@example.com" in table.text


def test_the_account_is_ones_own(app, provider, visitor, person):
    with provider.session() as session:
        sign_in.set_password(session, session.merge(person), PASSWORD)
    mine, elsewhere = visitor(user=person), visitor(user=person)

    saved = mine.post(
        "/account", {"name": "Ana Lima", "locale": "de", "time_zone": "Asia/Tokyo", "role": "admin"}
    )
    assert saved.status_code == 303
    assert people(provider)["ana@example.com"].role == "reviewer"
    assert 'lang="de"' in mine.get("/account").text
    wrong = mine.post("/account/password", {"present": "x", "password": "y" * 12, "again": "y" * 12})
    differs = mine.post(
        "/account/password", {"present": PASSWORD, "password": "four dry towels", "again": "no"}
    )
    done = mine.post(
        "/account/password", {"present": PASSWORD, "password": "four dry towels", "again": "four dry towels"}
    )

    assert (wrong.status_code, differs.status_code, done.status_code) == (422, 422, 303)
    assert (mine.get("/").status_code, elsewhere.get("/").status_code) == (200, 303)


@pytest.mark.parametrize(
    "form", [{"name": " "}, {"name": "A", "time_zone": "Mars/Olympus"}, {"name": "A", "locale": "xx"}]
)
def test_an_account_is_not_saved_with_a_fault(visitor, person, form):
    assert visitor(user=person).post("/account", form).status_code == 422


def test_an_admin_invites_somebody_in_a_browser_and_they_sign_in(window, provider):
    mine = window(provider.add_user("admin"))
    page = mine.goto("/people")
    assert mine.faults() == []
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("E-mail address").fill("jo@example.com")
    page.get_by_label("Name", exact=True).fill("Jo Berg")
    assert mine.faults() == []
    page.get_by_role("button", name="Invite").click()
    link = page.get_by_label("Link").input_value()
    assert mine.faults() == []
    page.get_by_role("link", name="Go on to Jo Berg").click()
    assert mine.faults() == []
    page.get_by_role("link", name="Disable").click()
    assert mine.faults() == []

    theirs = window()
    theirs.page.goto(link)
    theirs.page.get_by_label("New password").fill(PASSWORD)
    theirs.page.get_by_role("button", name="Set it and sign in").click()
    theirs.page.wait_for_url("**/")
    theirs.goto("/account")
    assert theirs.faults() == []
