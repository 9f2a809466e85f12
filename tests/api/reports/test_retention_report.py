"""The report on retention over HTTP: recomputed independently, by hand, later facts, and what is missing."""

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from qm.friction.models import RetentionSum
from qm.interactions.models import Interaction, InteractionEvent
from tenants.models import utc_now
from tests.api.reports.friction_data import Contacts
from tests.api.reports.test_friction_report import script
from tests.api.reports.test_reports import JULY, START, answer, ask, stakeholder
from tests.whole_words import has_word

WHOLE_JULY = "from=2026-07-01&to=2026-07-31"


@pytest.fixture
def caller(provider):
    return provider.caller("reports:read")


@pytest.fixture
def contacts(provider):
    return Contacts(provider)


def say(contacts, interaction_id, after, *, value=True):
    """Store the later event that the customer of an interaction has left so many days after July began."""
    owner = {**contacts.owner, "interaction_id": interaction_id}
    with contacts.provider.session() as session:
        session.add(InteractionEvent(**owner, at=START + timedelta(days=after), kind="churned", value=value))
        interaction = session.scalar(select(Interaction).where(Interaction.interaction_id == interaction_id))
        interaction.attempts += 1  # any change gives it a new place in the order of changes


def horizons(report):
    return {row["days"]: row for row in report["horizons"]}


def test_every_figure_is_that_of_an_independent_recomputation(contacts, services, provider):
    draw = random.Random(4)
    ids = [
        contacts.contact(
            day=draw.randrange(28),
            customer=draw.choice([None, *(f"c-{each}" for each in range(30))]),
            charged=int(draw.random() < 0.4),
            outcome=draw.choice([{}, {}, {}, {"churned": False}, {"churned": True}]),
            channel=draw.choice(["chat", "email"]),
        )
        for _ in range(120)
    ]
    for each in draw.sample(ids, 12):
        say(contacts, each, draw.randrange(30, 110), value=draw.random() < 0.8)
    contacts.keep(services)
    everything = provider.caller()
    found = answer(everything, "retention")

    text = everything.get("/v1/clients/northwind/export?transcripts=true").text
    expected = script().retention_report(
        script().Export.read(text.splitlines()), date(2026, 7, 1), date(2026, 7, 28)
    )

    assert 0 < expected[0]["charged_share"] < 100
    assert len({row["other_share"] for row in expected}) > 1
    for row, wanted in zip(found["horizons"], expected, strict=True):
        assert {name: row[name] for name in wanted} == wanted


def test_who_left_when_by_hand_and_a_later_fact_moves_the_cases_before_it(contacts, services, caller):
    """Ten charged cases: one customer is said to leave after 40 days, then after 20, then to be there."""
    ids = [contacts.contact(customer=f"c-{number}", charged=1) for number in range(10)]
    for number in range(20):
        contacts.contact(customer=f"quiet-{number}", outcome={"churned": number == 0})
    contacts.keep(services)
    assert horizons(answer(caller, "retention"))[60]["charged_share"] == 100.0

    later = contacts.contact(customer="c-0", day=40)
    say(contacts, later, 40)
    contacts.keep(services)
    found = answer(caller, "retention")
    rows = horizons(found)
    assert [rows[days]["charged_share"] for days in (30, 60, 90)] == [100.0, 90.0, 90.0]
    assert (rows[60]["charged_cases"], rows[60]["charged_retained"]) == (10, 9)
    assert (rows[60]["charged_low"], rows[60]["charged_high"]) == (59.6, 98.2)
    assert (rows[30]["other_cases"], rows[30]["other_share"]) == (20, 95.0)
    assert rows[60]["difference"] == -5.0
    assert rows[60]["difference_low"] < -5.0 < rows[60]["difference_high"]
    assert found["finding"] == (
        "Of the customers of 10 emotionally charged cases 90.0 % (59.6 to 98.2) had not left 90 days later, "
        "after all others 95.0 %."
    )

    say(contacts, ids[0], 20)
    contacts.keep(services)
    assert horizons(answer(caller, "retention"))[30]["charged_share"] == 90.0
    say(contacts, ids[0], 30, value=False)
    say(contacts, later, 45, value=False)
    contacts.keep(services)
    assert {row["charged_share"] for row in answer(caller, "retention")["horizons"]} == {100.0}


