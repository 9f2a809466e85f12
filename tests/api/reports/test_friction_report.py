"""The friction report over HTTP: figures by hand and recomputed independently, and who sees what."""

import importlib.util
import sys
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, select, update

from qm.facts.models import DailyRollup, InteractionFacts
from qm.friction.models import EVERY_CHANNEL, FrictionFact, FrictionSum
from qm.interactions.models import Interaction
from qm.reviews.models import Evaluation
from scorecards.authoring import version_queries
from tests.api.reports.friction_data import Contacts
from tests.api.reports.test_reports import JULY, answer, ask, stakeholder
from tests.contract.docs_reader import ROOT

SAID = ("The invoice is wrong", "My screen stays black", "Please cancel the contract", "Delivery is late")
WHOLE_JULY = "from=2026-07-01&to=2026-07-31"


@pytest.fixture
def caller(provider):
    return provider.caller("reports:read", "interactions:read")


@pytest.fixture
def contacts(provider):
    return Contacts(provider)


def script():
    path = ROOT / "docs/how-to/recompute_more_reports.py"
    spec = importlib.util.spec_from_file_location("recompute_more_reports", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def themes_of(report):
    return {row["theme"]: row for row in report["themes"]}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_figure_is_that_of_an_independent_recomputation(contacts, services, provider, seed):
    contacts.themes()
    contacts.random_contacts(seed)
    contacts.keep(services)
    everything = provider.caller()
    found = answer(everything, "friction")

    export = script().Export.read(
        everything.get("/v1/clients/northwind/export?transcripts=true").text.splitlines()
    )
    expected = script().friction_report(export, date(2026, 7, 1), date(2026, 7, 28))

    assert {name: found[name] for name in ("interactions", "without_theme")} == {
        name: expected[name] for name in ("interactions", "without_theme")
    }
    assert len(found["themes"]) == len(expected["themes"]) >= 4
    for row, wanted in zip(found["themes"], expected["themes"], strict=True):
        assert {name: row[name] for name in wanted} == wanted


def test_a_fault_that_agents_apologise_for_again_and_again_is_named_with_its_hours(
    contacts, services, caller
):
    for number in range(40):
        contacts.contact("My card was refused", sorry=number < 30, seconds=600, day=number % 20)
        contacts.contact("Where is my parcel", intent="parcel", sorry=number < 4, seconds=60)
    contacts.themes()
    contacts.keep(services)

    found = themes_of(answer(caller, "friction"))

    assert found["card"]["apologises_again"] is True
    assert found["card"]["apology_share"] == 75.0
    assert found["card"]["apology_hours"] == 5.0
    assert found["parcel"]["apologises_again"] is False
    assert (found["card"]["name"], found["parcel"]["name"]) == ("Card refused", "parcel")


def test_a_theme_that_grew_is_told_with_the_day_and_one_that_did_not_is_not(contacts, services, caller):
    for day in range(20):
        for number in range(8):
            about = "card" if number < (1 if day < 10 else 5) else "parcel"
            contacts.contact(intent=about, day=day)
        contacts.contact(intent="steady", day=day)
    contacts.keep(services)

    found = themes_of(answer(caller, "friction"))

    assert found["card"]["changed_on"] == "2026-07-11"
    assert (found["card"]["share_before"], found["card"]["share_after"]) == (11.1, 55.6)
    assert found["steady"]["changed_on"] is None


def test_a_customer_who_comes_back_within_seven_days_is_a_repeat_contact(contacts, services, caller):
    for day in (0, 5, 13):
        contacts.contact(intent="card", customer="c-1", day=day)
    contacts.contact(intent="card", customer="c-2", day=1)
    contacts.contact(intent="card", day=2)
    contacts.keep(services)

    [row] = answer(caller, "friction")["themes"]

    assert (row["followed"], row["repeat_share"]) == (4, 25.0)


def test_nothing_of_scores_facts_and_evaluations_is_touched(contacts, services, provider):
    contacts.random_contacts(4, n=60)

    def judged():
        with provider.session() as session:
            return [
                sorted(map(repr, session.execute(select(*table.__table__.columns)).all()))
                for table in (InteractionFacts, DailyRollup, Evaluation)
            ]

    before = judged()
    contacts.keep(services)

    assert judged() == before


def test_themes_are_found_named_and_stay_until_somebody_changes_them(contacts, services, caller, provider):
    for number in range(60):
        contacts.contact(f"Hello. {SAID[number % 4]}!", day=number % 20)
    contacts.keep(services)
    first = answer(caller, "friction")
    writer = provider.caller("definitions:read", "definitions:write")
    body = writer.get("/v1/clients/northwind/friction-themes").json["body"]

    contacts.contact("The invoice is wrong")
    contacts.keep(services)
    body["themes"][0]["name"] = "Renamed"
    merged = body["themes"].pop()
    body["themes"][0]["phrases"] += merged["phrases"]
    put = writer.put("/v1/clients/northwind/friction-themes", json=body)
    contacts.keep(services)
    second = answer(caller, "friction")

    assert put.status_code == 200, put.json
    assert first["interactions"] == 60
    assert first["without_theme"] == 0
    assert sum(row["interactions"] for row in first["themes"]) == 60
    assert [row["name"] for row in second["themes"]].count("Renamed") == 1
    assert len(second["themes"]) == len(first["themes"]) - 1
    assert sum(row["interactions"] for row in second["themes"]) == 61


def test_what_is_deleted_changes_or_moves_is_summed_again(contacts, services, caller, provider):
    ids = [contacts.contact(intent="card") for _ in range(6)]
    contacts.keep(services)
    with provider.session() as session:
        session.execute(
            Interaction.__table__.update().where(Interaction.interaction_id == ids[0]).values(intent="parcel")
        )
    contacts.keep(services)

    assert {row["theme"]: row["interactions"] for row in answer(caller, "friction")["themes"]} == {
        "card": 5,
        "parcel": 1,
    }


def test_quotes_are_what_customers_said_first(contacts, services, caller, provider):
    one = contacts.contact("My card was refused [EMAIL]", intent="card", peak_distress=0.9)
    contacts.contact("", intent="card")
    contacts.keep(services)

    [row] = answer(caller, "friction")["themes"]
    [without] = answer(provider.caller("reports:read"), "friction")["themes"]

    assert row["quotes"] == [{"interaction": str(one), "text": "My card was refused [EMAIL]"}]
    assert without["quotes"] == []


def test_of_few_nothing_is_told_to_stakeholders_nor_what_subtraction_would_tell(contacts, services, provider):
    for number in range(20):
        contacts.contact("A", intent="many", sorry=number < 2)
    for _ in range(6):
        contacts.contact("B", intent="some")
    for _ in range(3):
        contacts.contact("C", intent="few")
    contacts.keep(services)

    found = answer(stakeholder(provider), "friction", WHOLE_JULY)
    rows = themes_of(found)

    assert [row["theme"] for row in found["themes"]] == ["many", "few", "some"]
    assert rows["few"]["suppressed"] is rows["some"]["suppressed"] is True
    assert rows["few"]["interactions"] is rows["some"]["cumulative_share"] is None
    assert rows["many"]["interactions"] == 20
    assert rows["many"]["apology_share"] is rows["many"]["apologises_again"] is None
    assert all(row["quotes"] == [] for row in found["themes"])


def test_of_fewer_than_five_in_all_stakeholders_see_nothing(contacts, services, provider):
    contacts.contact(intent="card")
    contacts.keep(services)

    found = answer(stakeholder(provider), "friction", WHOLE_JULY)

    assert (found["suppressed"], found["interactions"], found["themes"]) == (True, None, [])


def test_without_interactions_there_is_no_theme(caller, contacts, services):
    contacts.keep(services)

    found = answer(caller, "friction")

    assert (found["interactions"], found["without_theme"], found["themes"]) == (0, 0, [])


def test_filters_and_the_table(contacts, services, caller):
    for channel in ("chat", "chat", "email"):
        contacts.contact(intent="=card", channel=channel)
    contacts.keep(services)

    chat = answer(caller, "friction", f"{JULY}&channel=chat")
    lines = ask(caller, "friction", f"{JULY}&format=csv").get_data(as_text=True).splitlines()

    assert chat["interactions"] == 2
    assert lines[0].startswith("theme,")
    assert lines[1].startswith("'=card,")


@pytest.mark.parametrize("slug", ["contoso", "nowhere"])
def test_friction_of_another_client_is_not_found(make_provider, slug):
    bound = make_provider("northwind", "contoso").caller(
        "reports:read", "definitions:read", bound_to=("northwind",)
    )

    assert bound.get(f"/v1/clients/{slug}/reports/friction").status_code == 404
    assert bound.get(f"/v1/clients/{slug}/friction-themes").status_code == 404


def test_erasure_takes_the_theme_with_it_and_the_sums_follow(contacts, services, caller, provider):
    ids = [contacts.contact(intent="card") for _ in range(3)]
    contacts.keep(services)
    erased = provider.caller().delete(f"/v1/interactions/{ids[0]}")
    contacts.keep(services)

    assert erased.status_code in {200, 204}
    with provider.session() as session:
        assert len(session.scalars(select(FrictionFact)).all()) == 2
        own = select(FrictionSum.interactions).where(FrictionSum.channel == EVERY_CHANNEL)
        assert sum(session.scalars(own).all()) == 2
    assert answer(caller, "friction")["interactions"] == 2


def test_the_list_of_themes_is_not_made_where_reasons_say_it_all(contacts, services, provider):
    for number in range(40):
        contacts.contact("The invoice is wrong", intent="billing", day=number % 9)
    contacts.keep(services)

    with provider.session() as session:
        client_id = provider.clients["northwind"].client_id
        assert (
            version_queries.newest_version(
                session, client_id=client_id, kind="friction_themes", key="default"
            )
            is None
        )
        session.execute(delete(FrictionSum))


def test_with_and_without_filters_the_parts_add_up(contacts, services, caller):
    contacts.random_contacts(7, n=60)
    contacts.keep(services)

    whole = answer(caller, "friction")
    parts = [answer(caller, "friction", f"{JULY}&channel={channel}") for channel in ("chat", "email")]

    assert sum(part["interactions"] for part in parts) == whole["interactions"] == 60
    for theme, row in themes_of(whole).items():
        found = [themes_of(part).get(theme) for part in parts]
        assert sum(each["interactions"] for each in found if each) == row["interactions"]


def test_a_stakeholder_reads_quotes_of_what_is_published_without_who_spoke(contacts, services, provider):
    said = {"agent_details": {"name": "Ada Byron"}, "intent": "card"}
    ids = [contacts.contact(f"Ada Byron blocked card {number}", **said) for number in range(6)]
    contacts.reviewed(ids, [50.0] * 6)
    with provider.session() as session:
        published = Evaluation.interaction_id.in_(ids[:1])
        session.execute(
            update(Evaluation).where(published).values(published_at=datetime(2026, 8, 2, tzinfo=UTC))
        )
    # Of each day and theme a few examples are kept: with 0.9 the published one is among them.
    with provider.session() as session:
        which = InteractionFacts.interaction_id == ids[0]
        session.execute(update(InteractionFacts).where(which).values(peak_distress=0.9))
    contacts.keep(services)

    [row] = answer(stakeholder(provider), "friction", WHOLE_JULY)["themes"]

    [quote] = row["quotes"]
    assert quote["interaction"] is None
    assert "blocked card 0" in quote["text"]
    assert "Ada" not in quote["text"]
    assert "Byron" not in quote["text"]
