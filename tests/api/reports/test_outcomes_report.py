"""The report on outcomes over HTTP: by hand, recomputed independently, an association, and kept back."""

import random
from datetime import date, timedelta

import pytest

from qm.interactions.models import InteractionEvent
from tests.api.reports.friction_data import Contacts
from tests.api.reports.test_friction_report import script
from tests.api.reports.test_reports import JULY, START, answer, ask, faults, stakeholder

WHOLE_JULY = "from=2026-07-01&to=2026-07-31"


@pytest.fixture
def caller(provider):
    return provider.caller("reports:read")


@pytest.fixture
def contacts(provider):
    return Contacts(provider)


def measures(report):
    return {row["measure"]: row for row in report["measures"]}


@pytest.mark.parametrize("seed", [5, 6])
def test_every_figure_is_that_of_an_independent_recomputation(contacts, services, provider, seed):
    contacts.themes()
    contacts.random_contacts(seed)
    contacts.keep(services)
    everything = provider.caller()
    found = answer(everything, "outcomes")["measures"]

    text = everything.get("/v1/clients/northwind/export?transcripts=true").text
    export = script().Export.read(text.splitlines())
    expected = script().outcomes_report(export, date(2026, 7, 1), date(2026, 7, 28))

    assert any(row["per_10_points"] is not None for row in found)
    for row, wanted in zip(found, expected, strict=True):
        assert {name: row[name] for name in wanted} == wanted


def test_outcomes_by_hand_and_a_later_event_counts(contacts, services, caller, provider):
    csat = [5, 5, 4, 2]
    ids = [
        contacts.contact(
            outcome={"csat": value, "nps": nps}, status=[{"at": START.isoformat(), "to": "closed"}]
        )
        for value, nps in zip(csat, (10, 9, 8, 3), strict=True)
    ]
    with provider.session() as session:
        owner = {**contacts.owner, "interaction_id": ids[3]}
        at = START + timedelta(days=2)
        session.add(InteractionEvent(**owner, at=at, kind="csat", value=4))
        session.add(InteractionEvent(**owner, at=at, kind="reopened", value=True))
    contacts.keep(services)

    found = measures(answer(caller, "outcomes"))

    assert (found["csat"]["answered"], found["csat"]["estimate"]) == (4, 4.5)
    assert found["nps"]["estimate"] == 25.0
    assert (found["reopened"]["answered"], found["reopened"]["estimate"]) == (4, 25.0)
    assert (found["first_contact"]["answered"], found["first_contact"]["estimate"]) == (0, None)


def test_like_is_compared_with_like_where_the_mixture_would_say_the_opposite(contacts, services, caller):
    """Complaints get more empathy and are less satisfied; within each reason satisfaction rises with it."""
    draw = random.Random(1)
    for _ in range(80):
        hard = draw.random() < 0.5
        empathy = (70 if hard else 30) + draw.uniform(-20, 20)
        csat = (2 if hard else 4) + (empathy - (70 if hard else 30)) / 20 + draw.uniform(-0.3, 0.3)
        contacts.contact(
            intent="complaint" if hard else "question",
            empathy=empathy,
            outcome={"csat": max(1, min(5, round(csat)))},
        )
    contacts.keep(services)

    found = answer(caller, "outcomes")
    row = measures(found)["csat"]

    assert row["groups"] == 2
    assert row["per_10_low"] > 0.2
    assert "association and no proof of a cause" in found["method_note"]


def test_before_and_after_a_programme_is_valued_with_its_interval(contacts, services, caller):
    draw = random.Random(2)
    for number in range(100):
        after = number >= 50
        contacts.contact(
            intent=draw.choice(["bill", "parcel"]),
            outcome={"csat": draw.choice([4, 5] if after else [3, 4])},
            day=10 + number // 10,
        )
    contacts.keep(services)
    asked = f"{JULY}&programme_on=2026-07-16&value_per_point=3.5"

    found = answer(caller, "outcomes", asked)

    row, programme = measures(found)["csat"], found["programme"]
    assert 0.5 < row["difference_low"] < row["difference"] < row["difference_high"] < 1.5
    assert (programme["answers_after"], programme["on"], programme["measure"]) == (50, "2026-07-16", "csat")
    assert programme["value"] == pytest.approx(row["difference"] * 50 * 3.5, abs=1)
    assert programme["value_low"] < programme["value"] < programme["value_high"]
    assert answer(caller, "outcomes")["programme"] is None


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("programme_on=2026-08-16", ("/query/programme_on", "outside_period")),
        ("value_per_point=3", ("/query/value_per_point", "needs_programme_on")),
        ("programme_on=2026-07-16&value_per_point=-1", ("/query/value_per_point", "out_of_range")),
        ("programme_on=soon", ("/query/programme_on", "not_a_day")),
        ("programme_on=2026-07-16&value_of=joy", ("/query/value_of", "not_allowed")),
    ],
)
def test_bad_programmes_are_named(caller, query, fault):
    assert fault in faults(ask(caller, "outcomes", f"{JULY}&{query}"))


def test_of_few_nothing_is_told_to_stakeholders_and_programmes_begin_with_a_month(
    contacts, services, provider
):
    for number in range(20):
        contacts.contact(outcome={"csat": 4} | ({"nps": 9} if number < 3 else {}))
    contacts.contact(outcome={"csat": 3}, day=-10)
    contacts.keep(services)
    reader = stakeholder(provider)

    found = measures(answer(reader, "outcomes", f"{WHOLE_JULY}&programme_on=2026-07-01"))

    assert (found["csat"]["answered"], found["csat"]["estimate"]) == (20, 4.0)
    assert found["csat"]["before"] is found["csat"]["after"] is None
    assert found["nps"]["suppressed"] is True
    assert found["nps"]["answered"] is None
    refused = faults(ask(reader, "outcomes", f"{WHOLE_JULY}&programme_on=2026-07-08"))
    assert refused == {("/query/programme_on", "whole_months")}


def test_without_outcomes_there_is_no_number_and_the_table_is_of_measures(contacts, services, caller):
    found = measures(answer(caller, "outcomes"))
    lines = ask(caller, "outcomes", f"{JULY}&format=csv").get_data(as_text=True).splitlines()

    assert {row["answered"] for row in found.values()} == {0}
    assert {row["estimate"] for row in found.values()} == {None}
    assert lines[0].startswith("measure,")
    assert len(lines) == 5


@pytest.mark.parametrize("slug", ["contoso", "nowhere"])
def test_outcomes_of_another_client_are_not_found(make_provider, slug):
    bound = make_provider("northwind", "contoso").caller("reports:read", bound_to=("northwind",))

    assert bound.get(f"/v1/clients/{slug}/reports/outcomes").status_code == 404
