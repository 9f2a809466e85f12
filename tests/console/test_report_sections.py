"""Parts of the report page on how the service works: the API's numbers, what a stakeholder sees, nothing."""

import html
import re

import pytest

from scorecards.authoring import versions
from tests.api.reports.test_empowerment_report import BOOK, Cases, discretion
from tests.whole_words import has_word

REPORT = "/clients/northwind/report"
JULY = "from=2026-07-01&to=2026-07-31"
API = "/v1/clients/northwind/reports"


@pytest.fixture
def contacts(provider):
    return Cases(provider)


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
    for side in ("charged", "other"):
        names = (f"{side}_share", f"{side}_low", f"{side}_high")
        assert "{} {} to {}".format(*(told(first[name]) for name in names)) in shown
    assert f"{told(first['difference'])} {told(first['difference_low'])} to" in shown
    assert "not a proof of a cause" in shown
    assert "Von den Kunden aus 40 emotional aufgeladenen Fällen waren" in section(
        german(provider, visitor).get(f"{REPORT}?{JULY}").text, "retention"
    )


def test_where_empathy_falls_is_a_dashed_line_in_a_figure_of_its_own_address(
    contacts, services, visitor, provider
):
    for number in range(80):
        load, wave = 1 + number % 4, [-5, 5][number % 2]
        handling = {"concurrency": load, "handle_seconds": 300}
        contacts.contact(handling=handling, empathy=70 + wave - 20 * (load > 2), day=number % 20)
    contacts.keep(services)
    manager = visitor("qm_manager")

    api = provider.caller("reports:read").get(f"{API}/workload?{JULY}").json
    shown = section(manager.get(f"{REPORT}?{JULY}").text, "workload")
    picture = manager.get(f"{REPORT}/workload.svg?{JULY}").text

    assert manager.get(f"{REPORT}/workload.json?{JULY}").json == api
    assert api["finding"] in shown
    for row, name in zip(api["classes"][:4], ("1", "2", "3", "4"), strict=True):
        figures = (told(row[each]) for each in ("empathy", "low", "high"))
        assert " ".join((name, "at once", str(row["interactions"]), *figures)) in shown
    fall = api["measures"][0]
    limits = f"({told(fall['low'])} to {told(fall['high'])})"
    line = f"More than 2: {told(fall['difference'])} points among alike interactions {limits}"
    drawn = re.findall(r">([^<>]+)</text>", picture)
    order = [
        drawn.index(each)
        for each in ("2 at once", line, "3 at once", "Handling time", "4 to under 6 minutes")
    ]
    assert order == sorted(order)
    assert picture.count("stroke-dasharray") == 1
    assert manager.get(f"{REPORT}/workload.png?{JULY}").data.startswith(b"\x89PNG")
    said = section(german(provider, visitor).get(f"{REPORT}?{JULY}").text, "workload")
    assert "Bei mehr als 2 gleichzeitigen Gesprächen ist die Empathie unter gleichartigen" in said


def test_use_of_discretion_is_told_and_of_few_a_stakeholder_sees_nothing(
    contacts, services, visitor, provider
):
    with provider.session() as session:
        client = session.merge(contacts.client)
        versions.put_in_force(session, client, kind="playbook", key="late", body=BOOK)
    for number in range(60):
        found = [discretion(used=number < 24, within=number < 16)] if number < 40 else []
        handling = {"concurrency": 1 + (number >= 40) + (number >= 57)}
        contacts.case(*found, handling=handling, empathy=60.0 + number % 3)
    contacts.case(discretion(key="gift"), handling={"concurrency": 1}, empathy=60.0)
    contacts.keep(services)

    api = provider.caller("reports:read").get(f"{API}/empowerment?{JULY}").json
    shown = section(visitor("qm_manager").get(f"{REPORT}?{JULY}").text, "empowerment")
    page = visitor("client_stakeholder", "northwind").get(REPORT).text

    assert api["finding"] in shown
    assert f"Goodwill credit 40 16 {told(api['discretions'][0]['share'])}" in shown
    assert "gift 1 1 100.0" in shown
    assert "fewer than five: kept back" in section(page, "empowerment")
    assert "gift 1" not in section(page, "empowerment")
    assert "1 at once 41 " in section(page, "workload")
    assert "3 at once fewer than five: kept back" in section(page, "workload")
    assert not has_word(page, "a-1")


def test_what_is_not_known_is_one_sentence_and_no_figure(contacts, services, visitor, provider):
    contacts.scored(*[60.0] * 10)
    contacts.keep(services)

    page = german(provider, visitor).get(f"{REPORT}?{JULY}").text

    assert section(page, "retention").strip() == (
        "Ob Kunden geblieben sind Keine Interaktion dieses Zeitraums ist emotional aufgeladen: "
        "Wählen Sie einen längeren Zeitraum."
    )
    assert section(page, "empowerment").strip() == (
        "Ob Spielraum genutzt wird Kein Playbook lässt Agenten einen Spielraum: "
        "Veröffentlichen Sie eines mit `discretion`."
    )
    assert (
        section(page, "workload")
        .strip()
        .startswith("Empathie nach Last Von keiner Interaktion mit einer Empathiepunktzahl")
    )
    assert visitor("qm_manager").get(f"{REPORT}/workload.svg?{JULY}").status_code == 404
