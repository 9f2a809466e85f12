"""The report of quality targets over HTTP: verdicts, limits that hold together, versions, small counts."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from qm.reviews.models import Evaluation
from scorecards.authoring import versions
from scorecards.definitions.quality_targets import REVIEWED
from tests.api.reports.friction_data import Contacts
from tests.api.reports.test_reports import JULY, START, ReportData, answer, ask, stakeholder
from tests.api.review_api import SCORECARD


@pytest.fixture
def data(provider):
    return ReportData(provider)


@pytest.fixture
def caller(provider):
    return provider.caller("reports:read")


def aim(provider, *targets, slug="northwind", **when):
    with provider.session() as session:
        client = session.merge(provider.clients[slug])
        body = {"targets": list(targets)}
        versions.put_in_force(session, client, kind="quality_targets", key="default", body=body, **when)


def reviewed_around(data, middle, *, reviews=60, interactions=120):
    """Reviewed interactions whose scores lie evenly within 10 points of the middle."""
    ids = data.scored(*[70.0] * interactions)
    scores = [middle - 10 + 20 * number / (reviews - 1) for number in range(reviews)]
    data.reviewed(ids[:reviews], scores)


def test_a_target_is_met_missed_or_open_by_its_whole_interval(data, caller, provider):
    reviewed_around(data, 70.0)
    estimate = answer(caller)["empathy"]
    for day, (goal, verdict) in enumerate(((65, "met"), (75, "missed"), (70.5, "open"))):
        aim(provider, {"measure": "empathy", "goal": goal}, effective_from=START + timedelta(days=day))
        (row,) = answer(caller, "targets")["targets"]

        assert row["verdict"] == verdict
        assert (row["estimate"], row["low"], row["high"]) == tuple(
            estimate[name] for name in ("estimate", "low", "high")
        )
    assert row["low"] <= 70.5 <= row["high"]
    assert 0 < row["reviews_missing"] <= 60
    assert row["known_by"] is None  # nobody reviews at present
    assert answer(caller, "targets")["finding"] == ("1 of 1 targets and promises cannot be told yet.")


@pytest.mark.parametrize("measure", REVIEWED)
def test_every_measure_may_be_the_only_target(data, caller, provider, measure):
    reviewed_around(data, 70.0)
    with provider.session() as session:
        client = session.merge(provider.clients["northwind"])
        card, _ = versions.put_in_force(session, client, kind="scorecard", key="care", body=SCORECARD)
        judged = {"scorecard_id": card.definition_id, "score": 80.0, "outcome": "pass"}
        session.execute(update(Evaluation).values(**judged))
    aim(provider, {"measure": measure, "goal": 50})

    (row,) = answer(caller, "targets")["targets"]

    assert (row["measure"], row["lower_is_better"]) == (measure, measure.startswith("critical_"))


def test_limits_of_several_targets_hold_together(data, caller, provider):
    reviewed_around(data, 70.0)
    aim(provider, {"measure": "empathy", "goal": 65})
    (alone,) = answer(caller, "targets")["targets"]
    pillar = {"measure": "listen_validate", "goal": 65}
    aim(provider, {"measure": "empathy", "goal": 65}, pillar, effective_from=START)
    together, _ = answer(caller, "targets")["targets"]

    assert together["low"] < alone["low"] < alone["high"] < together["high"]


def test_what_only_the_machine_says_meets_nothing(data, caller, provider):
    data.scored(*[90.0] * 40)
    aim(provider, {"measure": "empathy", "goal": 60})

    found = answer(caller, "targets")

    assert [(row["status"], row["verdict"]) for row in found["targets"]] == [("unverified", "open")]
    assert (found["met"], found["missed"], found["open"]) == (0, 0, 1)


def test_a_report_takes_the_targets_in_force_at_the_end_of_its_period_that_hold_in_it(data, caller, provider):
    reviewed_around(data, 70.0)
    aim(provider, {"measure": "empathy", "goal": 60}, {"measure": "score", "goal": 90, "from": "2026-08-01"})

    assert [row["measure"] for row in answer(caller, "targets")["targets"]] == ["empathy"]
    august = answer(caller, "targets", "from=2026-08-01&to=2026-08-31")
    assert [row["measure"] for row in august["targets"]] == ["empathy", "score"]


def test_promises_stand_beside_the_targets_and_are_counted_in_the_finding(data, caller, provider):
    rules = [{"key": "chat", "targets": {"first_response": "60s"}, "goal": 0.9}]
    with provider.session() as session:
        client = session.merge(provider.clients["northwind"])
        versions.put_in_force(session, client, kind="sla_policy", key="default", body={"rules": rules})
    data.scored(*[70.0] * 10, sla_rule="chat", sla_version=1, first_response_breached=1)

    found = answer(caller, "targets")

    assert [(row["rule"], row["missed"]) for row in found["promises"]] == [("chat", True)]
    assert found["finding"] == "1 of 1 targets and promises is missed."


def test_without_targets_and_clocks_the_report_says_so(caller):
    found = answer(caller, "targets")

    assert found["targets"] == found["promises"] == []
    assert found["finding"].startswith("No target is set")


def test_small_counts_are_kept_back_from_stakeholders(data, provider):
    data.scored(*[70.0] * 4)
    aim(provider, {"measure": "empathy", "goal": 60})

    found = answer(stakeholder(provider), "targets", "from=2026-07-01&to=2026-07-31")

    assert found["suppressed"] is True
    assert found["targets"] == found["promises"] == []


def test_as_csv_it_is_the_table_of_targets(data, caller, provider):
    data.scored(*[70.0] * 10)
    aim(provider, {"measure": "empathy", "goal": 60}, {"measure": "score", "goal": 60})

    lines = ask(caller, "targets", f"{JULY}&format=csv").get_data(as_text=True).splitlines()

    assert "verdict" in lines[0]
    assert len(lines) == 3


@pytest.mark.parametrize("slug", ["contoso", "nowhere"])
def test_targets_of_another_client_are_not_found(make_provider, slug):
    bound = make_provider("northwind", "contoso").caller(
        "reports:read", "definitions:read", bound_to=("northwind",)
    )

    assert bound.get(f"/v1/clients/{slug}/reports/targets").status_code == 404
    assert bound.get(f"/v1/clients/{slug}/quality-targets").status_code == 404


def test_quality_targets_are_published_with_every_fault_named(provider):
    writer = provider.caller("definitions:read", "definitions:write")
    place = "/v1/clients/northwind/quality-targets"

    refused = writer.put(place, json={"targets": [{"measure": "joy", "goal": "x", "until": "soon"}]})
    made = writer.put(place, json={"targets": [{"measure": "empathy", "goal": 75}]})

    assert refused.status_code == 422
    assert {fault["pointer"] for fault in refused.json["errors"]} >= {
        "/targets/0/measure",
        "/targets/0/goal",
    }
    assert made.status_code == 201
    assert writer.get(place).json["body"] == {"targets": [{"measure": "empathy", "goal": 75}]}


def test_satisfaction_is_judged_by_the_interval_of_those_who_answered(provider, services):
    """30 answers, mean 4.3, t limits 4.0 to 4.6; the goal of 4.2 wants 30 (0.297 / 0.1)^2 - 30 = 234."""
    contacts = Contacts(provider)
    for number in range(300):
        given = {"csat": [5, 5, 4, 4, 5, 4, 3, 5, 5, 3][number % 10]} if number < 30 else {}
        contacts.contact(outcome=given)
    caller = provider.caller("reports:read")
    aim(provider, {"measure": "csat", "goal": 3.9})
    assert [row["status"] for row in answer(caller, "targets")["targets"]] == ["too_few_answers"]
    contacts.keep(services)

    for number, (goal, verdict) in enumerate(((3.9, "met"), (4.7, "missed"), (4.2, "open"))):
        aim(provider, {"measure": "csat", "goal": goal}, effective_from=START + timedelta(days=number))
        (row,) = answer(caller, "targets")["targets"]
        assert (row["verdict"], row["status"], row["goal"]) == (verdict, "verified", goal)
    assert (row["estimate"], row["low"], row["high"]) == (4.3, 4.0, 4.6)
    outcome = answer(caller, "outcomes")["measures"][0]
    assert [row[name] for name in ("estimate", "low", "high")] == [
        outcome[name] for name in ("estimate", "low", "high")
    ]
    assert 200 < row["answers_missing"] < 270
    assert row["reviews_missing"] is row["known_by"] is None
    whole = "from=2026-07-01&to=2026-07-31"
    assert answer(stakeholder(provider), "targets", whole)["targets"][0]["verdict"] == "open"


def test_answers_that_are_few_or_all_the_same_meet_nothing(provider, services):
    contacts = Contacts(provider)
    aim(provider, {"measure": "csat", "goal": 3})
    for _ in range(12):
        contacts.contact(outcome={"csat": 5})
    contacts.keep(services)

    (row,) = answer(provider.caller("reports:read"), "targets")["targets"]

    assert (row["verdict"], row["status"], row["estimate"]) == ("open", "too_few_answers", None)
