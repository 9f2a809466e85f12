"""Every link of every page, as each role: none leads nowhere."""

import html
import re
from pathlib import Path
from urllib.parse import urldefrag

import pytest

from qm import console
from tenants.roles import ROLES
from tests.api.review_api import ReviewFixture
from tests.console.test_evaluations import submitted

MAX_PAGES = 120


def links_of(page):
    found = re.findall(r'(?:href|hx-get)="(/[^"]*)"', page.text)
    return [urldefrag(html.unescape(each))[0] for each in found]


def form_of_address(path):
    """Return the address without ids, so that of many alike few are opened."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "0", path)


def test_every_endpoint_that_a_page_names_is_there(app):
    """Where a list is empty in a test, nobody follows its links."""
    named = {
        (file.name, endpoint)
        for file in Path(console.__file__).parent.rglob("*")
        if file.suffix in {".py", ".html"}
        for endpoint in re.findall(r"""["'](console\.\w+)["']""", file.read_text(encoding="utf-8"))
    }
    known = {*app.view_functions, "console.css", "console.js"}
    assert len(named) > 100
    assert [each for each in sorted(named) if each[1] not in known] == []


@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_link_is_dead(provider, visitor, role):
    desk = ReviewFixture(provider)
    desk.publish("northwind")
    submitted(desk, visitor(user=desk.person()))
    desk.drawn()
    somebody = visitor(role, "northwind") if role == "client_stakeholder" else visitor(role)
    waiting, opened, kinds = [("/", "")], set(), {}

    while waiting and len(opened) < MAX_PAGES:
        path, on = waiting.pop(0)
        kind = form_of_address(path)
        if path in opened or kinds.get(kind, 0) >= 2:
            continue
        opened.add(path)
        kinds[kind] = kinds.get(kind, 0) + 1
        page = somebody.get(path)
        assert page.status_code < 400, f"{path} on {on}: {page.status_code}"
        if page.status_code == 303:
            waiting.append((page.headers["Location"], path))
        elif page.mimetype == "text/html" and not path.startswith("/docs"):
            waiting += [(each, path) for each in links_of(page) if not each.startswith("/static")]

    assert {"/", "/account"} < opened
