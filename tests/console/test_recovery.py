"""A new password by mail, from a real SMTP server; and mails that cannot be sent."""

import re
from dataclasses import replace

import pytest
from aiosmtpd.controller import Controller

from infra import ports
from qm.app import create_app
from tenants import sign_in
from tests.waiting import wait_until

PASSWORD = "a kettle of herring"


class Inbox:
    def __init__(self):
        self.letters = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        self.letters.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 kept"


@pytest.fixture
def inbox():
    kept = Inbox()
    controller = Controller(kept, hostname="127.0.0.1", port=ports.free_port("127.0.0.1"))
    controller.start()
    kept.port = controller.port
    yield kept
    controller.stop()


@pytest.fixture
def mailing(services, inbox):
    """The application with mail set up; what is sent is in the inbox."""
    settings = replace(
        services.settings,
        smtp_url=f"smtp://127.0.0.1:{inbox.port}",
        mail_from="quality@example.com",
        public_url="https://qm.example.com",
    )
    return create_app(replace(services, settings=settings))


@pytest.fixture
def person(provider):
    user = provider.add_user("reviewer", email="jo@example.com")
    with provider.session() as session:
        sign_in.set_password(session, session.merge(user), "the old one, forgotten")
    return user


def ask(app, provider, email, host="http://localhost"):
    http = app.test_client()
    path = f"/sign-in/{provider.tenant.slug}/recover"
    shown = http.get(path, base_url=host).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown).group(1)
    return http.post(path, data={"csrf_token": token, "email": email}, base_url=host)


def link_in(letter):
    return re.search(r"https://qm\.example\.com(/sign-in/\S+)", letter.replace("=\r\n", "")).group(1)


def test_a_link_by_mail_sets_another_password_once(mailing, provider, person, inbox):
    asked = ask(mailing, provider, " JO@example.com ", host="http://evil.example")
    wait_until(lambda: inbox.letters)
    [(to, letter)] = inbox.letters
    path = link_in(letter)
    http = mailing.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', http.get(path).text).group(1)

    done = http.post(path, data={"csrf_token": token, "password": PASSWORD})

    assert (asked.status_code, to, done.status_code) == (200, ["jo@example.com"], 303)
    assert "evil.example" not in letter
    assert "jo@example.com" not in asked.text
    assert mailing.test_client().get(path).status_code == 404


def test_an_unknown_address_gets_the_same_answer_and_no_mail(mailing, provider, person, inbox):
    known, unknown = (ask(mailing, provider, f"{name}@example.com") for name in ("jo", "nobody"))
    wait_until(lambda: inbox.letters)

    assert (known.status_code, known.text) == (200, unknown.text)
    assert [to for to, _ in inbox.letters] == [["jo@example.com"]]


def test_the_sixth_question_for_one_address_is_refused_whoever_it_is(mailing, provider, person):
    answers = [ask(mailing, provider, "nobody@example.com").status_code for _ in range(6)]

    assert answers == [200] * 5 + [429]


def test_who_is_disabled_gets_no_mail(mailing, provider, person, inbox):
    with provider.session() as session:
        session.merge(person).disabled_at = person.created_at
    other = provider.add_user("reviewer", email="other@example.com")
    ask(mailing, provider, "jo@example.com")
    ask(mailing, provider, other.email)
    wait_until(lambda: inbox.letters)

    assert [to for to, _ in inbox.letters] == [["other@example.com"]]


def test_without_mail_the_page_says_whom_to_ask(app, provider):
    shown = app.test_client().get(f"/sign-in/{provider.tenant.slug}/recover")

    assert "an admin makes you a link" in shown.text
    assert "<form" not in shown.text


def test_an_invitation_goes_by_mail_too_and_either_link_works(mailing, visitor, inbox):
    admin = visitor("admin", app=mailing)
    form = {"email": "new@example.com", "name": "New\r\nBcc: x@example.com", "role": "reviewer"}
    assert admin.post("/people/invite", form).status_code == 422
    shown = admin.post("/people/invite", {**form, "name": "New"})
    wait_until(lambda: inbox.letters)

    by_page = re.search(r'id="link" value="https://qm.example.com([^"]*)"', shown.text).group(1)
    http = mailing.test_client()
    assert "on its way" in shown.text
    assert by_page != link_in(inbox.letters[0][1])
    assert [http.get(each).status_code for each in (by_page, link_in(inbox.letters[0][1]))] == [200, 200]


def test_a_mail_server_that_is_away_changes_no_answer(services, provider, person):
    settings = replace(
        services.settings,
        smtp_url=f"smtp://127.0.0.1:{ports.free_port('127.0.0.1')}",
        mail_from="quality@example.com",
        public_url="https://qm.example.com",
    )
    away = create_app(replace(services, settings=settings))

    assert ask(away, provider, "jo@example.com").status_code == 200


def test_the_recovery_page_in_a_browser(window, provider):
    opened = window()
    page = opened.goto(f"/sign-in/{provider.tenant.slug}")
    page.get_by_role("link", name="Forgot your password?").click()
    assert opened.faults() == []
