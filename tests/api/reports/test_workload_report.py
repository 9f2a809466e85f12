"""The report on workload over HTTP: recomputed independently, where empathy falls, and what is missing."""

import random
from datetime import date

import pytest

from tests.api.reports.friction_data import Contacts
from tests.api.reports.test_friction_report import script
from tests.api.reports.test_reports import JULY, answer, ask, stakeholder

WHOLE_JULY = "from=2026-07-01&to=2026-07-31"


@pytest.fixture
def caller(provider):
    return provider.caller("reports:read")


@pytest.fixture
def contacts(provider):
    return Contacts(provider)


def test_every_figure_is_that_of_an_independent_recomputation(contacts, services, provider):
    draw = random.Random(6)
    contacts.themes()
    for _ in range(220):
        busy = draw.choice([None, 1, 1, 2, 2.5, 3, 4, 9])
        contacts.contact(
            draw.choice(["My card was refused", "Hello"]),
            empathy=draw.choice([None, *[max(0, 70 - 12 * ((busy or 1) > 2) + draw.randint(-20, 20))] * 8]),
            seconds=draw.choice([None, draw.randint(30, 4000)]),
            handling={} if busy is None else {"concurrency": busy},
            channel=draw.choice(["chat", "email"]),
            day=draw.randrange(28),
        )
    contacts.keep(services)
    everything = provider.caller()
    found = answer(everything, "workload")

    text = everything.get("/v1/clients/northwind/export?transcripts=true").text
    export = script().Export.read(text.splitlines())
    expected = script().workload_report(export, date(2026, 7, 1), date(2026, 7, 28))

    assert [row["falls"] for row in found["measures"]] == [True, False]
    assert found["measures"][0]["beyond"] == 2
    assert found["classes"] == expected["classes"]
    for row, wanted in zip(found["measures"], expected["measures"], strict=True):
        assert {name: row[name] for name in wanted} == wanted


def test_the_load_beyond_which_empathy_falls_is_told_among_alike_interactions(contacts, services, caller):
    """Chats run beside each other and go better: the mixture says the opposite of what alike ones say."""
    for number in range(80):
        wave = [-5, 5][number % 2]
        contacts.contact(channel="email", handling={"concurrency": 1 + number % 3}, empathy=50 + wave)
        load = 3 + number % 4
        empathy = 90 + wave - 20 * (load > 4)
        contacts.contact(channel="chat", handling={"concurrency": load}, empathy=empathy)
    contacts.keep(services)

    found = answer(caller, "workload")
    row, other = found["measures"]

    assert (row["difference"], row["falls"], row["beyond"]) == (-20.0, True, 4)
    assert (row["beyond_low"], row["beyond_high"]) == (4, 4)
    assert (row["known"], row["compared"], row["groups"]) == (160, 160, 2)
    assert -24 < row["low"] < -20 < row["high"] < -16
    assert (other["known"], other["difference"]) == (0, None)
    assert found["finding"].startswith(
        "With more than 4 conversations at once empathy is 20.0 points lower ("
    )
    assert [each["load_from"] for each in found["classes"]] == [1, 2, 3, 4, 5, 6]
    assert found["classes"][0]["interactions"] == 27
    assert "no proof of a cause" in found["method_note"]


def test_what_is_missing_is_said_with_what_to_do(contacts, services, caller):
    def said():
        contacts.keep(services)
        return answer(caller, "workload")["finding"]

    assert said().startswith("No interaction of this period has been scored: choose")
    contacts.contact(empathy=50)
    assert said().startswith("Of no interaction with an empathy score the load is known: push `handling`")
    contacts.contact(empathy=50, seconds=60)
    assert said() == "Too few alike interactions differ in handling time to tell how empathy goes with it."
    for number in range(80):
        contacts.contact(empathy=50 + number % 3, seconds=60 + 300 * (number % 2))
    assert said() == "Empathy does not clearly fall with handling time, among 81 alike interactions."


def test_small_counts_are_kept_back_from_stakeholders_and_the_table_is_of_loads(
    contacts, services, caller, provider
):
    for number in range(30):
        contacts.contact(empathy=50 + number, handling={"concurrency": 1 + (number > 26)}, seconds=100)
    contacts.contact(empathy=50)
    contacts.keep(services)
    found = answer(stakeholder(provider), "workload", WHOLE_JULY)

    assert {row["suppressed"] for row in found["measures"]} == {True}
    assert {(row["suppressed"], row["interactions"]) for row in found["classes"]} == {(True, None)}
    lines = ask(caller, "workload", f"{JULY}&format=csv").get_data(as_text=True).splitlines()
    assert [line.split(",")[:4] for line in lines] == [
        ["measure", "load_from", "load_below", "interactions"],
        ["concurrency", "1", "2", "27"],
        ["concurrency", "2", "3", "3"],
        ["handle_time", "0", "2", "30"],
    ]
    assert ask(caller, "workload", f"{JULY}&format=xlsx").data.startswith(b"PK")


@pytest.mark.parametrize("slug", ["contoso", "nowhere"])
def test_workload_of_another_client_is_not_found(make_provider, slug):
    bound = make_provider("northwind", "contoso").caller("reports:read", bound_to=("northwind",))

    assert bound.get(f"/v1/clients/{slug}/reports/workload").status_code == 404
