"""Overview, empathy and SLA reports over HTTP, checked against hand-calculated figures."""

import csv
import io
import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, insert, select

from qm.facts import rollups
from qm.facts.models import COUNTED, InteractionFacts
from qm.interactions.models import Interaction
from qm.reviews.models import Evaluation, Review
from scorecards.authoring import versions
from scorecards.definitions.form import PILLARS
from tests.whole_words import has_word

START = datetime(2026, 7, 1, 9, tzinfo=UTC)
JULY = "from=2026-07-01&to=2026-07-28"


class ReportData:
    """Writes interactions, facts, reviews and evaluations of one client straight into the tables."""

    def __init__(self, provider, slug="northwind"):
        self.provider, self.client = provider, provider.clients[slug]

    @property
    def owner(self):
        return {"tenant_id": self.client.tenant_id, "client_id": self.client.client_id}

    def _interaction(self, session, day, **given):
        names = ("channel", "program", "queue", "priority", "agent")
        at = START + timedelta(days=day)
        interaction_id = uuid.uuid4()
        session.execute(
            insert(Interaction).values(
                **self.owner,
                interaction_id=interaction_id,
                external_id=str(interaction_id),
                language="en",
                started_at=at,
                **{"channel": "chat", "priority": "normal", "state": "scored"}
                | {name: given[name] for name in (*names, "state") if name in given},
                agent_details={},
                turns=[],
                status=[],
                outcome={},
                details={},
                digest=b"",
            )
        )
        return interaction_id, at

    def unscored(self, number=1, *, day=0, state="pending", **given):
        with self.provider.session() as session:
            for _ in range(number):
                self._interaction(session, day, state=state, **given)

    def scored(self, *empathy, day=0, p=0.5, **given):
        """Store one scored interaction for each machine score, sampled at rate p; returns their ids."""
        rows = []
        with self.provider.session() as session:
            for score in empathy:
                interaction_id, at = self._interaction(session, day, **given)
                row = dict.fromkeys(column.name for column in InteractionFacts.__table__.columns)
                row |= {"channel": "chat", "priority": "normal", "peak_distress": 0, "clocks": []}
                row |= dict.fromkeys(COUNTED, 0)
                row |= {**self.owner, "interaction_id": interaction_id, "started_at": at, "day": at.date()}
                row |= {"rate": p, "drawable_since": at, "inclusion_probability": p or None}
                row |= {"threshold": 1.0, "settled": True}
                row |= {"scored": 1, "judged": 1, "empathy": score, **dict.fromkeys(PILLARS, score)}
                rows.append(row | {name: value for name, value in given.items() if name in row})
            rollups.store_facts(session, rows)
        return [row["interaction_id"] for row in rows]

    def reviewed(self, interaction_ids, scores, *, p=0.5, targeted=False, state="submitted", day=0):
        with self.provider.session() as session:
            for interaction_id, score in zip(interaction_ids, scores, strict=True):
                evaluation_id = uuid.uuid4()
                session.execute(
                    insert(Evaluation).values(
                        **self.owner,
                        interaction_id=interaction_id,
                        evaluation_id=evaluation_id,
                        kind="human",
                        versions={},
                        answers=[],
                        sections={},
                        findings={},
                        critical=[],
                        empathy=score,
                        listen_validate=score,
                    )
                )
                session.execute(
                    insert(Review).values(
                        **self.owner,
                        review_id=uuid.uuid4(),
                        interaction_id=interaction_id,
                        evaluation_id=evaluation_id,
                        state=state,
                        targeted=targeted,
                        reasons=[],
                        inclusion_probability=None if targeted else p,
                        draw=None if targeted else p / 2,
                        started_at=START + timedelta(days=day),
                        draft=[],
                    )
                )


@pytest.fixture
def report_data(provider):
    return ReportData(provider)


@pytest.fixture
def caller(provider):
    return provider.caller("reports:read")


def ask(caller, report="empathy", query=JULY, client="northwind", **options):
    return caller.get(f"/v1/clients/{client}/reports/{report}?{query}", **options)


def answer(caller, report="empathy", query=JULY, **options):
    found = ask(caller, report, query, **options)
    assert found.status_code == 200, found.json
    return found.json


def faults(found):
    assert found.status_code == 422, found.json
    return {(fault["pointer"], fault["code"]) for fault in found.json["errors"]}


def stakeholder(provider):
    user = provider.add_user("client_stakeholder", "northwind")
    return provider.caller("reports:read", user=user)


# Empathy ---------------------------------------------------------------------------------------------


