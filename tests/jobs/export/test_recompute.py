"""Whoever has an export can recompute the reports and every draw: pushed, scored, reviewed, exported."""

from datetime import timedelta

import pytest

from scorecards.authoring.bundle_import import load_bundle
from scorecards.sampling.verification import verify
from tests import recomputing
from tests.jobs.worker_processes import BEGAN, LINES, ScoringFixture, interaction

BUNDLE = """
qm_bundle: 1
settings: {interval_limit: 100}
scorecards:
  - key: care
    name: Care
    sections:
      - {key: listen, name: Listen, pillar: listen_validate, questions: [
          {key: validates, text: "Feeling named?", auto: validates_feeling, kind: yes_no, na_allowed: true}]}
      - {key: own, name: Own, pillar: acknowledge_own, questions: [
          {key: owns, text: "Owned?", auto: takes_ownership, kind: yes_no, na_allowed: true},
          {key: warm, text: "Warm?", kind: yes_no}]}
sampling_policy: {base_rate: 0.5, terms: [{when: charged, rate: 0.8}]}
sla_policy:
  rules:
    - key: urgent
      match: {priorities: [urgent]}
      calendar: always
      targets: {first_response: 5s, resolution: 2h}
    - {key: rest, match: {}, calendar: always, targets: {first_response: 60s, next_response: 5s}}
"""
COLD = (LINES[0], ("agent", "It is what it is. Per our policy nothing can be done."), *LINES[2:])
CALM = (("customer", "When do you open on Sundays?"), ("agent", "Hello! We open at ten on Sundays."))
SILENT = LINES[:1]
PERIOD = "from=2026-07-01&to=2026-07-31"
SPOKEN = (LINES, COLD, CALM, SILENT)


def review(caller, number):
    """Take the next review and answer it; every fifth stays claimed, every seventh is skipped."""
    claimed = caller.post("/v1/reviews/next", json={"client": "northwind"})
    if claimed.status_code == 204:
        return False
    path = f"/v1/reviews/{claimed.json['id']}"
    if number % 7 == 6:
        assert caller.post(f"{path}/skip", json={"reason": "no time"}).status_code == 200
        return True
    answers = [
        {"question": key, "value": "no" if (number * step) % 3 == 0 else "yes", "evidence": [{"turn": 0}]}
        for step, key in enumerate(("validates", "owns", "warm"), 1)
    ]
    if number % 5 == 4:
        answers[0] = {"question": "validates", "na": True}
    done = caller.post(f"{path}/submit", json={"answers": answers})
    assert done.status_code == 200, done.json
    return True


@pytest.fixture
def reviewed(make_provider, shared_worker):
    """Ninety scored interactions of July, most of the drawn ones reviewed, and some pushed again."""
    provider = make_provider("northwind")
    scoring_fixture = ScoringFixture(provider, ())
    with provider.session() as session:
        load_bundle(session, provider.clients["northwind"], text=BUNDLE)
    items = [
        interaction(
            f"T-{number}",
            lines=SPOKEN[number % 4],
            at=BEGAN + timedelta(hours=7 * number),
            priority=("normal", "urgent")[number % 3 == 0],
        )
        for number in range(100)
    ]
    scoring_fixture.push(items)
    scoring_fixture.all_scored(100)
    caller = provider.caller(user=provider.add_user("admin", email="judge@example.com"))
    for number in range(34):
        assert review(caller, number)
    scoring_fixture.push([{**items[number], "tags": ["again"]} for number in range(0, 100, 9)])
    scoring_fixture.all_scored(100)
    return scoring_fixture


def test_reports_recomputed_from_an_export_are_those_of_the_api(reviewed):
    caller = reviewed.provider.caller()
    text = caller.get(f"/v1/clients/northwind/export?{PERIOD}").text
    script, export = recomputing.script(), recomputing.read(text)

    def report(name):
        return caller.get(f"/v1/clients/northwind/reports/{name}?{PERIOD}").json

    sla, agreement, empathy = report("sla"), report("agreement"), report("empathy")
    assert sorted(script.sla_report(export), key=str) == recomputing.sla_of(sla)
    assert script.agreement_report(export) == recomputing.agreement_of(agreement)
    assert script.empathy_report(export) == recomputing.empathy_of(empathy)
    assert {row["past_due"] > 0 for row in sla["targets"]} == {True, False}
    assert sum(row["n"] for row in agreement["questions"]) > 20
    assert (empathy["reviewed"], empathy["empathy"]["status"]) == (30, "verified")


def test_every_draw_of_an_export_is_verified(reviewed, services):
    caller = reviewed.provider.caller()
    records = recomputing.lines(caller.get("/v1/clients/northwind/export").text)

    found = verify(records, services.sampling_key)

    assert found.differences == ()
    assert found.interactions == 100
    assert found.drawn == found.reviews
    assert 34 <= found.drawn < 100
    assert {each.code for each in verify(records, b"another key of 16 bytes").differences} == {"other_draw"}
