"""The form of a sampling policy and its body."""

from hypothesis import given
from hypothesis import strategies as st

from qm.console.sampling_form import body_of, fields_of, places
from scorecards.authoring.schemas import SamplingPolicySchema
from scorecards.sampling.policy import CONDITIONS, from_body

RATES = st.integers(1, 10_000).map(lambda n: n / 10_000)
LIMITS = {"low_confidence": ("below", 0.6), "low_csat": ("below", 3), "new_agent": ("days", 30)}
TERMS = st.dictionaries(st.sampled_from(CONDITIONS), RATES).map(
    lambda rates: [
        {"when": when, "rate": rates[when], **dict([LIMITS[when]] if when in LIMITS else [])}
        for when in CONDITIONS
        if when in rates
    ]
)
QUOTAS = st.sampled_from(
    [
        None,
        {"agent_week": {"min": 2}},
        {"agent_week": {"min": 1, "max": 9}},
        {"fixed": {"size": 50, "per": "day"}},
    ]
)
FIELDS = st.sampled_from(["base_rate", "floor", "min", "quota", "rate-charged"])


@given(base=RATES, terms=TERMS, quotas=QUOTAS, capacity=st.none() | st.integers(1, 99))
def test_a_policy_survives_its_form(base, terms, quotas, capacity):
    per_week = {"reviews_per_reviewer_week": capacity} if capacity else None
    parts = {"base_rate": base, "terms": terms, "quotas": quotas, "capacity": per_week}
    body = {name: part for name, part in parts.items() if part}

    assert from_body(SamplingPolicySchema().load(body_of(fields_of(body)))) == from_body(body)


def test_what_is_no_number_is_refused_at_its_field():
    body = body_of({"base_rate": "some", "rate-charged": "25 %"})
    messages = SamplingPolicySchema().validate(body)

    assert list(messages) == ["base_rate"]
    assert places(body)["rate-charged"] == "/terms/0/rate"


@given(st.dictionaries(FIELDS, st.text(max_size=12)))
def test_every_typed_form_is_a_policy_or_has_faults_at_fields_of_one(typed):
    messages = SamplingPolicySchema().validate(body_of(typed))

    assert set(messages) <= set(SamplingPolicySchema().fields)