def test_empathy_estimate_is_human_mean_if_machine_scores_are_constant(report_data, caller):
    """The machine says 60 of everything: lambda is 0 and theta the plain mean of the reviews, 70."""
    ids = report_data.scored(*[60] * 40)
    report_data.reviewed(ids[:20], [68, 72] * 10)
    found = answer(caller)
    assert (found["interactions"], found["scored"], found["reviewed"]) == (40, 40, 20)
    assert (found["client"], found["from"], found["to"]) == ("northwind", "2026-07-01", "2026-07-28")
    empathy = found["empathy"]
    assert (empathy["estimate"], empathy["method"], empathy["lambda"]) == (70.0, "human_only", 0.0)
    assert (empathy["machine_only"], empathy["status"]) == (60.0, "verified")
    assert empathy["low"] < 70 < empathy["high"]
    assert empathy["human_only"] == {name: empathy[name] for name in ("estimate", "low", "high")}


def test_empathy_estimate_corrects_constant_machine_bias(report_data, caller):
    """h = f - 10 but for noise that neither mean nor slope feels: lambda 1, theta = mean(f) - 10 = 65."""
    scores = [60 + number for number in range(31)]
    ids = report_data.scored(*scores)
    noise = [1, -1, -1, 1] * 4
    report_data.reviewed(ids[::2], [score - 10 + by for score, by in zip(scores[::2], noise, strict=True)])
    empathy = answer(caller)["empathy"]
    assert (empathy["estimate"], empathy["method"], empathy["lambda"]) == (65.0, "difference", 1.0)
    assert empathy["machine_only"] == 75.0


def test_empathy_estimate_weights_reviews_by_inverse_inclusion_probability(report_data, caller):
    """Ten reviews of 80 drawn with p = 0.5 and ten of 70 with p = 0.25: (10*2*80 + 10*4*70) / 60."""
    ids = report_data.scored(*[60] * 60)
    report_data.reviewed(ids[:10], [80] * 10, p=0.5)
    report_data.reviewed(ids[10:20], [70] * 10, p=0.25)
    assert answer(caller)["empathy"]["estimate"] == 73.3


def test_pillars_are_named_in_their_order(report_data, caller):
    ids = report_data.scored(*[60] * 40)
    report_data.reviewed(ids[:20], [68, 72] * 10)
    pillars = answer(caller)["pillars"]
    assert [pillar["key"] for pillar in pillars] == list(PILLARS)
    assert pillars[0] | {"low": 0, "high": 0} == {
        "key": "listen_validate",
        "name": "Listen & Validate",
        "estimate": 70.0,
        "low": 0,
        "high": 0,
        "machine_only": 60.0,
        "status": "verified",
    }
    assert pillars[1]["status"] == "too_few_reviews"


def test_pillar_without_questions_has_status_not_asked(report_data, caller):
    ids = report_data.scored(*[60] * 40, acknowledge_own=None)
    report_data.reviewed(ids[:20], [68, 72] * 10)
    pillars = {pillar["key"]: pillar for pillar in answer(caller)["pillars"]}
    assert (pillars["acknowledge_own"]["status"], pillars["acknowledge_own"]["estimate"]) == (
        "not_asked",
        None,
    )
    assert pillars["listen_validate"]["status"] == "verified"


def test_without_reviews_the_machine_s_mean_is_unverified(report_data, caller):
    report_data.scored(60, 80)
    found = answer(caller)
    assert found["empathy"]["estimate"] == found["empathy"]["machine_only"] == 70.0
    assert (found["empathy"]["status"], found["empathy"]["low"]) == ("unverified", None)
    assert "unverified" in found["method_note"]


def test_empathy_estimate_is_withheld_with_too_few_reviews(report_data, caller):
    ids = report_data.scored(*[60] * 20)
    report_data.reviewed(ids[:3], [50, 60, 90])
    empathy = answer(caller)["empathy"]
    assert (empathy["status"], empathy["estimate"], empathy["machine_only"]) == (
        "too_few_reviews",
        None,
        60.0,
    )


def test_client_interval_limit_decides_verified_status(report_data, caller, provider):
    ids = report_data.scored(*[60] * 100)
    report_data.reviewed(ids[:12], [40, 100] * 6, p=0.12)
    assert answer(caller)["empathy"]["status"] == "too_few_reviews"
    changed = provider.caller().patch("/v1/clients/northwind", json={"settings": {"interval_limit": 90}})
    assert changed.status_code == 200
    assert answer(caller)["empathy"]["status"] == "verified"


def test_a_group_without_reviews_shows_no_number_beside_groups_that_have_some(report_data, caller):
    report_data.reviewed(report_data.scored(*[60] * 40, agent="known"), [50, 70] * 20)
    report_data.reviewed(report_data.scored(*[60] * 6, agent="few"), [50, 70] * 3)
    report_data.scored(*[99] * 12, agent="unknown")

    for report in ("empathy", "overview"):
        rows = {row["value"]: row for row in answer(caller, report, f"{JULY}&group_by=agent")["groups"]}
        value = "estimate" if report == "empathy" else "empathy"
        assert rows["known"][value] is not None
        assert {rows[name][value] for name in ("few", "unknown")} == {None}
        assert {rows[name]["status"] for name in ("few", "unknown")} == {"too_few_reviews"}


