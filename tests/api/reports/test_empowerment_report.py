"""The report on empowerment over HTTP: recomputed independently, by hand, later events, what is missing."""

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from qm.interactions.models import Interaction, InteractionEvent
from qm.reviews.models import Evaluation
from scorecards.authoring import versions
from tests.api.reports.friction_data import Contacts
from tests.api.reports.test_friction_report import script
from tests.api.reports.test_reports import JULY, START, answer, ask, stakeholder
from tests.whole_words import has_word

WHOLE_JULY = "from=2026-07-01&to=2026-07-31"
BOOK = {
    "name": "Late delivery",
    "trigger": {"intents": ["late"]},
    "steps": [{"key": "check", "name": "Check", "phrases": ["checked"]}],
    "discretion": [
        {"key": "goodwill", "name": "Goodwill credit", "limit": 25, "currency": "USD", "phrases": ["credit"]}
    ],
}


def discretion(key="goodwill", *, needed=True, used=True, within=True, limit=25.0):
    return {
        "key": key,
        "needed": needed,
        "used": used,
        "within": within if used else None,
        "limit": limit,
        "currency": "USD",
    }


class Cases(Contacts):
    """Writes interactions with what the machine found on their playbooks."""

    def case(self, *found, playbook="late", logged=(), part=None, **given):
        interaction_id = self.contact(**given)
        owner = {**self.owner, "interaction_id": interaction_id}
        with self.provider.session() as session:
            self._judge(session, interaction_id, found, playbook)
            for number, value in enumerate(logged):
                at = START + timedelta(days=20, minutes=number)
                session.add(InteractionEvent(**owner, at=at, kind="discretion_used", value=value))
        if part is not None:
            (part_id,) = self.scored(70.0, scored=0)
            with self.provider.session() as session:
                whole = session.get(Interaction, (owner["tenant_id"], interaction_id, owner["client_id"]))
                row = session.get(Interaction, (owner["tenant_id"], part_id, owner["client_id"]))
                row.external_id, row.part_agent = whole.external_id, "a-2"
                self._judge(session, part_id, [part], playbook)
        return interaction_id

    def _judge(self, session, interaction_id, found, playbook):
        books = [{"playbook": playbook, "discretion": list(found), "steps": []}] if found else None
        session.execute(
            insert(Evaluation).values(
                **self.owner,
                interaction_id=interaction_id,
                kind="automatic",
                versions={},
                answers=[],
                sections={},
                critical=[],
                findings={"playbooks": books},
            )
        )


@pytest.fixture
def caller(provider):
    return provider.caller("reports:read")


@pytest.fixture
def cases(provider):
    return Cases(provider)


def test_every_figure_is_that_of_an_independent_recomputation(cases, services, provider):
    draw = random.Random(9)
    for _ in range(120):
        found = [
            discretion(
                key,
                needed=draw.random() < 0.7,
                used=draw.random() < 0.6,
                within=draw.choice([True, True, False, None]),
                limit=limit,
            )
            for key, limit in (("goodwill", 25.0), ("rush", None))
            if draw.random() < 0.7
        ]
        logged = [
            {
                "key": draw.choice(["goodwill", "rush", "other"]),
                "amount": draw.choice([None, 10, 40]),
                "currency": draw.choice(["USD", "USD", "EUR"]),
            }
            for _ in range(draw.choice([0, 0, 0, 1, 2]))
        ]
        cases.case(
            *found,
            playbook=draw.choice(["late", "lost"]),
            logged=logged,
            part=discretion("goodwill", within=draw.choice([True, False])) if draw.random() < 0.1 else None,
            day=draw.randrange(28),
        )
    cases.keep(services)
    everything = provider.caller()
    found = answer(everything, "empowerment")

    text = everything.get("/v1/clients/northwind/export?transcripts=true").text
    export = script().Export.read(text.splitlines())
    expected = script().empowerment_report(export, date(2026, 7, 1), date(2026, 7, 28))

    assert len(expected["discretions"]) == len(found["discretions"]) == 4
    for row, wanted in zip(
        [found["overall"], *found["discretions"]],
        [expected["overall"], *expected["discretions"]],
        strict=True,
    ):
        assert min(row["over_limit"], row["unclear"], row["unused"], row["unasked"]) > 0
        assert {name: row[name] for name in wanted} == wanted


