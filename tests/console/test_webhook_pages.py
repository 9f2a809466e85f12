"""Webhooks on the integrations page: made, tried, rotated, replayed, switched off, without JavaScript."""

import re

import pytest
from sqlalchemy import text

from tests.conftest import Caller

FORM = {"url": "https://hooks.example.com/qm", "description": "help desk", "events": ["sla.breached"]}


@pytest.fixture
def admin(visitor):
    return visitor("admin")


def path_in(shown):
    return re.search(r'href="(/integrations/webhooks/[0-9a-f-]{36})"', shown.text).group(1)


def test_a_webhook_from_its_secret_to_its_end(provider, admin, visitor, make_provider):
    made = admin.post("/integrations/webhooks/new", {**FORM, "clients": "northwind"})
    secret = re.search(r'id="secret" value="(whsec_[^"]+)"', made.text).group(1)
    path = path_in(made)
    listed = admin.get("/integrations").text
    assert "https://hooks.example.com/qm" in listed
    assert secret not in listed + admin.get(path).text

    assert admin.post(f"{path}/test").status_code == 303
    shown = admin.get(path).text
    assert "webhook.test" in shown
    event = re.search(r"/deliveries/([0-9a-f-]{36})", shown).group(1)
    with provider.session() as session:
        session.execute(
            text("update webhook_deliveries set state = 'failed', attempts = 10, status_code = 503")
        )
    assert "503" in admin.get(f"{path}?state=failed").text
    assert "Nothing here" in admin.get(f"{path}?state=delivered").text
    assert admin.get(f"{path}?state=nonsense").status_code == 404
    assert admin.post(f"{path}/deliveries/{event}").status_code == 303
    assert event in admin.get(f"{path}?state=pending").text

    rotated = admin.post(f"{path}/rotate")
    assert secret not in rotated.text
    assert "the secret before signs too" in rotated.text

    refused = admin.post(path, {**FORM, "url": "https://10.0.0.1/", "events": []})
    assert refused.status_code == 422
    assert "leads to a network" in refused.text
    assert admin.post(path, {**FORM, "events": ["sla.breached", "gate.moved"]}).status_code == 303
    key = Caller(provider.http, provider.key().key)
    [stored] = key.get("/v1/webhooks").json["data"]
    assert (stored["events"], stored["clients"]) == (["sla.breached", "gate.moved"], None)

    assert admin.post(f"{path}/state", {"state": "disabled"}).status_code == 303
    assert "Send a test" not in admin.get(path).text
    with provider.session() as session:
        session.execute(text("update webhooks set disabled_because = 'failing'"))
    assert "disabled because they failed" in admin.get("/").text
    assert admin.post(f"{path}/state", {"state": "enabled"}).status_code == 303
    assert "disabled because they failed" not in admin.get("/").text
    log = admin.get("/audit").text
    assert "rotated the secret of webhook hooks.example.com" in log

    stranger = visitor("admin", of=make_provider("theirs"))
    for address in (f"{path}/rotate", f"{path}/remove", f"{path}/deliveries/{event}"):
        assert stranger.post(address).status_code == 404
    assert admin.post(f"{path}/remove").status_code == 303
    assert admin.get(path).status_code == 404


@pytest.mark.parametrize("form", [{}, {**FORM, "url": "http://x.example"}, {**FORM, "clients": "elsewhere"}])
def test_a_webhook_that_cannot_be_made_is_not(admin, form):
    assert admin.post("/integrations/webhooks/new", form).status_code == 422
    assert "None yet. A webhook" in admin.get("/integrations").text


def test_the_pages_in_a_browser(window, provider):
    opened = window(provider.add_user("admin"))
    page = opened.goto("/integrations")
    page.get_by_role("link", name="Add a webhook").click()
    assert opened.faults() == []
    page.get_by_label("Address").fill("https://hooks.example.com/qm")
    page.get_by_role("button", name="Add").click()
    assert opened.faults() == []
    page.get_by_role("link", name="Go on to the webhook").click()
    page.get_by_role("button", name="Send a test").click()
    page.get_by_text("webhook.test").wait_for()
    assert opened.faults() == []
    opened.goto("/integrations")
    assert opened.faults() == []