def test_groups_are_unverified_only_while_nobody_has_reviewed_anything(report_data, caller):
    report_data.scored(*[60] * 12, agent="one")
    report_data.scored(*[99] * 12, agent="other")

    rows = answer(caller, query=f"{JULY}&group_by=agent")["groups"]
    assert {(row["value"], row["estimate"], row["status"]) for row in rows} == {
        ("one", 60, "unverified"),
        ("other", 99, "unverified"),
    }


def test_interactions_under_no_policy_are_left_out_of_the_number_by_name(report_data, caller):
    report_data.scored(*[10] * 30, p=0)
    report_data.reviewed(report_data.scored(*[80] * 40), [75, 85] * 20)

    found = answer(caller)
    assert (found["scored"], found["sample"]["undrawable"]) == (70, 30)
    assert found["empathy"]["estimate"] == pytest.approx(80)
    assert "30 interactions under no sampling policy are not in the number" in found["method_note"]


def test_hand_picked_and_unfinished_reviews_never_count(report_data, caller):
    ids = report_data.scored(*[60] * 60)
    report_data.reviewed(ids[:20], [68, 72] * 10)
    report_data.reviewed(ids[20:40], [0] * 20, targeted=True)
    report_data.reviewed(ids[40:], [0] * 20, state="claimed")
    found = answer(caller)
    assert (found["reviewed"], found["empathy"]["estimate"]) == (20, 70.0)


def test_empathy_estimate_ignores_reviews_without_score(report_data, caller):
    ids = report_data.scored(*[60] * 40)
    report_data.reviewed(ids[:22], [68, 72] * 10 + [None, None])
    found = answer(caller)
    assert (found["reviewed"], found["empathy"]["estimate"]) == (22, 70.0)


def test_erased_interactions_leave_neither_facts_nor_evaluations_nor_reviews(report_data, caller, provider):
    ids = report_data.scored(*[50] * 12)
    report_data.reviewed(ids, range(40, 52))
    integrator = provider.caller("interactions:write")
    for interaction_id in ids[:2]:
        receipt = integrator.delete(f"/v1/interactions/{interaction_id}").json
        assert (receipt["evaluations"], receipt["reviews"]) == (1, 1)

    found = answer(caller)
    assert (found["interactions"], found["scored"], found["reviewed"]) == (10, 10, 10)
    assert found["empathy"]["human_only"]["estimate"] == pytest.approx(46.5, abs=0.05)
    with provider.session() as session:
        assert rollups.rollup_differences(session, report_data.client.client_id) == []
        for table in (InteractionFacts, Evaluation, Review):
            assert session.scalars(select(table).where(table.interaction_id.in_(ids[:2]))).all() == []


def test_empathy_report_of_empty_period_has_explanatory_note(caller):
    found = answer(caller)
    assert (found["interactions"], found["scored"], found["reviewed"]) == (0, 0, 0)
    assert (found["empathy"]["estimate"], found["empathy"]["status"]) == (None, "unverified")
    assert found["method_note"].startswith("No interaction")


def test_unscored_interactions_are_counted_once_and_separately(report_data, caller, provider):
    report_data.scored(60, 70)
    report_data.unscored(2)
    report_data.unscored(1, state="dead")
    again = report_data.scored(50)
    with provider.session() as session:  # scored before, pushed again: it still has its facts
        session.get(
            Interaction, (report_data.client.tenant_id, again[0], report_data.client.client_id)
        ).state = "pending"
    found = answer(caller)
    assert (found["interactions"], found["scored"]) == (6, 3)


def test_period_includes_first_and_last_day(report_data, caller):
    for day, score in ((-1, 10), (0, 60), (27, 80), (28, 100)):
        report_data.scored(score, day=day)
    assert answer(caller)["empathy"]["machine_only"] == 70.0


ZONED = [
    ("Australia/Sydney", "2026-07-01T00:30+10:00", "2026-07-01"),
    ("Australia/Sydney", "2026-06-30T23:30+10:00", "2026-06-30"),
    ("Australia/Sydney", "2026-07-31T23:30+10:00", "2026-07-31"),
    ("Australia/Sydney", "2026-08-01T09:30+10:00", "2026-08-01"),
    ("America/New_York", "2026-06-30T23:59-04:00", "2026-06-30"),
    ("Asia/Kolkata", "2026-07-01T05:29+05:30", "2026-07-01"),
]


def set_zone(provider, zone):
    return provider.caller().patch("/v1/clients/northwind", json={"settings": {"time_zone": zone}})


