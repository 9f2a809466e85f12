"""Quotas end to end: pushed, scored, closed by the schedule, exported, verified, and tried beforehand."""

from collections import Counter
from datetime import timedelta

import pytest

from scorecards.authoring.bundle_import import load_bundle
from scorecards.sampling.verification import verify
from tenants.isolation import transaction
from tenants.models import utc_now
from tests import recomputing
from tests.jobs.worker_processes import BEGAN, LINES, ScoringFixture, interaction
from tests.waiting import wait_until
from workers import schedule

CALM = (("customer", "When do you open on Sundays?"), ("agent", "Hello! We open at ten on Sundays."))
OLD = "update interactions set received_at = now() - interval '2 hours' returning 1"


def items(number, name="T", at=BEGAN):
    return [
        interaction(
            f"{name}-{each}",
            lines=(LINES, CALM)[each % 2],
            at=at + timedelta(hours=each),
            agent={"external_id": f"a-{each % 2}"},
        )
        for each in range(number)
    ]


@pytest.fixture
def make_client(make_provider, shared_worker):
    def make(policy):
        scoring_fixture = ScoringFixture(make_provider("northwind"), ())
        with scoring_fixture.provider.session() as session:
            client = scoring_fixture.provider.clients["northwind"]
            bundle = "scorecards: [{key: care, name: Care, template: empathy}]"
            load_bundle(session, client, text=f"qm_bundle: 1\n{bundle}\nsampling_policy: {policy}")
        return scoring_fixture

    return make


def close(services, scoring_fixture):
    scoring_fixture.ask(OLD)
    with transaction(services.engine) as session:
        return schedule.close_sampling_windows(services, session)


def drawn_of(scoring_fixture):
    return dict(
        scoring_fixture.ask("select agent, count(*) from interaction_facts where sampled = 1 group by agent")
    )


def verified(services, scoring_fixture):
    text = scoring_fixture.provider.caller().get("/v1/clients/northwind/export").text
    return verify(recomputing.lines(text), services.sampling_key)


def test_bounds_of_agents_hold_and_every_draw_of_an_export_is_verified(make_client, services):
    scoring_fixture = make_client("{base_rate: 0.3, quotas: {agent_week: {min: 9, max: 9}}}")
    scoring_fixture.push(items(60))
    scoring_fixture.all_scored(60)
    assert max(drawn_of(scoring_fixture).values()) <= 9
    assert verified(services, scoring_fixture).differences == ()

    close(services, scoring_fixture)  # unless the schedule, which looks once at its start, was faster
    wait_until(lambda: drawn_of(scoring_fixture) == {"a-0": 9, "a-1": 9})
    found = verified(services, scoring_fixture)
    assert (found.differences, found.windows, found.drawn) == ((), 2, 18)

    # What comes late, and what is judged again, has the thresholds of the closed window.
    scoring_fixture.push([*items(10, "late"), *({**each, "tags": ["again"]} for each in items(5))])
    scoring_fixture.all_scored(70)
    assert verified(services, scoring_fixture).differences == ()
    [(unsettled,)] = scoring_fixture.ask("select count(*) from interaction_facts where not settled")
    assert unsettled == 0


def test_a_fixed_number_is_drawn_when_its_week_closes(make_client, services):
    scoring_fixture = make_client("{base_rate: 0.3, quotas: {fixed: {size: 11}}}")
    scoring_fixture.push(items(60))
    scoring_fixture.all_scored(60)
    assert drawn_of(scoring_fixture) == {}
    assert verified(services, scoring_fixture).differences == ()
    report = scoring_fixture.provider.caller().get(
        "/v1/clients/northwind/reports/empathy?from=2026-07-01&to=2026-07-31"
    )
    assert report.json["empathy"]["status"] != "verified"

    close(services, scoring_fixture)
    assert sum(drawn_of(scoring_fixture).values()) == 11
    found = verified(services, scoring_fixture)
    assert (found.differences, found.windows, found.reviews) == ((), 1, 11)
    states = scoring_fixture.ask("select state, reasons from reviews")
    assert Counter((state, *reasons) for state, reasons in states) == {("queued", "fixed_number"): 11}


def unrounded(found, name=""):
    """The figures with more decimal places than a reader wants."""
    if isinstance(found, dict):
        return [each for key, value in found.items() for each in unrounded(value, key)]
    if isinstance(found, list):
        return [each for value in found for each in unrounded(value, name)]
    places = {"mean_rate": 4, "used": 3}.get(name, 1)
    return [(name, found)] if isinstance(found, float) and found != round(found, places) else []


def test_a_dry_run_tells_what_a_policy_would_have_drawn_and_stores_nothing(make_client):
    scoring_fixture = make_client("{base_rate: 0.3, terms: [{when: charged, rate: 0.9}]}")
    monday = (utc_now() - timedelta(days=utc_now().weekday() + 7)).replace(hour=1)
    scoring_fixture.push(items(60, at=monday))
    scoring_fixture.all_scored(60)
    [(expected, charged)] = scoring_fixture.ask("select sum(rate), sum(charged) from interaction_facts")
    caller = scoring_fixture.provider.caller()
    before = stored_rows(scoring_fixture)

    answer = caller.post("/v1/clients/northwind/sampling/dry-run?weeks=1")
    assert answer.status_code == 200, answer.json
    found = answer.json
    assert (found["policy"], found["interactions"], found["quotas"]) == ("in_force", 60, None)
    assert found["reviews"] == round(expected, 1)
    assert found["weeks"] == [
        {"first_day": monday.date().isoformat(), "interactions": 60, "reviews": round(expected, 1)}
    ]
    reasons = {each["reason"]: each["interactions"] for each in found["reasons"]}
    assert reasons == {"base_rate": 60 - charged, "charged": charged}
    assert (found["deviation_from"], found["deviation"]) == ("assumed", 12.5)
    assert 0 < found["half_width"] < 25
    assert unrounded(found) == []

    body = {
        "base_rate": 0.1,
        "quotas": {"agent_week": {"max": 2}},
        "capacity": {"reviews_per_reviewer_week": 2},
    }
    scoring_fixture.provider.add_user("reviewer")
    found = caller.post("/v1/clients/northwind/sampling/dry-run?weeks=1", json=body).json
    assert found["reviews"] <= 4
    assert found["quotas"]["windows"] == 2
    assert {each["agent"] for each in found["quotas"]["agents"]} == {"a-0", "a-1"}
    assert found["capacity"]["people"] == 1
    assert found["capacity"]["used"] == pytest.approx(found["reviews_per_week"] / 2, abs=0.03)
    assert unrounded(found) == []
    assert found["half_width"] is None
    assert stored_rows(scoring_fixture) == before


def test_a_dry_run_names_every_fault_of_a_policy_and_needs_one(make_provider):
    caller = make_provider("northwind").caller()
    path = "/v1/clients/northwind/sampling/dry-run"
    assert caller.post(path).status_code == 404
    wrong = {"base_rate": 2, "quotas": {"agent_week": {"min": 3, "max": 1}, "fixed": {"size": 1}}}
    answer = caller.post(path, json=wrong)
    assert answer.status_code == 422
    assert {(each["pointer"], each["code"]) for each in answer.json["errors"]} == {
        ("/base_rate", "out_of_range"),
        ("/quotas/agent_week/max", "out_of_range"),
        ("/quotas/fixed", "two_quotas"),
    }


def stored_rows(scoring_fixture):
    return [
        scoring_fixture.ask(f"select count(*), max(xmin::text) from {table}")
        for table in ("interactions", "interaction_facts", "reviews", "definitions", "sampling_windows")
    ]
