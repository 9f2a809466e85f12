"""Friction on the report page: what stands out in words, the table, quotes, and the empty state."""

import html
import re

import pytest

from tests.api.reports.friction_data import THEMES, Contacts

REPORT = "/clients/northwind/report"
JULY = "from=2026-07-01&to=2026-07-31"


@pytest.fixture
def contacts(provider):
    return Contacts(provider)


def section(page):
    found = re.search(r'id="friction">(.*?)</section>', page, re.DOTALL)[1]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found)))


def filled(contacts, services):
    for number in range(60):
        contacts.contact("My card was refused", sorry=number < 45, seconds=600, day=number % 20, empathy=60.0)
        contacts.contact("No parcel", intent="lost_parcel", sorry=number < 6, day=number % 20)
    contacts.themes(THEMES)
    contacts.keep(services)


def test_the_page_says_what_it_is_about_and_names_the_fault_of_the_product(contacts, services, visitor):
    filled(contacts, services)

    shown = section(visitor("qm_manager").get(f"{REPORT}?{JULY}").text)

    assert "50 % of all interactions" in shown
    assert "Agents apologise again and again for Card refused: in 75 % of its interactions" in shown
    assert "It cost 7.5 hours." in shown
    assert "My card was refused" in shown
    assert "Read the whole interaction" in shown


def test_a_stakeholder_reads_no_quote_that_is_not_published(contacts, services, visitor):
    filled(contacts, services)

    shown = section(visitor("client_stakeholder", "northwind").get(REPORT).text)

    assert "Card refused" in shown
    assert "My card was refused" not in shown


def test_without_themes_the_page_says_why(contacts, visitor):
    contacts.scored(*[60.0] * 10)

    shown = section(visitor("qm_manager").get(f"{REPORT}?{JULY}").text)

    assert "No interaction of these days has a theme" in shown


def test_the_numbers_of_the_figure_are_those_of_the_api(contacts, services, visitor, provider):
    filled(contacts, services)
    manager = visitor("qm_manager")

    page = manager.get(f"{REPORT}/friction.json?{JULY}").json
    api = provider.caller("reports:read").get(f"/v1/clients/northwind/reports/friction?{JULY}").json

    assert [row | {"quotes": []} for row in page["themes"]] == api["themes"]
    assert manager.get(f"{REPORT}/friction.csv?{JULY}").status_code == 200