@pytest.mark.parametrize(("zone", "moment", "day"), ZONED)
@pytest.mark.parametrize("state", ["scored", "pending"])
def test_the_clients_time_zone_makes_its_days(report_data, caller, provider, zone, moment, day, state):
    at = datetime.fromisoformat(moment)
    offset = (at - START) / timedelta(days=1)
    if state == "scored":
        report_data.scored(60, day=offset)
    else:
        report_data.unscored(1, day=offset)
    assert set_zone(provider, zone).status_code == 200
    for kind in ("overview", "empathy"):
        found = answer(caller, kind, query="from=2026-07-01&to=2026-07-31&group_by=day")
        rows = [row["period"] for row in found["series"] if row["interactions"]]
        assert rows == ([day] if day.startswith("2026-07") else [])
        assert found["interactions"] == len(rows)


def test_today_is_that_of_the_clients_time_zone(provider, caller):
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        assert set_zone(provider, zone).status_code == 200
        assert answer(caller, query="")["to"] == str(datetime.now(ZoneInfo(zone)).date())


@pytest.mark.parametrize("zone", ["Sydney", "", "UTC+10", "europe/berlin", 10, None])
def test_unknown_time_zone_is_refused(provider, zone):
    refused = set_zone(provider, zone)
    assert [each["pointer"] for each in refused.json["errors"]] == ["/settings/time_zone"]


def test_period_defaults_to_last_28_days(caller):
    found = answer(caller, query="")
    assert datetime.fromisoformat(found["to"]) - datetime.fromisoformat(found["from"]) == timedelta(days=27)


def test_a_week_without_interactions_stays_in_the_series(report_data, caller):
    report_data.scored(60, day=0)
    report_data.scored(80, day=14)
    found = answer(caller)
    assert [(row["period"], row["machine_only"]) for row in found["series"]] == [
        ("2026-W27", 60.0),
        ("2026-W28", None),
        ("2026-W29", 80.0),
        ("2026-W30", None),
        ("2026-W31", None),
    ]
    assert found["groups"] == []


def test_groups_are_estimated_from_their_own_reviews(report_data, caller):
    chat = report_data.scored(*[60] * 40)
    report_data.reviewed(chat[:20], [68, 72] * 10)
    mail = report_data.scored(*[50] * 10, channel="email")
    report_data.reviewed(mail[:2], [90, 90])
    report_data.unscored(3, channel="email")
    found = answer(caller, query=f"{JULY}&group_by=channel")
    rows = [
        (row["value"], row["interactions"], row["reviewed"], row["estimate"], row["status"])
        for row in found["groups"]
    ]
    assert rows == [("chat", 40, 20, 70.0, "verified"), ("email", 13, 2, None, "too_few_reviews")]
    assert found["series"] == []


@pytest.mark.parametrize("name", ["program", "queue"])
def test_filters_hold_for_scored_unscored_and_reviewed(report_data, caller, name):
    ids = report_data.scored(*[60] * 20, **{name: "vip"})
    report_data.reviewed(ids, [70] * 20, p=0.9)
    report_data.unscored(2, **{name: "vip"})
    others = report_data.scored(*[10] * 20)
    report_data.reviewed(others, [10] * 20, p=0.9)
    report_data.unscored(5)
    found = answer(caller, query=f"{JULY}&{name}=vip")
    assert (found["interactions"], found["scored"], found["reviewed"]) == (22, 20, 20)
    assert answer(caller, query=f"{JULY}&{name}=")["interactions"] == 25


# SLA -------------------------------------------------------------------------------------------------

POLICY = {
    "rules": [
        {
            "key": "chat",
            "match": {"channels": ["chat"]},
            "calendar": "always",
            "targets": {"first_response": "60s"},
            "goal": 0.95,
        },
        {"key": "rest", "match": {}, "calendar": "always", "targets": {"resolution": "2d"}, "goal": 0.8},
    ]
}


CHAT = {"sla_rule": "chat", "sla_version": 1}
REST = {"sla_rule": "rest", "sla_version": 1}


def publish_sla(provider, client, body=POLICY):
    with provider.session() as session:
        versions.put_in_force(session, client, kind="sla_policy", key="default", body=body)


