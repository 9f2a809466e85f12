"""The documented script gives the figures of the API, to the last digit, for every kind of question."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import text

from tests import recomputing
from tests.api.reports.double_scoring import JULY, SCORECARD, Pairs, abstained, judged, said
from tests.api.reports.test_reports import ReportData

EXPORT = f"/v1/clients/northwind/export?{JULY}"
NUMERIC = {
    "key": "minutes",
    "text": "How many minutes?",
    "kind": "numeric",
    "bands": [
        {"from": 0, "to": 5, "value": 1},
        {"from": 5, "to": 20, "value": 0.5},
        {"from": 20, "value": 0},
    ],
}
MULTI = {
    "key": "did",
    "text": "What was done?",
    "kind": "multi",
    "required": ["asked"],
    "options": [{"key": "asked", "label": "Asked"}, {"key": "told", "label": "Told"}],
}
WIDE = {**SCORECARD, "key": "wide", "sections": [{"key": "every", "name": "Every", "questions": []}]}
WIDE["sections"][0]["questions"] = [*SCORECARD["sections"][0]["questions"], NUMERIC, MULTI]
POSSIBLE = {
    "hears": ("yes", "no", None),
    "tone": ("warm", "plain", "cold"),
    "minutes": (2, 4, 7, 30),
    "did": ([], ["asked"], ["told", "asked"], ["asked", "told"]),
}


IMPURE = {"sqlalchemy", "flask", "marshmallow", "redis", "rq", "qm", "workers", "infra"}


@pytest.fixture
def caller(provider):
    return provider.caller()


def report(caller, name):
    answer = caller.get(f"/v1/clients/northwind/reports/{name}?{JULY}")
    assert answer.status_code == 200, answer.json
    return answer.json


def exported(caller):
    return recomputing.read(caller.get(EXPORT).text)


@pytest.mark.parametrize("seed", range(3))
def test_agreement_of_every_kind_of_question(provider, caller, seed):
    chance, pairs = Random(seed), Pairs(provider)
    wide, again = pairs.publish(WIDE), pairs.publish({**WIDE, "name": "Wider"})
    for _ in range(40):
        human = {key: chance.choice(values) for key, values in POSSIBLE.items()}
        machine = {
            key: value if chance.random() < 0.7 else chance.choice(POSSIBLE[key])
            for key, value in human.items()
        }
        answers = [
            abstained(key) if chance.random() < 0.1 else judged(key, value) for key, value in machine.items()
        ]
        versions = chance.choice([(wide, wide), (again, again), (wide, again)])
        given = dict(zip(("human_version", "automatic_version"), versions, strict=True))
        people = [said(key, value) for key, value in human.items() if chance.random() < 0.95]
        pairs.add(1, people, answers, **given, p=chance.choice([0.1, 0.37, 1]))
    pairs.add(2, [said("hears", "yes")], [judged("hears", "no")], targeted=True)
    pairs.add(2, [said("hears", "yes")], [judged("hears", "no")], state="skipped")
    pairs.add(2, [said("hears", "yes")], [judged("hears", "no")], at=datetime(2026, 8, 1, tzinfo=UTC))

    answer = report(caller, "agreement")

    assert recomputing.script().agreement_report(exported(caller)) == recomputing.agreement_of(answer)
    assert answer["other_version"] > 3
    assert {row["level"] for row in answer["questions"]} == {"nominal", "ordinal", "interval"}
    assert min(row["n"] for row in answer["questions"]) > 5


def test_agreement_without_a_pair(caller, provider):
    answer = report(caller, "agreement")

    assert recomputing.script().agreement_report(exported(caller)) == recomputing.agreement_of(answer)


@pytest.mark.parametrize("seed", range(3))
def test_empathy_with_reviews_without_scores_and_interactions_that_are_not_scored(provider, caller, seed):
    chance, data = Random(seed), ReportData(provider)
    for day in range(6):
        scores = [None if chance.random() < 0.2 else round(chance.uniform(0, 100), 4) for _ in range(30)]
        ids = data.scored(*scores, day=day)
        data.reviewed(
            ids[:12],
            [None if chance.random() < 0.2 else round(chance.uniform(50, 70), 3) for _ in range(12)],
            p=chance.choice([0.2, 0.4]),
            day=day,
        )
        data.reviewed(ids[12:14], [1, 1], targeted=True, day=day)
        data.reviewed(ids[14:16], [1, 1], state="skipped", day=day)
    data.unscored(3)

    answer = report(caller, "empathy")

    assert recomputing.script().empathy_report(exported(caller)) == recomputing.empathy_of(answer)
    assert answer["empathy"]["status"] == "verified"


def test_empathy_without_reviews_and_without_interactions(caller, provider):
    empty = report(caller, "empathy")
    assert recomputing.script().empathy_report(exported(caller)) == recomputing.empathy_of(empty)

    ReportData(provider).scored(10, 20)
    unverified = report(caller, "empathy")
    assert recomputing.script().empathy_report(exported(caller)) == recomputing.empathy_of(unverified)
    assert unverified["empathy"]["status"] == "unverified"


def test_clocks_that_stopped_run_and_are_past_due(provider, caller):
    data, chance, now = ReportData(provider), Random(1), datetime.now(UTC)
    for channel in ("chat", "email"):
        for priority in ("urgent", "low"):
            for _ in range(7):
                [one] = data.scored(
                    50,
                    channel=channel,
                    priority=priority,
                    first_response_met=chance.randint(0, 1),
                    next_response_met=chance.randint(0, 5),
                    next_response_breached=chance.randint(0, 3),
                )
                with provider.session() as session:
                    session.execute(
                        text("update interaction_facts set resolution_due = :due where interaction_id = :id"),
                        {"due": now + timedelta(days=chance.choice([-2, 2])), "id": one},
                    )

    answer = report(caller, "sla")

    recomputed = recomputing.script().sla_report(exported(caller))
    assert sorted(recomputed, key=str) == recomputing.sla_of(answer)
    assert sum(row["past_due"] for row in recomputed) > 0
    assert sum(row["running"] for row in recomputed) > 0


def test_parts_that_were_exported_one_after_the_other_give_the_same(provider, caller):
    ReportData(provider).scored(*range(1, 10))
    first = caller.get(f"{EXPORT}&limit=7").text
    rest = caller.get(f"{EXPORT}&cursor={recomputing.lines(first)[-1]['cursor']}").text

    export = recomputing.read(first + rest)

    assert export.records == exported(caller).records


def test_the_script_needs_no_database_and_no_server(provider, caller, tmp_path):
    ReportData(provider).scored(10, 20)
    path = tmp_path / "export.ndjson"
    path.write_text(caller.get(EXPORT).text, encoding="utf-8")
    script = recomputing.script().__file__
    program = f"""
import runpy, sys
sys.argv = [{script!r}, {str(path)!r}]
runpy.run_path({script!r}, run_name="__main__")
assert not {IMPURE!r} & {{name.partition(".")[0] for name in sys.modules}}
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert '"machine_only": 15.0' in done.stdout
