"""Sampling policies: every fault of a body is named; quotas and capacity are read."""

import math

import pytest

from scorecards.sampling.policy import SamplingPolicy, from_body
from scorecards.sampling.quotas import AgentWeek, FixedSize
from tenants.http.faults import Invalid


def test_a_policy_is_read_with_its_defaults():
    policy = from_body({"base_rate": 0.05})
    assert policy == SamplingPolicy(0.05, 0.5, ())


def test_every_fault_of_a_policy_is_reported():
    body = {
        "floor": 2,
        "terms": [
            {"when": "bored", "rate": 0.1},
            {"when": "low_csat", "rate": 0},
            {"when": "charged", "rate": 0.1, "days": 3},
            {"when": "charged"},
            {"when": "low_confidence", "below": 1.5, "rate": True},
            7,
        ],
        "colour": "red",
    }
    with pytest.raises(Invalid) as caught:
        from_body(body)
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [
        ("/colour", "unknown_field"),
        ("/base_rate", "required"),
        ("/floor", "out_of_range"),
        ("/terms/0/when", "unknown_choice"),
        ("/terms/1/below", "required"),
        ("/terms/1/rate", "out_of_range"),
        ("/terms/2/days", "unknown_field"),
        ("/terms/3/rate", "required"),
        ("/terms/4/below", "out_of_range"),
        ("/terms/4/rate", "wrong_type"),
        ("/terms/5", "wrong_type"),
        ("/terms/5/when", "unknown_choice"),
        ("/terms/5/rate", "required"),
        ("/terms/3/when", "duplicate"),
    ]


@pytest.mark.parametrize("rate", [0, -0.1, 1.1, "x", math.nan, True, None])
def test_base_rate_outside_0_1_is_rejected(rate):
    with pytest.raises(Invalid):
        from_body({"base_rate": rate})


@pytest.mark.parametrize("body", [None, [], "x", {"base_rate": 0.1, "terms": "x"}])
def test_a_body_of_the_wrong_shape_is_refused_with_faults(body):
    with pytest.raises(Invalid):
        from_body(body)


@pytest.mark.parametrize(
    ("quotas", "quota"),
    [
        ({"agent_week": {"min": 2}}, AgentWeek(2)),
        ({"agent_week": {"max": 9}}, AgentWeek(0, 9)),
        ({"agent_week": {"min": 3, "max": 3}}, AgentWeek(3, 3)),
        ({"fixed": {"size": 40}}, FixedSize(40, "week")),
        ({"fixed": {"size": 5, "per": "day"}}, FixedSize(5, "day")),
    ],
)
def test_quotas_are_read(quotas, quota):
    assert from_body({"base_rate": 0.1, "quotas": quotas}).quota == quota


def test_capacity_is_read():
    body = {"base_rate": 0.1, "capacity": {"reviews_per_reviewer_week": 30}}
    assert from_body(body).capacity == 30


@pytest.mark.parametrize(
    ("part", "faults"),
    [
        ({"quotas": {}}, [("/quotas", "required")]),
        ({"quotas": None}, [("/quotas", "wrong_type")]),
        ({"quotas": {"agent_week": {}}}, [("/quotas/agent_week", "required")]),
        ({"quotas": {"agent_week": {"min": 0}}}, [("/quotas/agent_week/min", "out_of_range")]),
        ({"quotas": {"agent_week": {"max": 2.5}}}, [("/quotas/agent_week/max", "wrong_type")]),
        ({"quotas": {"agent_week": {"min": 5, "max": 4}}}, [("/quotas/agent_week/max", "out_of_range")]),
        (
            {"quotas": {"fixed": {"per": "year"}}},
            [("/quotas/fixed/size", "required"), ("/quotas/fixed/per", "unknown_choice")],
        ),
        ({"quotas": {"fixed": {"size": 9}, "agent_week": {"min": 1}}}, [("/quotas/fixed", "two_quotas")]),
        ({"quotas": {"team_week": {}}}, [("/quotas/team_week", "unknown_field")]),
        ({"capacity": {}}, [("/capacity/reviews_per_reviewer_week", "required")]),
        (
            {"capacity": {"reviews_per_reviewer_week": "x"}},
            [("/capacity/reviews_per_reviewer_week", "wrong_type")],
        ),
    ],
)
def test_every_fault_of_quotas_and_capacity_is_reported(part, faults):
    with pytest.raises(Invalid) as caught:
        from_body({"base_rate": 0.1, **part})
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == faults