def test_sla_report_tells_each_promise_against_its_own_goal(report_data, caller, provider):
    publish_sla(provider, report_data.client)
    now = datetime.now(UTC)
    for number in range(20):
        met = int(number < 17)
        report_data.scored(None, first_response_met=met, first_response_breached=1 - met, **CHAT)
    report_data.scored(None, first_response_due=now - timedelta(hours=1), **CHAT)
    report_data.scored(None, first_response_due=now + timedelta(hours=1), **CHAT)
    report_data.scored(*[None] * 3, first_response_paused=1, **CHAT)
    report_data.scored(*[None] * 10, first_response_closed_unanswered=1, **CHAT)
    report_data.scored(None, None, channel="email", priority="high", resolution_met=1, **REST)
    found = answer(caller, "sla")
    counts = {"met": 17, "breached": 4, "past_due": 1, "running": 1, "paused": 3, "closed_unanswered": 10}
    chat = {
        "rule": "chat",
        "target": "first_response",
        "goal_seconds": 60,
        "goal": 95.0,
        "days": "2026-07-01",
        **counts,
        "compliance": 81.0,
        "low": 60.0,
        "high": 92.3,
        "gap": -14.0,
        "missed": True,
        "suppressed": False,
    }
    assert found["promises"][0] == chat
    second = found["promises"][1]
    assert (second["rule"], second["target"], second["compliance"]) == ("rest", "resolution", 100.0)
    assert (second["goal"], second["missed"]) == (80.0, False)
    assert found["targets"][0] == {**chat, "channel": "chat", "priority": "normal"}
    assert (found["targets"][1]["channel"], found["targets"][1]["priority"]) == ("email", "high")
    # 19 of 23 met. Both promises together have no goal.
    totals = {**counts, "met": 19, "compliance": 82.6}
    assert {name: found[name] for name in totals} == totals
    assert "goal" not in found
    assert {name: found["series"][0][name] for name in totals} == totals
    assert "goal" not in found["series"][0]


def test_a_promise_that_changed_is_told_apart_by_its_goal_and_its_limit(report_data, caller, provider):
    for goal, limit in ((0.95, "60s"), (0.95, "60s"), (0.9, "60s"), (0.9, "30s")):
        rule = {**POLICY["rules"][0], "goal": goal, "targets": {"first_response": limit}}
        named = {**POLICY["rules"][1], "key": f"rest-{goal}-{limit}-{uuid.uuid4().hex[:4]}"}
        publish_sla(provider, report_data.client, {"rules": [rule, named]})
    for version in (1, 2, 3, 4):
        report_data.scored(*[None] * 10, first_response_met=1, sla_rule="chat", sla_version=version)
    rows = [(row["goal"], row["goal_seconds"], row["met"]) for row in answer(caller, "sla")["promises"]]
    assert rows == [(90.0, 30, 10), (90.0, 60, 10), (95.0, 60, 20)]


def changing(provider, report_data, days_of_goals):
    """Publish a version with each goal; on its days one of ten customers is answered late, or as many."""
    for version, (goal, days, late) in enumerate(days_of_goals, start=1):
        rule = {**POLICY["rules"][0], "goal": goal}
        named = {**POLICY["rules"][1], "key": f"rest{version}"}  # or it would be the version before
        publish_sla(provider, report_data.client, {"rules": [rule, named]})
        for day in days:
            where = {"day": day, "sla_rule": "chat", "sla_version": version}
            report_data.scored(*[60] * (10 - late), first_response_met=1, **where)
            report_data.scored(*[60] * late, first_response_breached=1, **where)


def test_a_promise_whose_goal_changed_has_one_name_and_the_days_of_each_goal(report_data, caller, provider):
    changing(provider, report_data, [(0.95, (0, 5), 3), (0.9, (6, 20), 2)])
    found = answer(caller, "overview")
    assert found["finding"].startswith(
        "SLA promise missed: chat first response 70.0 % in time against 95.0 % (2026-07-01 to 2026-07-06)"
        " and 80.0 % in time against 90.0 % (2026-07-07 to 2026-07-21). The machine"
    )


def test_a_goal_that_was_kept_on_some_days_is_missed_on_the_others_by_name(report_data, caller, provider):
    changing(provider, report_data, [(0.95, (0,), 1), (0.5, (6,), 1), (0.95, (9, 10), 1)])
    found = answer(caller, "overview")
    assert [(row["goal"], row["days"]) for row in found["sla"]["promises"]] == [
        (50.0, "2026-07-07"),
        (95.0, "2026-07-01, 2026-07-10 to 2026-07-11"),
    ]
    assert found["finding"].startswith(
        "SLA promise missed: chat first response 90.0 % in time against 95.0 %"
        " (2026-07-01, 2026-07-10 to 2026-07-11). "
    )


def test_versions_of_one_promise_take_one_of_three_names(report_data, caller, provider):
    others = [
        {"key": key, "match": {"programs": [key]}, "targets": {"resolution": "2d"}, "goal": 0.9}
        for key in "abc"
    ]
    first = [{**POLICY["rules"][0], "goal": 0.95}, *others]
    second = [{**POLICY["rules"][0], "goal": 0.9}, *others]
    for version, rules in enumerate((first, second), start=1):
        publish_sla(provider, report_data.client, {"rules": rules})
        report_data.scored(*[60] * 9, first_response_breached=1, sla_rule="chat", sla_version=version)
    for key in "abc":
        report_data.scored(*[60] * 2, resolution_breached=1, sla_rule=key, sla_version=1)
        report_data.scored(60, resolution_met=1, sla_rule=key, sla_version=1)
    finding = answer(caller, "overview")["finding"]
    assert finding.count("chat first response") == 1
    assert "and 1 more. " in finding


