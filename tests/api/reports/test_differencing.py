"""A client's stakeholders cannot subtract two reports that differ by a few interactions."""

import pytest

from tenants.models import utc_now
from tests.api.reports.test_reports import ReportData, answer, ask, faults, stakeholder

REPORTS = ["overview", "empathy", "sla", "agreement", "fairness"]


@pytest.fixture
def report_data(provider):
    return ReportData(provider)


@pytest.fixture
def reader(provider):
    return stakeholder(provider)


def query(first, last):
    return f"from={first}&to={last}"


def test_two_periods_that_differ_by_one_interaction_are_the_same_month(report_data, reader):
    report_data.scored(*[80] * 5)
    report_data.scored(10, day=1)
    short, long = (answer(reader, query=query("2026-07-01", last)) for last in ("2026-07-01", "2026-07-02"))

    assert short == long
    assert (short["from"], short["to"], short["interactions"]) == ("2026-07-01", "2026-07-31", 6)


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (query("2026-06-30", "2026-07-31"), "one_month"),
        (query("2026-06-01", "2026-07-31"), "one_month"),
        (query("2025-07-01", "2026-07-31"), "one_month"),
        (f"to={utc_now().date()}", "not_ended"),
        (f"from={utc_now().date().replace(day=1)}", "not_ended"),
    ],
)
def test_other_periods_are_refused_in_every_report(reader, report, asked, code):
    assert code in {code for _, code in faults(ask(reader, report, asked))}


def test_without_days_the_last_month_that_has_ended_is_read(reader):
    found = answer(reader, query="")

    assert found["from"].endswith("-01")
    assert found["to"] < str(utc_now().date().replace(day=1))


def test_the_period_before_is_the_month_before(report_data, reader):
    report_data.scored(*[80] * 6, day=-1)
    report_data.scored(*[80] * 6, day=-31)
    report_data.scored(*[60] * 8)
    previous = answer(reader, "overview")["previous"]

    assert (previous["from"], previous["to"]) == ("2026-06-01", "2026-06-30")


def test_an_sla_figure_of_few_interactions_with_many_clocks_is_kept_back(report_data, reader):
    many = {"sla_rule": "chat", "sla_version": 1, "first_response_met": 1, "next_response_met": 9}
    few = {**many, "next_response_met": 0}
    report_data.scored(*[80] * 2, day=0, channel="email", **many)
    report_data.scored(*[80] * 9, day=1, channel="chat", **few)
    report_data.scored(*[80] * 8, day=2, channel="voice", **few)
    found = answer(reader, "sla", query="from=2026-07-01&group_by=channel")
    by_day = answer(reader, "sla", query="from=2026-07-01&group_by=day")["series"]
    promises = {row["target"]: row for row in found["promises"]}

    assert not found["suppressed"]
    assert {row["value"]: row["suppressed"] for row in found["groups"]} == {
        "chat": False,
        "email": True,
        "voice": True,
    }
    assert {row["channel"] for row in found["targets"] if not row["suppressed"]} == {"chat"}
    assert [row["period"] for row in by_day if row["met"]] == ["2026-07-02"]
    assert promises["next_response"]["suppressed"]
    assert not answer(reader, "overview")["sla"]["suppressed"]


def test_a_share_of_few_interactions_is_kept_back(report_data, reader, provider):
    report_data.scored(*[80] * 4, started_negative=1, recovered=1)
    report_data.scored(*[80] * 9)

    assert answer(reader, "overview")["recovery_rate"] is None
    assert answer(provider.caller("reports:read"), "overview")["recovery_rate"] == 100.0


def test_days_are_kept_back_so_that_their_weeks_do_not_tell_of_them(report_data, reader):
    for day, count in enumerate([9, 7, 3, 8, 6, 9]):  # July 1 is a Wednesday: the week ends with the 5th
        report_data.scored(*[80] * count, day=day)
    report_data.scored(*[80] * 2, day=8)
    report_data.scored(*[80] * 9, day=9)
    weeks, days = (
        {row["period"]: row["interactions"] for row in answer(reader, query=asked)["series"]}
        for asked in ("from=2026-07-01&group_by=week", "from=2026-07-01&group_by=day")
    )

    assert (weeks["2026-W27"], weeks["2026-W28"]) == (33, 20)
    assert [day for day in days if days[day] is None] == [
        "2026-07-03",
        "2026-07-05",
        "2026-07-06",
        "2026-07-09",
    ]


@pytest.mark.parametrize("others", [1, 4])
def test_a_filter_that_leaves_out_few_interactions_is_refused(report_data, reader, others):
    report_data.scored(*[80] * 20, channel="chat", queue="a")
    report_data.scored(*[10] * others, channel="email", queue="a")
    refused = ask(reader, query="from=2026-07-01&channel=chat&queue=a")

    assert faults(refused) == {("/query/channel", "too_few_others")}


def test_a_filter_that_leaves_out_none_or_many_is_answered(report_data, reader):
    report_data.scored(*[80] * 20, channel="chat", queue="a")
    report_data.scored(*[10] * 5, channel="email", queue="a")

    assert answer(reader, query="from=2026-07-01&queue=a")["interactions"] == 25
    assert answer(reader, query="from=2026-07-01&channel=chat")["interactions"] == 20


def test_others_read_any_days(report_data, provider):
    report_data.scored(*[80] * 5)
    found = answer(provider.caller("reports:read"), query=query("2026-07-01", "2026-07-01"))

    assert (found["from"], found["to"]) == ("2026-07-01", "2026-07-01")
