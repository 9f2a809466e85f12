"""Quality targets: every fault at its place, and on which days a target holds."""

from datetime import date

import pytest

from scorecards.definitions.quality_targets import from_body
from tenants.http.faults import Invalid


def faults(*targets):
    with pytest.raises(Invalid) as refused:
        from_body({"targets": list(targets)})
    return {(fault.pointer, fault.code) for fault in refused.value.faults}


def test_every_fault_of_every_target_is_named():
    assert faults(
        {"measure": "happiness", "goal": 101, "from": "2026-02-30"},
        {"measure": "empathy"},
        {"measure": "score", "goal": 0, "from": "2026-07-02", "until": "2026-07-01"},
        "empathy",
    ) == {
        ("/targets/0/measure", "unknown_choice"),
        ("/targets/0/goal", "out_of_range"),
        ("/targets/0/from", "not_a_day"),
        ("/targets/1/goal", "required"),
        ("/targets/2/goal", "out_of_range"),
        ("/targets/2/until", "before_from"),
        ("/targets/3", "wrong_type"),
        ("/targets/3/measure", "unknown_choice"),
        ("/targets/3/goal", "required"),
    }


@pytest.mark.parametrize(
    "days",
    [{}, {"until": "2026-07-31"}, {"from": "2026-07-31"}, {"from": "2026-06-01", "until": "2026-08-31"}],
)
def test_two_goals_of_one_measure_never_hold_on_the_same_day(days):
    july = {"measure": "empathy", "goal": 70, "from": "2026-07-01", "until": "2026-07-31"}

    assert faults(july, {"measure": "empathy", "goal": 75, **days}) == {
        ("/targets/1/measure", "overlapping_targets")
    }
    from_body({"targets": [july, {"measure": "score", "goal": 75, **days}]})
    from_body({"targets": [july, {"measure": "empathy", "goal": 75, "from": "2026-08-01"}]})


def test_a_target_holds_from_its_first_to_its_last_day():
    (target,) = from_body(
        {"targets": [{"measure": "score", "goal": 70, "from": "2026-07-02", "until": "2026-07-03"}]}
    )
    days = [date(2026, 7, day) for day in range(1, 5)]

    assert [target.touches(day, day) for day in days] == [False, True, True, False]
    assert target.touches(days[0], days[3])


def test_no_critical_error_at_all_is_a_goal_and_no_empathy_is_none():
    (target,) = from_body({"targets": [{"measure": "critical_compliance", "goal": 0}]})

    assert target.lower_is_better
    assert target.goal == 0
    assert faults({"measure": "empathy", "goal": 0}) == {("/targets/0/goal", "out_of_range")}