def test_clocks_of_an_unknown_rule_have_no_goal(report_data, caller, provider):
    publish_sla(provider, report_data.client)
    report_data.scored(None, first_response_met=1, sla_rule="gone", sla_version=7)
    [row] = answer(caller, "sla")["promises"]
    assert (row["rule"], row["goal"], row["gap"], row["missed"]) == ("gone", None, None, None)


def test_one_small_promise_cannot_be_reckoned_from_the_total(report_data, provider):
    publish_sla(provider, report_data.client)
    report_data.scored(*[None] * 20, first_response_met=1, **CHAT)
    report_data.scored(*[None] * 2, resolution_breached=1, **REST)
    reader = stakeholder(provider)
    for kind, read in (("sla", lambda found: found), ("overview", lambda found: found["sla"])):
        rows = read(answer(reader, kind))["promises"]
        assert [row["suppressed"] for row in rows] == [True, True]
        assert rows[0]["compliance"] is None


def test_without_clocks_there_is_no_compliance(caller):
    found = answer(caller, "sla")
    assert (found["compliance"], found["promises"], found["targets"]) == (None, [], [])


# Overview --------------------------------------------------------------------------------------------


def test_the_overview_compares_with_the_period_before(report_data, caller):
    before = {"score": 70, "pass_rate": 100, "shift": 0.2, "started_negative": 1, "recovered": 1}
    report_data.scored(*[60] * 10, day=-3, **before)
    now = {"score": 90, "pass_rate": 100, "charged": 1, "shift": 0.5, "started_negative": 1}
    report_data.scored(*[80] * 4, **now)
    report_data.scored(80, score=40, pass_rate=0)
    report_data.unscored(3)
    found = answer(caller, "overview")
    assert (found["interactions"], found["scored"], found["scored_share"]) == (8, 5, 62.5)
    estimates = {row["measure"]: (row["estimate"], row["status"]) for row in found["estimates"]}
    assert (estimates["score"], estimates["pass_rate"]) == ((80.0, "unverified"),) * 2
    assert found["charged_share"] == 80.0
    assert (found["sentiment_shift"], found["recovery_rate"]) == (0.5, 0.0)
    previous = found["previous"]
    assert (previous["from"], previous["to"], previous["interactions"]) == ("2026-06-03", "2026-06-30", 10)
    change = found["change"]
    assert (change["interactions"], change["score"], change["sentiment_shift"]) == (-2, 10.0, 0.3)
    assert (change["recovery_rate"], change["empathy"], change["sla_compliance"]) == (-100.0, 20.0, None)
    assert found["finding"] == "The machine puts empathy at 80.0 of 100, which no human review confirms yet."


def test_changes_of_estimates_have_intervals_that_hold_together(report_data, caller):
    before = report_data.scored(*[60] * 80, day=-3)
    report_data.reviewed(before[:40], [58, 62] * 20, day=-3)
    now = report_data.scored(*[60] * 80)
    report_data.reviewed(now[:40], [68, 72] * 20)

    [change] = answer(caller, "overview")["changes"]

    assert (change["measure"], change["difference"], change["clear"]) == ("empathy", 10.0, True)
    assert change["low"] < 10 < change["high"]


def test_groups_differ_from_all_others_with_intervals_that_hold_together(report_data, caller):
    for channel, scores in (("chat", [58, 62]), ("email", [59, 63]), ("voice", [30, 34])):
        ids = report_data.scored(*[60] * 80, channel=channel)
        report_data.reviewed(ids[:40], scores * 20)
    report_data.scored(60, 60, channel="social")

    rows = {row["value"]: row for row in answer(caller, query=f"{JULY}&group_by=channel")["groups"]}

    assert rows["voice"]["difference"] == pytest.approx(-28.5, abs=0.2)
    assert rows["voice"]["difference_high"] < -20
    assert rows["voice"]["difference_clear"]
    assert rows["chat"]["difference"] == pytest.approx(13.5, abs=0.2)
    assert (rows["social"]["status"], rows["social"]["estimate"]) == ("too_few_reviews", None)
    assert rows["social"]["difference"] is None


def test_weeks_differ_from_the_week_before(report_data, caller):
    for week, scores in enumerate(([58, 62], [57, 63], [30, 34])):
        ids = report_data.scored(*[60] * 80, day=7 * week)
        report_data.reviewed(ids[:40], scores * 20, day=7 * week)

    rows = [
        row for row in answer(caller, query=f"{JULY}&group_by=week")["series"] if row["estimate"] is not None
    ]

    assert [row["difference"] for row in rows] == [None, 0.0, -28.0]
    assert [row["difference_clear"] for row in rows] == [None, False, True]


