"""Parts of the report page on how the service works: the API's numbers, what a stakeholder sees, nothing."""

import html
import re

import pytest

from tests.api.reports.friction_data import Contacts

REPORT = "/clients/northwind/report"
JULY = "from=2026-07-01&to=2026-07-31"
API = "/v1/clients/northwind/reports"


@pytest.fixture
def contacts(provider):
    return Contacts(provider)


def section(page, part):
    found = re.search(rf'id="{part}">(.*?)</section>', page, re.DOTALL)[1]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found)))


def german(provider, visitor, role="qm_manager", *clients):
    user = provider.add_user(role, *clients, email="leser@example.com")
    with provider.session() as session:
        session.merge(user).locale = "de"
    return visitor(user=user)


def told(value):
    return f"{value:.1f}".replace("-", "−")


def test_whether_customers_stayed_is_told_with_the_numbers_of_the_api(contacts, services, visitor, provider):
    for number in range(80):
        outcome = {"churned": number % 8 == 0} if number < 40 else {"churned": number % 20 == 0}
        contacts.contact(charged=int(number < 40), customer=f"c-{number}", outcome=outcome, day=number % 20)
    contacts.keep(services)
    manager = visitor("qm_manager")

    api = provider.caller("reports:read").get(f"{API}/retention?{JULY}").json
    shown = section(manager.get(f"{REPORT}?{JULY}").text, "retention")

    assert manager.get(f"{REPORT}/retention.json?{JULY}").json == api
    assert api["finding"] in shown
    first = api["horizons"][0]
    for names in (("charged_share", "charged_low", "charged_high"), ("other_share", "other_low", "other_high")):
        assert "{} {} to {}".format(*(told(first[name]) for name in names)) in shown
    assert f"{told(first['difference'])} {told(first['difference_low'])} to" in shown
    assert "not a proof of a cause" in shown
    assert "Von den Kunden aus 40 emotional aufgeladenen Fällen waren" in section(
        german(provider, visitor).get(f"{REPORT}?{JULY}").text, "retention"
    )