def test_use_by_hand_where_an_event_says_how_much(cases, services, caller, provider):
    """Of twelve in need five used it within, one over, one says no amount; the event of another decides."""
    with provider.session() as session:
        client = session.merge(provider.clients["northwind"])
        versions.put_in_force(session, client, kind="playbook", key="late", body=BOOK)
    for number in range(12):
        cases.case(
            discretion(used=number < 7, within={5: False, 6: None}.get(number, True)),
            logged=[{"key": "goodwill", "amount": 20, "currency": "USD"}] if number == 7 else (),
        )
    cases.case(discretion(needed=False, within=False))
    cases.case()
    cases.keep(services)

    found = answer(caller, "empowerment")

    (row,) = found["discretions"]
    assert (row["playbook"], row["discretion"], row["name"]) == ("late", "goodwill", "Goodwill credit")
    for each in (row, found["overall"]):
        names = ("applied", "used_within", "over_limit", "unclear", "unused", "unasked", "unasked_over")
        assert [each[name] for name in names] == [12, 6, 1, 1, 4, 1, 1]
        assert (each["share"], each["over_share"]) == (54.5, 9.1)
        assert (each["low"], each["high"]) == (28.0, 78.7)
    assert found["finding"] == (
        "Where a playbook leaves discretion and the customer needed it, agents used it within its limit in "
        "54.5 % of 12 interactions (28.0 to 78.7). In 1 they went over the limit."
    )


def test_what_is_missing_is_said_with_what_to_do(cases, services, caller, provider):
    def said():
        cases.keep(services)
        found = answer(caller, "empowerment")
        assert found["overall"]["share"] is None
        return found["finding"]

    assert said().startswith("No interaction of this period has been scored: choose")
    cases.case()
    assert said() == "No playbook leaves agents any discretion: publish one with `discretion`."
    with provider.session() as session:
        client = session.merge(provider.clients["northwind"])
        versions.put_in_force(session, client, kind="playbook", key="late", body=BOOK)
    assert said().startswith("In no interaction of this period did a playbook's discretion apply: choose")
    cases.case(discretion(within=None))
    assert said() == "Discretion applied in 1 interactions; too few tell how it was used."


def test_small_counts_are_kept_back_from_stakeholders_and_the_table_is_of_discretions(
    cases, services, caller, provider
):
    for number in range(20):
        cases.case(discretion(used=number < 10))
    for _ in range(4):
        cases.case(discretion("rush"), playbook="lost")
    for _ in range(6):
        cases.case()
    cases.keep(services)
    found = answer(stakeholder(provider), "empowerment", WHOLE_JULY)

    rows = {row["discretion"]: row for row in found["discretions"]}
    assert (found["interactions"], found["overall"]["applied"]) == (30, 24)
    assert {rows["rush"]["suppressed"], rows["goodwill"]["suppressed"]} == {True}
    assert rows["goodwill"]["applied"] is rows["rush"]["applied"] is None

    lines = ask(caller, "empowerment", f"{JULY}&format=csv").get_data(as_text=True).splitlines()
    assert [line.split(",")[:2] for line in lines] == [
        ["playbook", "discretion"],
        ["late", "goodwill"],
        ["lost", "rush"],
    ]
    assert has_word(lines[1], "50.0")
    assert ask(caller, "empowerment", f"{JULY}&format=xlsx").data.startswith(b"PK")


@pytest.mark.parametrize("slug", ["contoso", "nowhere"])
def test_empowerment_of_another_client_is_not_found(make_provider, slug):
    bound = make_provider("northwind", "contoso").caller("reports:read", bound_to=("northwind",))

    assert bound.get(f"/v1/clients/{slug}/reports/empowerment").status_code == 404
