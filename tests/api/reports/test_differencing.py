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
