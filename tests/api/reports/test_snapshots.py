"""Frozen reports: what is in them, by hand and by calendar, recomputed, shared and read as the client."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from qm.snapshots import schedules
from qm.snapshots.models import ReportSnapshot
from qm.snapshots.verification import load_stored, verify_snapshot
from scorecards.authoring import versions
from tenants.models import utc_now
from tests.api.reports.test_reports import ReportData
from tests.api.review_api import SCORECARD
from tests.whole_words import has_word
from workers import schedule

ADDRESS = "/v1/clients/northwind/reports/snapshots"
KEY = b"sixteen bytes at least"
JULY = {"from": "2026-07-01", "to": "2026-07-31"}


@pytest.fixture
def data(provider):
    """A month with enough reviews for a number, by agents with names."""
    made = ReportData(provider)
    ids = made.scored(*[70.0] * 80, agent="a-31")
    made.reviewed(ids[:40], [50.0 + number for number in range(40)])
    made.scored(*[60.0] * 3, channel="email", agent="a-32")
    with provider.session() as session:
        client = session.merge(provider.clients["northwind"])
        versions.put_in_force(session, client, kind="scorecard", key="care", body=SCORECARD)
        targets = {"targets": [{"measure": "empathy", "goal": 60}]}
        versions.put_in_force(session, client, kind="quality_targets", key="default", body=targets)
    return made


@pytest.fixture
def caller(provider):
    user = provider.add_user("qm_manager")
    return provider.caller("reports:read", "reports:write", user=user)


def verified(provider, snapshot_id):
    with provider.session() as session:
        client = session.merge(provider.clients["northwind"])
        stored = load_stored(session, snapshot_id)
        return verify_snapshot(
            session,
            client,
            stored,
            text=stored.content,
            given_hash=stored.content_hash,
            key=provider.services.sampling_key,
        )


def test_a_report_frozen_by_hand_carries_the_interval_for_any_moment_and_recomputes(data, caller, provider):
    live = caller.get("/v1/clients/northwind/reports/overview", query_string=JULY).json["empathy"]
    made = caller.post(ADDRESS, json=JULY)

    assert made.status_code == 201, made.json
    body, content = made.json, json.loads(made.json["content"])
    assert hashlib.sha256(body["content"].encode()).hexdigest() == body["content_hash"]
    frozen = content["reports"]["overview"]["empathy"]
    assert (frozen["estimate"], frozen["low"], frozen["high"]) == (
        live["estimate"],
        live["anytime_low"],
        live["anytime_high"],
    )
    assert live["anytime_low"] < live["low"]
    assert "Credits and penalties do not follow it" in content["method"]
    assert f"{frozen['low']} to {frozen['high']}" in content["reports"]["overview"]["finding"]
    assert {each["kind"] for each in content["versions"]["definitions"]} == {"scorecard", "quality_targets"}
    assert (body["frozen_by"], body["interval"], body["due_at"]) == ("hand", "anytime", None)
    assert verified(provider, body["id"]).differences == ()

    data.reviewed(data.scored(80.0, 81.0), [10.0, 12.0])
    found = verified(provider, body["id"])
    assert found.hash_holds
    assert not found.holds
    paths = {each.path for each in found.differences}
    assert {"/reports/overview/interactions", "/reports/overview/empathy/estimate"} <= paths
    assert found.changed["reviews submitted later"] == 2
    assert found.changed["interactions received later"] == 2


def test_the_database_lets_nobody_change_a_frozen_report(data, caller, provider):
    snapshot_id = caller.post(ADDRESS, json=JULY).json["id"]
    for statement in ("update report_snapshots set content = '{}'", "delete from report_snapshots"):
        with pytest.raises(DBAPIError, match="permission denied"), provider.session() as session:
            session.execute(text(statement))

    voided = caller.post(f"{ADDRESS}/{snapshot_id}/void", json={"reason": "Pushed twice."})
    assert voided.json["void_reason"] == "Pushed twice."
    again = caller.post(f"{ADDRESS}/{snapshot_id}/void", json={"reason": "Pushed twice."})
    assert (again.status_code, again.json["code"]) == (409, "already_voided")
    share = {"expires_at": (utc_now() + timedelta(days=2)).isoformat()}
    refused = caller.post(f"{ADDRESS}/{snapshot_id}/shares", json=share)
    assert (refused.status_code, refused.json["code"]) == (409, "voided")


@pytest.mark.parametrize(
    ("days", "code"),
    [
        ({"from": "2026-07-31", "to": "2026-07-01"}, "after_to"),
        ({"from": "2026-07-01", "to": "2026-07-28"}, "no_fixed_period"),
        ({"from": "2196-07-01", "to": "2196-07-31"}, "not_over"),
    ],
)
def test_only_months_and_weeks_that_are_over_are_frozen(caller, days, code):
    refused = caller.post(ADDRESS, json=days)

    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, code)


def test_the_calendar_freezes_what_was_fixed_before_it_ended_once_and_after_an_outage(data, caller, provider):
    made = caller.post(
        "/v1/clients/northwind/reports/schedules",
        json={"unit": "month", "days_after": 3, "addresses": ["jo@example.com", "jo@example.com"]},
    )
    assert made.status_code == 201, made.json
    assert made.json["addresses"] == ["jo@example.com"]
    with provider.session() as session:  # as if it had been set in mid-July
        session.execute(text("update report_schedules set created_at = '2026-07-15T00:00:00Z'"))
        client = session.merge(provider.clients["northwind"])
        assert schedules.freeze_due(session, client, KEY, datetime(2026, 8, 3, 23, 59, tzinfo=UTC)) == 0
        assert schedules.freeze_due(session, client, KEY, datetime(2026, 10, 20, tzinfo=UTC)) == 3
        assert schedules.freeze_due(session, client, KEY, datetime(2026, 10, 20, tzinfo=UTC)) == 0

    found = caller.get(ADDRESS).json["data"]
    assert [(each["from"], each["due_at"], each["interval"]) for each in reversed(found)] == [
        ("2026-07-01", "2026-08-04T00:00:00+00:00", "fixed_time"),
        ("2026-08-01", "2026-09-04T00:00:00+00:00", "fixed_time"),
        ("2026-09-01", "2026-10-04T00:00:00+00:00", "fixed_time"),
    ]
    july = json.loads(caller.get(f"{ADDRESS}/{found[-1]['id']}").json["content"])
    live = caller.get("/v1/clients/northwind/reports/overview", query_string=JULY).json["empathy"]
    assert july["reports"]["overview"]["empathy"]["low"] == live["low"]
    schedule = caller.get("/v1/clients/northwind/reports/schedules").json["data"][0]
    assert (schedule["next_from"], schedule["next_at"]) == ("2026-10-01", "2026-11-04T00:00:00+00:00")
    waiting = caller.get("/v1/clients/northwind/reports/deliveries").json["data"]
    assert [(each["address"], each["state"]) for each in waiting] == [("jo@example.com", "waiting")] * 3
    assert caller.delete(f"/v1/clients/northwind/reports/schedules/{schedule['id']}").status_code == 204


def test_the_schedule_freezes_what_is_due_once_and_commits_to_draws(data, caller, provider, services):
    entries = {entry.name: entry for entry in schedule.table(services)}
    body = {"unit": "month", "days_after": 0}
    assert caller.post("/v1/clients/northwind/reports/schedules", json=body).status_code == 201
    with provider.session() as session:
        session.execute(text("update report_schedules set created_at = now() - interval '40 days'"))

    for _ in range(2):
        assert schedule.run_entry(services, entries["freeze_reports"])
        frozen = caller.get(ADDRESS).json["data"]
        assert {each["frozen_by"] for each in frozen} == {"calendar"}
        assert len({each["from"] for each in frozen}) == len(frozen) >= 1
    assert schedule.run_entry(services, entries["commit_draws"])
    assert caller.get("/v1/clients/northwind/sampling/commitments").json["data"]


def test_the_client_reads_frozen_reports_without_names_or_small_counts(data, caller, provider):
    data.scored(*[50.0] * 3, day=61)  # Monday 31 August: the rest of its week lies in September
    data.scored(*[50.0] * 9, day=62)
    snapshot_id = caller.post(ADDRESS, json=JULY).json["id"]
    telling = caller.post(ADDRESS, json={"from": "2026-08-31", "to": "2026-09-06"}).json
    user = provider.add_user("client_stakeholder", "northwind")
    reader = provider.caller("reports:read", user=user)

    assert telling["for_client"] is False
    assert [each["id"] for each in reader.get(ADDRESS).json["data"]] == [snapshot_id]
    assert reader.get(f"{ADDRESS}/{telling['id']}").status_code == 404
    body = reader.get(f"{ADDRESS}/{snapshot_id}").json
    assert body["content"] == caller.get(f"{ADDRESS}/{snapshot_id}").json["content"]
    for name in ("a-31", "a-32"):
        assert not has_word(body["content"], name)
    assert "quotes" not in body["content"]
    assert reader.post(ADDRESS, json=JULY).status_code == 403
    assert reader.get(f"{ADDRESS}/{snapshot_id}/shares").status_code == 403
    assert reader.get("/v1/clients/northwind/reports/deliveries").status_code == 403
    assert reader.get("/v1/clients/contoso/reports/snapshots").status_code == 404
    with provider.session() as session:
        stored = session.scalars(select(ReportSnapshot).where(ReportSnapshot.first_day == date(2026, 7, 1)))
        assert json.loads(stored.one().content)["reports"]["overview"]["suppressed"] is False