def test_overview_finding_states_significant_change_and_sla_compliance(report_data, caller):
    before = report_data.scored(*[60] * 40, day=-3)
    report_data.reviewed(before[:20], [58, 62] * 10, day=-3)
    now = report_data.scored(*[60] * 40, first_response_met=1)
    report_data.reviewed(now[:20], [68, 72] * 10)
    found = answer(caller, "overview")
    low, high = found["empathy"]["low"], found["empathy"]["high"]
    assert found["finding"] == (
        f"Empathy is 70.0 of 100 (95 % interval {low} to {high}), up 10.0 points on the 28 days before; "
        "100.0 % of all SLA clocks were met."
    )


def test_overview_finding_names_missed_promises_first(report_data, caller, provider):
    rules = [
        {
            **POLICY["rules"][0],
            "key": "urgent",
            "match": {"priorities": ["urgent"]},
            "targets": {"next_response": "60s"},
        },
        *POLICY["rules"],
    ]
    publish_sla(provider, report_data.client, {"rules": rules})
    urgent = {"sla_rule": "urgent", "sla_version": 1}
    report_data.scored(*[60] * 8, next_response_met=1, **urgent)
    report_data.scored(*[60] * 2, next_response_breached=1, **urgent)
    report_data.scored(*[60] * 40, first_response_met=1, **CHAT)
    report_data.scored(60, resolution_breached=1, **REST)
    found = answer(caller, "overview")
    assert found["finding"] == (
        "SLA promises missed: rest resolution 0.0 % in time against 80.0 %, urgent next response 80.0 % "
        "in time against 95.0 %. The machine puts empathy at 60.0 of 100, which no human review confirms "
        "yet; 94.1 % of all SLA clocks were met."
    )
    assert [row["missed"] for row in found["sla"]["promises"]] == [True, False, True]


def test_overview_finding_says_when_every_promise_was_kept(report_data, caller, provider):
    publish_sla(provider, report_data.client)
    report_data.scored(*[60] * 10, first_response_met=1, **CHAT)
    assert answer(caller, "overview")["finding"].endswith(
        "; 100.0 % of all SLA clocks were met, every promise by its own goal."
    )


def test_overview_does_not_compare_unverified_with_verified_empathy(report_data, caller):
    report_data.scored(*[60] * 10, day=-3)
    ids = report_data.scored(*[60] * 40)
    report_data.reviewed(ids[:20], [68, 72] * 10)
    found = answer(caller, "overview")
    assert (found["previous"]["status"], found["previous"]["empathy"]) == ("unverified", 60.0)
    assert found["change"]["empathy"] is None


def test_overview_finding_of_empty_period_says_no_interactions(caller):
    found = answer(caller, "overview")
    assert found["finding"] == "There are no interactions in this period."
    assert found["empathy"]["status"] == "unverified"


# Who may see what ------------------------------------------------------------------------------------


@pytest.mark.parametrize("report", ["overview", "empathy", "sla"])
def test_report_returns_404_for_other_client_or_provider_and_403_without_scope(make_provider, report):
    mine, other = make_provider("northwind", "contoso"), make_provider("fabrikam")
    bound = mine.caller("reports:read", bound_to=("northwind",))
    assert ask(bound, report, client="contoso").status_code == 404
    assert ask(bound, report, client="fabrikam").status_code == 404
    assert ask(bound, report, client=str(other.clients["fabrikam"].client_id)).status_code == 404
    assert ask(mine.caller("clients:read"), report).status_code == 403


def test_figures_of_one_client_never_reach_another(provider, report_data, caller):
    ReportData(provider, "contoso").scored(*[10] * 7)
    report_data.scored(60)
    assert answer(caller)["scored"] == 1
    assert answer(caller, client="contoso")["scored"] == 7


@pytest.mark.parametrize("report", ["overview", "empathy", "sla"])
def test_stakeholders_see_no_agents(provider, report):
    found = ask(stakeholder(provider), report, f"{JULY}&group_by=agent")
    assert faults(found) == {("/query/group_by", "agents_not_shown")}


def test_staff_see_agents(report_data, caller):
    report_data.scored(60, agent="a-7")
    assert [row["value"] for row in answer(caller, query=f"{JULY}&group_by=agent")["groups"]] == ["a-7"]