def test_what_is_missing_is_said_with_what_to_do(contacts, services, caller):
    def said(query=JULY):
        contacts.keep(services)
        found = answer(caller, "retention", query)
        assert {row["charged_share"] for row in found["horizons"]} == {None}
        return found["finding"]

    assert said().startswith("No interaction of this period has been scored: choose")
    contacts.contact(customer="calm")
    assert said().startswith("No interaction of this period is emotionally charged: choose")
    contacts.contact(charged=1)
    assert said().startswith("No customer of an emotionally charged case is known: push")
    contacts.contact(charged=1, customer="c-1")
    assert said().startswith("Nothing says yet that any customer has left: push `churned`")

    today = utc_now().date()
    contacts.contact(
        charged=1, customer="c-2", day=(today - START.date()).days - 3, outcome={"churned": True}
    )
    sentence = said(f"from={today - timedelta(days=10)}")
    assert sentence.endswith(f"choose a period that begins on {today - timedelta(days=31)} or before.")
    found = answer(caller, "retention", f"from={today - timedelta(days=10)}")
    assert {row["too_young"] for row in found["horizons"]} == {1}


def test_the_sentence_is_of_the_longest_horizon_that_has_enough_cases(contacts, services, caller):
    today = utc_now().date()
    for number in range(35):
        days_ago = 40 if number < 32 else 100
        day = (today - START.date()).days - days_ago
        contacts.contact(charged=1, customer=f"c-{number}", day=day, outcome={"churned": number == 0})
    contacts.keep(services)

    found = answer(caller, "retention", f"from={today - timedelta(days=120)}")

    assert [row["charged_cases"] for row in found["horizons"]] == [35, 3, 3]
    assert found["finding"].startswith("Of the customers of 35 emotionally charged cases 97.1 % (")
    assert "had not left 30 days later" in found["finding"]


def test_of_few_nothing_is_told_to_stakeholders(contacts, services, provider):
    for number in range(30):
        contacts.contact(customer=f"c-{number}", charged=int(number < 4), outcome={"churned": number == 9})
    contacts.keep(services)
    reader = stakeholder(provider)

    found = answer(reader, "retention", WHOLE_JULY)
    rows = found["horizons"]
    assert {(row["suppressed"], row["charged_share"], row["other_cases"]) for row in rows} == {
        (True, None, None)
    }
    assert (found["interactions"], found["charged"]) == (30, None)
    assert found["finding"] == "Too few emotionally charged cases are old enough: the figures are kept back."

    contacts.contact(customer="c-30", charged=1)
    contacts.keep(services)
    row = answer(reader, "retention", WHOLE_JULY)["horizons"][0]
    assert (row["suppressed"], row["charged_cases"], row["charged_share"]) == (False, 5, 100.0)


def test_the_table_is_of_horizons_filters_narrow_it_and_erased_cases_leave_it(
    contacts, services, caller, provider
):
    ids = [contacts.contact(customer=f"c-{number}", charged=1, channel="email") for number in range(6)]
    contacts.contact(customer="c-9", charged=1, outcome={"churned": True})
    contacts.keep(services)

    lines = ask(caller, "retention", f"{JULY}&format=csv").get_data(as_text=True).splitlines()
    assert lines[0].startswith("days,charged_cases,")
    assert [line.split(",")[0] for line in lines[1:]] == ["30", "60", "90"]
    assert has_word(lines[1], "85.7")
    assert ask(caller, "retention", f"{JULY}&format=xlsx").data.startswith(b"PK")
    assert answer(caller, "retention", f"{JULY}&channel=email")["horizons"][0]["charged_share"] == 100.0

    erased = provider.caller().delete(f"/v1/interactions/{ids[0]}")
    assert erased.status_code in {200, 204}
    contacts.keep(services)
    assert answer(caller, "retention")["horizons"][0]["charged_cases"] == 6
    with provider.session() as session:
        assert session.scalar(select(func.sum(RetentionSum.cases))) == 6


@pytest.mark.parametrize("slug", ["contoso", "nowhere"])
def test_retention_of_another_client_is_not_found(make_provider, slug):
    bound = make_provider("northwind", "contoso").caller("reports:read", bound_to=("northwind",))

    assert bound.get(f"/v1/clients/{slug}/reports/retention").status_code == 404
