"""The first hour of a manager and of a reviewer with nothing but the keyboard, in a real browser."""

import pytest
from sqlalchemy import select

from scorecards.authoring.models import Definition
from tenants.models import Client
from tests.api.review_api import ReviewFixture

_NAME = """
    () => { const at = document.activeElement;
            return at.getAttribute('aria-label') || (at.labels && at.labels[0] && at.labels[0].innerText)
                || at.innerText || at.value || ''; }
"""
MOST_STOPS = 90


@pytest.fixture
def desk(provider):
    made = ReviewFixture(provider)
    made.publish("northwind")
    return made


def tab_to(page, name):
    """Press Tab until the control of this name has the focus; fail where it is never reached."""
    passed = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        here = page.evaluate(_NAME).strip()
        if here.startswith(name):
            return
        passed.append(here[:40])
    pytest.fail(f"{name} is not reached by Tab from {page.url}; passed {passed}")


def enter(page, name, address):
    tab_to(page, name)
    page.keyboard.press("Enter")
    page.wait_for_url(address)


def test_a_manager_sets_a_client_up_with_the_keyboard(desk, window, provider):
    shown = window(desk.person("qm_manager"))
    page, keys = shown.goto("/"), shown.page.keyboard

    enter(page, "Clients", "**/clients")
    enter(page, "Northwind", "**/clients/northwind")
    enter(page, "Settings", "**/clients/northwind/settings")
    tab_to(page, "Publish")
    keys.type("some")
    tab_to(page, "Hours later")
    keys.type("48")
    tab_to(page, "Save")
    keys.press("Enter")
    page.get_by_text("Saved.").wait_for()
    assert shown.faults() == []

    enter(page, "Sampling", "**/clients/northwind/sampling")
    tab_to(page, "Base rate")
    keys.type("10")
    tab_to(page, "How many are drawn")
    keys.type("bounds")
    tab_to(page, "At least, per agent")
    keys.type("2")
    tab_to(page, "At most, per agent")
    keys.type("6")
    tab_to(page, "See what it changes")
    keys.press("Enter")
    page.locator("textarea[name=text]").wait_for()
    assert shown.faults() == []
    confirmed = page.locator("#confirmed")
    if confirmed.count():
        tab_to(page, confirmed.evaluate("each => each.labels[0].innerText").strip())
        keys.press("Space")
    tab_to(page, "Publish")
    keys.press("Enter")
    page.get_by_text("at least 10.0 %").first.wait_for()

    with provider.session() as session:
        client = session.get_one(Client, (provider.tenant.tenant_id, provider.clients["northwind"].client_id))
        assert client.settings["publish_evaluations"] == {"when": "after_hours", "hours": 48}
        policy = session.scalars(select(Definition).where(Definition.kind == "sampling_policy")).one()
        assert policy.body["quotas"] == {"agent_week": {"min": 2, "max": 6}}
    # What was being worked out when the page was left is broken off, which htmx logs.
    assert [each for each in shown.errors if not each.startswith("htmx:")] == []


def test_a_reviewer_begins_with_the_keyboard(desk, window):
    drawn = desk.drawn()
    shown = window(desk.person())
    page, keys = shown.goto("/"), shown.page.keyboard

    tab_to(page, "Review the next one")
    keys.press("Enter")
    page.wait_for_url(f"**/reviews/{drawn.review_id}")
    page.wait_for_selector(".question.current")
    keys.press("?")
    page.get_by_text("Ctrl+Enter").first.wait_for()
    keys.press("Escape")
    keys.press("s")
    keys.type("Only noise.")
    keys.press("Enter")
    page.get_by_text("Nothing waits for you").first.wait_for()
    assert desk.stored(drawn.review_id).state == "skipped"
    enter(page, "Interactions", "**/interactions")
    assert shown.faults() == []