@pytest.mark.parametrize("report", ["overview", "empathy"])
def test_small_groups_are_suppressed_for_stakeholder_never_a_single_group(provider, report_data, report):
    for channel, number in (("chat", 20), ("email", 9), ("voice", 4)):
        report_data.scored(*[60] * number, channel=channel)
    found = answer(stakeholder(provider), report, f"{JULY}&group_by=channel")["groups"]
    assert [(row["value"], row["suppressed"], row.get("interactions")) for row in found] == [
        ("chat", False, 20),
        ("email", True, None),
        ("voice", True, None),
    ]


@pytest.mark.parametrize("report", ["overview", "empathy", "sla"])
def test_stakeholder_report_suppresses_figures_of_small_totals(provider, report_data, report):
    report_data.scored(*[60] * 4, first_response_met=1, score=50)
    found = answer(stakeholder(provider), report)
    text = str(found)
    assert found["suppressed"] is True
    assert not has_word(text, "60")
    assert "100.0" not in text


# What is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize("report", ["overview", "empathy", "sla"])
def test_report_returns_all_query_errors(caller, report):
    query = (
        "from=2026-02-30&to=yesterday&group_by=mood&format=xml&channel=pigeon&colour=blue&program="
        + "x" * 201
    )
    assert faults(ask(caller, report, query)) == {
        ("/query/from", "not_a_day"),
        ("/query/to", "not_a_day"),
        ("/query/group_by", "not_allowed"),
        ("/query/format", "not_allowed"),
        ("/query/channel", "not_allowed"),
        ("/query/colour", "unknown_field"),
        ("/query/program", "too_long"),
    }


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("from=2026-07-02&to=2026-07-01&group_by=mood", "after_to"),
        ("from=2999-01-01", "out_of_range"),
        ("from=2100-01-01", "after_to"),
        ("from=0001-01-01&to=2026-07-01", "out_of_range"),
        ("from=2000-01-01&to=2026-07-01", "too_long"),
        ("from=", "not_a_day"),
        ("from=2026-07-01T00:00:00", "not_a_day"),
        ("from=2026-07-01T00:00:00Z", "not_a_day"),
        ("from=2026-07-01T00:00:00%2B10:00&to=2026-07-29", "not_a_day"),
        ("from=2026-02-30", "not_a_day"),
        ("from=20260701", "not_a_day"),
        ("from=2026-W27-1", "not_a_day"),
        ("from=٢٠٢٦-07-01", "not_a_day"),
        ("from=2026-07-0%00", "bad_characters"),
        ("from=1&from=2", "not_a_day"),
    ],
)
def test_report_rejects_invalid_period(caller, query, code):
    assert ("/query/from", code) in faults(ask(caller, query=query))


# Tables ----------------------------------------------------------------------------------------------


def table(found):
    assert found.status_code == 200
    assert found.content_type == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(found.text)))


def test_csv_has_groups_and_attachment_filename(report_data, caller):
    report_data.scored(60, 70, channel="email")
    found = ask(caller, query=f"{JULY}&group_by=channel&format=csv")
    (row,) = table(found)
    assert (row["value"], row["interactions"], row["machine_only"], row["estimate"]) == (
        "email",
        "2",
        "65.0",
        "65.0",
    )
    assert (row["low"], row["status"], row["suppressed"]) == ("", "unverified", "no")
    name = "northwind-empathy-2026-07-01-2026-07-28.csv"
    assert found.headers["Content-Disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize(
    ("report", "rows", "first"), [("overview", 5, "period"), ("empathy", 5, "period"), ("sla", 0, "channel")]
)
def test_accept_asks_for_csv_too(caller, report, rows, first):
    found = ask(caller, report, headers={"Accept": "text/csv"})
    assert found.text.startswith(f"{first},")
    assert len(table(found)) == rows


def test_format_parameter_overrides_accept_header(caller):
    assert ask(caller, query=f"{JULY}&format=json", headers={"Accept": "text/csv"}).is_json


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)", " =1", "\t=1"])
def test_a_program_named_like_a_formula_stays_text(report_data, caller, name):
    report_data.scored(60, program=name)
    (row,) = table(ask(caller, query=f"{JULY}&group_by=program&format=csv"))
    assert row["value"] == f"'{name}"


# Cost ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("report", "most"), [("empathy", 6), ("sla", 6), ("overview", 16)])
@pytest.mark.parametrize("grouping", ["day", "channel"])
def test_report_query_count_is_independent_of_row_count(
    services, report_data, caller, report, most, grouping
):
    for day in range(5):
        report_data.scored(60, 70, day=day, agent=f"a-{day}")
    seen = []

    def note(conn, cursor, statement, parameters, context, executemany):
        if any(name in statement for name in ("daily_rollups", "interaction", "reviews", "definitions")):
            seen.append(statement)

    event.listen(services.engine, "before_cursor_execute", note)
    try:
        answer(caller, report, f"{JULY}&group_by={grouping}")
    finally:
        event.remove(services.engine, "before_cursor_execute", note)
    assert len(seen) == most
