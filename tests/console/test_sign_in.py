"""Signing in as a person does."""

import re

import pytest

from tenants import models, sign_in

PASSWORD = "a kettle of herring"


@pytest.fixture
def person(provider):
    user = provider.add_user("reviewer", email="jo@example.com")
    with provider.session() as session:
        sign_in.set_password(session, session.merge(user), PASSWORD)
    return user


@pytest.fixture
def sign_in_page(app, provider):
    """Send the sign-in form from a fresh browser."""
    http = app.test_client()

    def send(email, password, **fields):
        shown = http.get(f"/sign-in/{provider.tenant.slug}")
        token = re.search(r'name="csrf_token" value="([^"]+)"', shown.text).group(1)
        form = {"csrf_token": token, "email": email, "password": password, **fields}
        return http.post(f"/sign-in/{provider.tenant.slug}", data=form)

    send.http = http
    return send


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back_to_the_page_they_wanted(app, sign_in_page, person):
    sent = app.test_client().get("/?a=b")

    assert (sent.status_code, sent.headers["Location"]) == (303, "/sign-in?to=/?a%3Db")
    done = sign_in_page("jo@example.com", PASSWORD, to="/?a=b")
    assert (done.status_code, done.headers["Location"]) == (303, "/?a=b")


def test_a_password_opens_the_first_page_and_signing_out_closes_it(sign_in_page, person):
    done = sign_in_page(" JO@example.com ", PASSWORD)

    cookie = done.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    home = sign_in_page.http.get("/")
    assert home.status_code == 200
    token = re.search(r'name="csrf_token" value="([^"]+)"', home.text).group(1)
    kept = sign_in_page.http.get_cookie("qm_session").value
    assert sign_in_page.http.post("/sign-out", data={"csrf_token": token}).status_code == 303
    sign_in_page.http.set_cookie("qm_session", kept)
    assert sign_in_page.http.get("/").status_code == 303


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("jo@example.com", "wrong"),
        ("nobody@example.com", PASSWORD),
        ("", ""),
        ("jo@example.com", PASSWORD + " "),
    ],
)
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(sign_in_page, person, email, password):
    refused = sign_in_page(email, password)

    assert refused.status_code == 422
    assert "do not belong together" in refused.text
    assert sign_in_page.http.get("/").status_code == 303


def test_ten_wrong_passwords_stop_the_eleventh_attempt_even_with_the_right_one(sign_in_page, person):
    for _ in range(10):
        assert sign_in_page("jo@example.com", "wrong").status_code == 422

    assert sign_in_page("jo@example.com", PASSWORD).status_code == 429


def test_a_form_without_its_token_is_refused(app, provider, person):
    form = {"email": "jo@example.com", "password": PASSWORD}
    answer = app.test_client().post(f"/sign-in/{provider.tenant.slug}", data=form)

    assert answer.status_code == 400
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:1", "/a\n"]
)
def test_signing_in_leads_to_no_other_site(sign_in_page, person, to):
    assert sign_in_page("jo@example.com", PASSWORD, to=to).headers["Location"] == "/"


def test_an_invitation_sets_a_password_once(app, provider):
    user = provider.add_user("qm_manager", email="ana@example.com")
    with provider.session() as session:
        token = sign_in.issue_sign_in_token(session, session.merge(user), "invitation")
    http, path = app.test_client(), f"/sign-in/{provider.tenant.slug}/password/{token}"
    form_token = re.search(r'name="csrf_token" value="([^"]+)"', http.get(path).text).group(1)

    short = http.post(path, data={"csrf_token": form_token, "password": "short"})
    done = http.post(path, data={"csrf_token": form_token, "password": PASSWORD})

    assert (short.status_code, done.status_code) == (422, 303)
    assert http.get("/").status_code == 200
    assert app.test_client().get(path).status_code == 404


def test_a_session_is_no_key_and_a_key_no_session(app, provider, visitor):
    reviewer = visitor("reviewer")
    secret = app.session_interface.get_signing_serializer(app).loads(
        reviewer.http.get_cookie("qm_session").value
    )["secret"]
    http = app.test_client()
    assert http.get("/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401

    key = provider.key("clients:read").key
    http.set_cookie("qm_session", app.session_interface.get_signing_serializer(app).dumps({"secret": key}))
    assert http.get("/").status_code == 303


def test_the_sign_in_page_in_a_browser(window, provider, person):
    opened = window()
    page = opened.goto(f"/sign-in/{provider.tenant.slug}")
    assert opened.faults() == []
    page.get_by_label("E-mail address").fill("jo@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")

    assert opened.path == "/"
    assert opened.faults() == []


def test_a_link_of_the_demo_works_again_and_again_and_is_nothing_elsewhere(
    app, provider, person, monkeypatch
):
    with provider.session() as session, pytest.raises(ValueError, match="demo alone"):
        sign_in.issue_sign_in_token(session, session.merge(person), "demo")
    monkeypatch.setattr(models, "_seed", b"as qm demo does")
    with provider.session() as session:
        token = sign_in.issue_sign_in_token(session, session.merge(person), "demo")
    path = f"/demo/{provider.tenant.slug}/{token}"
    for _ in range(2):
        http = app.test_client()
        assert (http.get(path).status_code, http.get("/").status_code) == (303, 200)
    assert app.test_client().get(f"/sign-in/{provider.tenant.slug}/password/{token}").status_code == 404
    assert app.test_client().get(f"/demo/{provider.tenant.slug}/invented").status_code == 404

    monkeypatch.setattr(models, "_seed", None)

    assert app.test_client().get(path).status_code == 404


def test_an_invitation_opens_nothing_as_a_link_of_the_demo(app, provider, person, monkeypatch):
    with provider.session() as session:
        token = sign_in.issue_sign_in_token(session, session.merge(person), "invitation")
    monkeypatch.setattr(models, "_seed", b"as qm demo does")

    assert app.test_client().get(f"/demo/{provider.tenant.slug}/{token}").status_code == 404
