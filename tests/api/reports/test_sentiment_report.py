"""The sentiment report over HTTP, against the plain arithmetic of Python's statistics module."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sqlalchemy import update

from qm.interactions.models import Interaction
from qm.reports.sentiment_report import mean_interval
from tests.api.reports.test_reports import JULY, ReportData, answer, ask, stakeholder


@pytest.fixture
def caller(provider):
    return provider.caller("reports:read")


class Feelings(ReportData):
    """Writes interactions with feelings, and a contact reason."""

    def felt(self, *pairs, reason=None, **given):
        for start, end in pairs:
            measured = {"sentiment_start": start, "sentiment_end": end, "shift": end - start}
            counted = {"started_negative": int(start < 0), "recovered": int(start < 0 <= end)}
            (interaction_id,) = self.scored(None, **measured, **counted, **given)
            with self.provider.session() as session:
                which = Interaction.interaction_id == interaction_id
                session.execute(update(Interaction).where(which).values(intent=reason))


@pytest.fixture
def feelings(provider):
    return Feelings(provider)


PAIRS = [(-0.5, 0.25), (-0.25, -0.5), (0.25, 0.5), (-0.75, 0.5), (0.0, 0.25), (-0.5, 0.0)]


def test_figures_are_those_of_plain_arithmetic(feelings, caller):
    feelings.felt(*PAIRS, reason="late_delivery")
    feelings.scored(60.0)  # no second turn of the customer
    shifts = [end - start for start, end in PAIRS]
    half = stats.t.ppf(0.975, 5) * statistics.stdev(shifts) / math.sqrt(6)

    found = answer(caller, "sentiment")

    assert (found["interactions"], found["measured"]) == (7, 6)
    assert found["start"] == pytest.approx(statistics.mean(start for start, _ in PAIRS), abs=0.005)
    assert found["end"] == pytest.approx(statistics.mean(end for _, end in PAIRS), abs=0.005)
    assert found["shift"] == pytest.approx(statistics.mean(shifts), abs=0.005)
    assert found["low"] == pytest.approx(statistics.mean(shifts) - half, abs=0.005)
    assert found["high"] == pytest.approx(statistics.mean(shifts) + half, abs=0.005)
    assert found["recovery_rate"] == 75.0
    assert [(row["reason"], row["measured"]) for row in found["reasons"]] == [("late_delivery", 6), (None, 0)]


@given(st.lists(st.floats(-2, 2).map(lambda value: round(value, 4)), min_size=2, max_size=40))
def test_a_mean_from_sums_is_the_mean_of_the_values(values):
    mean, low, high = mean_interval(len(values), math.fsum(values), math.fsum(v * v for v in values))

    assert mean == pytest.approx(statistics.mean(values), abs=1e-9)
    half = stats.t.ppf(0.975, len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values))
    assert (high - low) / 2 == pytest.approx(half, abs=1e-5)


@pytest.mark.parametrize(("group_by", "name"), [("channel", "value"), ("month", "period")])
def test_groups_and_series_add_up_to_the_whole(feelings, caller, group_by, name):
    feelings.felt(*PAIRS, channel="chat")
    feelings.felt(*PAIRS[:5], channel="email", day=5)

    found = answer(caller, "sentiment", f"{JULY}&group_by={group_by}")

    rows = found["groups" if name == "value" else "series"]
    assert sum(row["interactions"] for row in rows) == found["interactions"] == 11
    assert [row[name] for row in rows] == (["chat", "email"] if name == "value" else ["2026-07"])


def test_of_few_nothing_is_told_to_stakeholders_nor_what_subtraction_would_tell(feelings, provider):
    feelings.felt(*PAIRS, *PAIRS, reason="billing")
    feelings.felt(*PAIRS, reason="damage")
    feelings.felt(*PAIRS[:3], reason="outage")
    asked = f"{'from=2026-07-01&to=2026-07-31'}"

    rows = {row["reason"]: row for row in answer(stakeholder(provider), "sentiment", asked)["reasons"]}

    assert [reason for reason, row in rows.items() if row["suppressed"]] == ["damage", "outage"]
    assert rows["outage"]["interactions"] is rows["damage"]["shift"] is None
    assert rows["billing"]["interactions"] == 12


def test_without_feelings_there_is_no_number(caller):
    found = answer(caller, "sentiment")

    assert (found["interactions"], found["shift"], found["low"], found["reasons"]) == (0, None, None, [])


def test_the_table_is_of_reasons_unless_groups_are_asked_for(feelings, caller):
    feelings.felt(*PAIRS, reason="billing")

    reasons = ask(caller, "sentiment", f"{JULY}&format=csv").get_data(as_text=True).splitlines()
    weeks = ask(caller, "sentiment", f"{JULY}&format=csv&group_by=week").get_data(as_text=True).splitlines()

    assert (reasons[0].split(",")[0], len(reasons)) == ("reason", 2)
    assert weeks[0].split(",")[0] == "period"
