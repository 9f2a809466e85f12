"""Keys, and the look-out for the first interaction."""

import re
import shlex
from html import unescape

import pytest

from qm.console.pages.integrations import push_command
from tests.conftest import Caller


@pytest.fixture
def admin(visitor):
    return visitor("admin")


def value(shown, name):
    return re.search(rf'id="{name}" value="([^"]*)"', shown.text).group(1)


FORM = {"name": "help desk", "scopes": ["interactions:write", "clients:read"]}


def test_a_key_is_shown_once_and_opens_what_was_ticked(provider, admin):
    shown = admin.post("/integrations", {**FORM, "clients": "northwind"})

    me = Caller(provider.http, value(shown, "key")).get("/v1/me").json
    assert (me["scopes"], [each["slug"] for each in me["clients"]]) == (
        ["clients:read", "interactions:write"],
        ["northwind"],
    )
    assert "/v1/clients/northwind/interactions" in shown.text
    assert value(shown, "key") not in admin.get("/integrations").text


@pytest.mark.parametrize(
    "form",
    [
        {"name": "x"},
        {**FORM, "name": ""},
        {**FORM, "scopes": "everything"},
        {**FORM, "clients": "elsewhere"},
        {**FORM, "scopes": "admin", "clients": "northwind"},
    ],
)
def test_a_key_that_cannot_be_made_is_not(admin, form):
    shown = admin.post("/integrations", form)

    assert shown.status_code == 422
    assert "No key yet" in shown.text


def test_the_command_pushes_what_the_page_then_finds(provider, admin):
    key = provider.key("interactions:write").key
    words = shlex.split(push_command("http://localhost", "northwind", key))
    shown = admin.get("/integrations").text
    poll = unescape(re.search(r'hx-get="([^"]+)"', shown).group(1))
    assert "Nothing has come yet" in admin.get(poll).text

    headers = dict(words[i + 1].split(": ", 1) for i, word in enumerate(words) if word == "-H")
    sent = provider.http.post(
        words[2].removeprefix("http://localhost"), data=words[words.index("-d") + 1], headers=headers
    )

    assert sent.status_code in {200, 201, 202}, sent.text
    found = admin.get(poll).text
    assert "Received first-" in found
    assert "hx-get" not in found
    assert "Received last" in admin.get("/integrations").text


@pytest.mark.parametrize("since", ["", "yesterday", "2026-01-01"])
def test_a_moment_that_is_none_is_not_found(admin, since):
    assert admin.get("/integrations/received", query_string={"since": since}).status_code == 404


def test_a_revoked_key_opens_nothing_and_a_session_is_no_key(provider, admin, visitor):
    issued = provider.key("clients:read")
    path = f"/integrations/keys/{issued.credential.credential_id}/revoke"

    assert admin.post(path).status_code == 303
    assert Caller(provider.http, issued.key).get("/v1/me").status_code == 401
    assert admin.post(f"/integrations/keys/{admin.user.user_id}/revoke").status_code == 404


def test_the_keys_of_another_provider_are_out_of_reach(admin, make_provider):
    other = make_provider("theirs")
    issued = other.key("clients:read")

    path = f"/integrations/keys/{issued.credential.credential_id}/revoke"
    assert admin.post(path).status_code == 404
    assert issued.credential.prefix not in admin.get("/integrations").text


def test_the_first_push_in_a_browser(window, provider):
    opened = window(provider.add_user("admin"))
    page = opened.goto("/integrations")
    assert opened.faults() == []
    page.get_by_label("Name").fill("help desk")
    page.get_by_role("button", name="Make the key").click()
    words = shlex.split(page.locator("#push").inner_text())
    assert opened.faults() == []
    headers = dict(words[i + 1].split(": ", 1) for i, word in enumerate(words) if word == "-H")
    path = words[2].removeprefix(opened.address)
    assert provider.http.post(path, data=words[words.index("-d") + 1], headers=headers).status_code < 300
    page.get_by_text("Received first-").wait_for()
    assert opened.faults() == []
    opened.goto("/integrations")
    assert opened.faults() == []
