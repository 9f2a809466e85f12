"""The report in short says what its numbers say, whatever these are."""

import re

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st

from qm.console.report_summary import (
    LOWER_IS_BETTER,
    asked,
    changed,
    done,
    forwarded,
    good,
    is_worse,
    sure,
    why,
)
from qm.reports.overview_report import ESTIMATED


@pytest.fixture(scope="module", autouse=True)
def english():
    """Let days be written as on a page."""
    bare = Flask("words")
    Babel(bare)
    with bare.test_request_context():
        yield


counts = st.integers(0, 40)
points = st.floats(0, 100).map(lambda value: round(value, 1))
PILLARS = (("listen_validate", "Listen & Validate"), ("follow_up_reassure", "Follow-up & Reassure"))


def target(measure, verdict, estimate, goal):
    return {"measure": measure, "verdict": verdict, "estimate": estimate, "goal": goal}


@given(counts, counts, counts, st.lists(st.tuples(points, points), max_size=5))
def test_it_is_good_only_where_nothing_is_missed(met, missed, open_, rows):
    missed = max(missed, len(rows))
    targets = [target("empathy", "missed", estimate, goal) for estimate, goal in rows]
    said = good({"met": met, "missed": missed, "open": open_, "targets": targets})

    assert said.startswith("Yes") == (missed == open_ == 0 < met)
    assert said.startswith("Not everywhere") == (missed > 0)
    assert said.startswith("As far as") == (missed == 0 < open_)
    assert ("nothing to hold it against" in said) == (met == missed == open_ == 0)
    for estimate, goal in rows[:3]:
        assert f"({estimate:.1f} against {goal:.1f})" in said
    assert (f"{missed - len(rows)} SLA promise" in said) == (missed > len(rows))
    if met or missed or open_:
        assert f"{met + missed + open_} targets and SLA promises" in said


def test_what_is_done_is_the_first_line_that_is_written():
    assert done({"text": "\n  Refunds go out at once.\nMore follows."}) == "Refunds go out at once."
    assert done({"text": None}) == done({"text": " \n"}) == "Nothing is written about these days yet."


@given(points, points, st.integers(5, 900), st.sampled_from(["verified", "unverified", "too_few_reviews"]))
def test_it_is_as_sure_as_people_have_confirmed(low, high, counted, status):
    has_limits = status == "verified"
    limits = {"low": low if has_limits else None, "high": high if has_limits else None}
    said = sure({"empathy": {"status": status, **limits}, "sample": {"counted": counted}})

    assert ("in 95 of 100 such draws" in said) == has_limits
    assert (f"between {low:.1f} and {high:.1f}" in said) == has_limits
    assert said.startswith("Not sure") == (not has_limits)


@given(
    st.lists(
        st.tuples(st.sampled_from(ESTIMATED), st.floats(-50, 50), st.booleans()),
        max_size=6,
        unique_by=lambda row: row[0],
    )
)
def test_only_clear_changes_are_told_each_on_its_side(rows):
    changes = [
        {"measure": measure, "difference": difference, "clear": is_clear}
        for measure, difference, is_clear in rows
    ]
    previous = {"from": "2026-06-01", "to": "2026-06-30"}
    said = changed({"changes": changes, "previous": previous}, None)

    worse, _, better = said.partition("Clearly better")
    for row in changes:
        share = f"{abs(row['difference']):.1f})"
        side = worse if is_worse(row) else better
        assert not row["clear"] or share in side
    assert ("Clearly worse" in said) == any(row["clear"] and is_worse(row) for row in changes)
    assert ("Clearly better" in said) == any(row["clear"] and not is_worse(row) for row in changes)
    assert ("too little to compare" in said) == (not changes)
    assert not changes or said.count("(") == sum(row["clear"] for row in changes)
    assert all(is_worse({"measure": name, "difference": 1.0}) for name in LOWER_IS_BETTER)


@given(st.tuples(points, points).map(sorted), st.tuples(points, points).map(sorted))
def test_a_pillar_is_called_the_weakest_only_where_the_intervals_are_apart(first, second):
    rows = [
        {"key": key, "name": name, "low": low, "high": high, "estimate": (low + high) / 2}
        for (key, name), (low, high) in zip(PILLARS, (first, second), strict=True)
    ]
    said = why({"pillars": rows}, {"targets": [target(PILLARS[0][0], "open", None, 60.0)]}, None)

    weakest, other = sorted(rows, key=lambda row: row["estimate"])
    apart = weakest["high"] < other["low"]
    assert ("least of" in said) == apart
    assert ("clearly behind" in said) == (not apart)
    assert not apart or weakest["name"] in said
    assert ("goal of 60.0" in said) == (apart and weakest["key"] == "listen_validate")


def test_it_says_who_was_asked_and_whether_it_may_be_forwarded():
    days = {"from": "2026-07-01", "to": "2026-07-31"}

    told = asked({"interactions": 1234, "reviewed": 56, **days}, "Brightline")

    assert re.search(r"All 1234 .* 1 Jul 2026 to 31 Jul 2026.* 56, drawn by chance,.* Brightline", told)
    assert "no person has reviewed" in asked({"interactions": 9, "reviewed": 0, **days}, "Brightline")
    assert forwarded(kept_back=True).startswith("Yes")
    assert forwarded(kept_back=False).startswith("Not this view")
