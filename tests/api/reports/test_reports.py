"""Overview, empathy and SLA reports over HTTP, checked against hand-calculated figures."""

import csv
import io
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, insert, select

from qm.facts import rollups
from qm.facts.models import COUNTED, InteractionFacts
from qm.interactions.models import Interaction
from qm.reviews.models import Evaluation, Review
from scorecards.authoring import versions
from scorecards.definitions.form import PILLARS

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

    def scored(self, *empathy, day=0, **given):
        """Store one scored interaction for each machine score; returns their ids."""
        rows = []
        with self.provider.session() as session:
            for score in empathy:
                interaction_id, at = self._interaction(session, day, **given)
                row = dict.fromkeys(column.name for column in InteractionFacts.__table__.columns)
                row |= {"channel": "chat", "priority": "normal", "peak_distress": 0, "clocks": []}
                row |= dict.fromkeys(COUNTED, 0)
                row |= {**self.owner, "interaction_id": interaction_id, "started_at": at, "day": at.date()}
                row |= {"scored": 1, "empathy": score, **dict.fromkeys(PILLARS, score)}
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


def test_period_end_timestamp_is_exclusive(report_data, caller):
    report_data.scored(60, day=27)
    report_data.scored(100, day=28)
    found = answer(caller, query="from=2026-07-01T00:00:00Z&to=2026-07-29T00:00:00Z")
    assert (found["to"], found["empathy"]["machine_only"]) == ("2026-07-28", 60.0)


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


def test_sla_report_counts_met_breached_past_due_and_running_clocks_against_goal(
    report_data, caller, provider
):
    with provider.session() as session:
        versions.save_draft(session, report_data.client, kind="sla_policy", key="default", body=POLICY)
        versions.publish(session, report_data.client, kind="sla_policy", key="default")
    now = datetime.now(UTC)
    for number in range(20):
        report_data.scored(
            None, first_response_met=int(number < 17), first_response_breached=int(number >= 17)
        )
    report_data.scored(None, first_response_due=now - timedelta(hours=1))
    report_data.scored(None, first_response_due=now + timedelta(hours=1))
    report_data.scored(None, None, channel="email", priority="high", resolution_met=1)
    found = answer(caller, "sla")
    assert found["targets"][0] == {
        "channel": "chat",
        "priority": "normal",
        "target": "first_response",
        "met": 17,
        "breached": 4,
        "past_due": 1,
        "running": 1,
        "compliance": 81.0,
        "low": 60.0,
        "high": 92.3,
        "goal": 95.0,
        "gap": -14.0,
        "suppressed": False,
    }
    second = found["targets"][1]
    assert (second["channel"], second["priority"], second["target"]) == ("email", "high", "resolution")
    assert (second["compliance"], second["goal"]) == (100.0, 80.0)
    # 19 of 23 met; the goal weighs 21 chat clocks at 95 % and 2 others at 80 %.
    assert (found["met"], found["breached"], found["compliance"], found["goal"]) == (19, 4, 82.6, 93.7)
    assert found["series"][0] | {"low": 0, "high": 0} == {
        "period": "2026-W27",
        "met": 19,
        "breached": 4,
        "past_due": 1,
        "running": 1,
        "compliance": 82.6,
        "low": 0,
        "high": 0,
        "goal": None,
        "gap": None,
        "suppressed": False,
    }


def test_without_clocks_there_is_no_compliance(caller):
    found = answer(caller, "sla")
    assert (found["compliance"], found["goal"], found["targets"]) == (None, None, [])


# Overview --------------------------------------------------------------------------------------------


def test_the_overview_compares_with_the_period_before(report_data, caller):
    report_data.scored(
        *[60] * 10, day=-3, score=70, passed=1, charged=0, shift=0.2, started_negative=1, recovered=1
    )
    report_data.scored(*[80] * 4, score=90, passed=1, charged=1, shift=0.5, started_negative=1, recovered=0)
    report_data.scored(80, score=40)
    report_data.unscored(3)
    found = answer(caller, "overview")
    assert (found["interactions"], found["scored"], found["scored_share"]) == (8, 5, 62.5)
    assert (found["score_mean"], found["pass_share"], found["charged_share"]) == (80.0, 80.0, 80.0)
    assert (found["sentiment_shift"], found["recovery_rate"]) == (0.5, 0.0)
    previous = found["previous"]
    assert (previous["from"], previous["to"], previous["interactions"]) == ("2026-06-03", "2026-06-30", 10)
    change = found["change"]
    assert (change["interactions"], change["score_mean"], change["sentiment_shift"]) == (-2, 10.0, 0.3)
    assert (change["recovery_rate"], change["empathy"], change["sla_compliance"]) == (-100.0, 20.0, None)
    assert found["finding"] == "The machine puts empathy at 80.0 of 100, which no human review confirms yet."


def test_overview_finding_states_significant_change_and_sla_compliance(report_data, caller):
    before = report_data.scored(*[60] * 40, day=-3)
    report_data.reviewed(before[:20], [58, 62] * 10, day=-3)
    now = report_data.scored(*[60] * 40, first_response_met=1)
    report_data.reviewed(now[:20], [68, 72] * 10)
    found = answer(caller, "overview")
    low, high = found["empathy"]["low"], found["empathy"]["high"]
    assert found["finding"] == (
        f"Empathy is 70.0 of 100 (95 % interval {low} to {high}), up 10.0 points on the 28 days before; "
        "100.0 % of SLA clocks were met."
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
    assert "60" not in text.replace("2026", "")
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
        ("from=2026-07-01T00:00:00", "not_a_time"),
        ("from=9999-12-31T23:59:59-10:00", "out_of_range"),
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


@pytest.mark.parametrize(("report", "most"), [("empathy", 3), ("sla", 5), ("overview", 10)])
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
