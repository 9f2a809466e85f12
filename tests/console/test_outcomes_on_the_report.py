"""Outcomes on the report page: the numbers of the API, an association in words, and the empty state."""

import html
import re

import pytest

from tests.api.reports.friction_data import Contacts

REPORT = "/clients/northwind/report"
JULY = "from=2026-07-01&to=2026-07-31"


@pytest.fixture
def contacts(provider):
    return Contacts(provider)


def section(page):
    found = re.search(r'id="outcomes">(.*?)</section>', page, re.DOTALL)[1]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found)))


def test_the_relation_is_worded_as_association_with_its_interval(contacts, services, visitor):
    for number in range(60):
        csat = 3 + (number % 3 > 0)
        contacts.contact(empathy=40.0 + 10 * (csat - 3) + number % 5, outcome={"csat": csat, "nps": 9})
    contacts.keep(services)

    shown = section(visitor("qm_manager").get(f"{REPORT}?{JULY}").text)

    assert re.search(r"10 points more empathy go with \+0\.\d\d \(95 % interval", shown)
    assert "an association, not a proof of a cause" in shown
    assert "3.67" in shown
    for word in ("because", "leads to", "improves"):
        assert word not in shown


def test_without_outcomes_the_page_says_so(contacts, visitor):
    contacts.scored(*[60.0] * 10)

    shown = section(visitor("qm_manager").get(f"{REPORT}?{JULY}").text)

    assert "no satisfaction, no promoter score" in shown


def test_of_few_a_stakeholder_sees_nothing(contacts, services, visitor):
    for number in range(20):
        contacts.contact(outcome={"csat": 4} if number < 10 else {"nps": 9} if number < 13 else {})
    contacts.keep(services)

    shown = section(visitor("client_stakeholder", "northwind").get(REPORT).text)

    assert "4.00" in shown
    assert "fewer than five: kept back" in shown
