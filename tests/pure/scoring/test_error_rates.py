"""Passing and critical errors of one evaluation as rates."""

import pytest

from scorecards.definitions.form import Answer, Form
from scorecards.scoring.error_rates import error_rates
from scorecards.scoring.scoring import score


def form(*areas, pass_mark=70, rule="flag"):
    """Return a form with one critical question for each area, and one that is not critical."""
    critical = [
        {
            "key": f"c{place}",
            "text": "?",
            "kind": "yes_no",
            "critical": {"rule": rule, "area": area, "options": ["no"]},
        }
        for place, area in enumerate(areas)
    ]
    plain = {"key": "plain", "text": "?", "kind": "yes_no"}
    body = {"key": "f", "name": "F", "sections": [{"key": "s", "name": "S", "questions": [plain, *critical]}]}
    return Form.from_body(body | ({} if pass_mark is None else {"pass_mark": pass_mark}))


def rates(of, **values):
    """Score a form with these answers, and return its rates."""
    answers = {key: Answer(key, value) for key, value in values.items()}
    found = score(of, answers, channel=None, intent=None)
    return error_rates(of, score=found.total, outcome=found.outcome, critical=found.critical)


def test_each_area_has_its_own_rate():
    found = rates(form("customer", "compliance"), plain="yes", c0="no", c1="yes")
    assert found == {
        "pass_rate": 0.0,
        "critical_customer": 100.0,
        "critical_business": None,
        "critical_compliance": 0.0,
    }


def test_two_failures_of_one_area_are_one_failing_interaction():
    found = rates(form("business", "business"), plain="yes", c0="no", c1="no")
    assert found["critical_business"] == 100.0


def test_without_failures_the_outcome_decides_the_pass_rate():
    assert rates(form("customer"), plain="yes", c0="yes")["pass_rate"] == 100.0
    assert rates(form("customer"), plain="no", c0="yes")["pass_rate"] == 0.0


def test_without_a_pass_mark_only_a_critical_answer_has_an_outcome():
    assert rates(form("customer", pass_mark=None), plain="yes", c0="yes")["pass_rate"] is None
    assert rates(form("customer", pass_mark=None), plain="yes", c0="no")["pass_rate"] == 0.0


def test_without_a_score_nothing_is_known():
    assert set(rates(form("customer")).values()) == {None}


@pytest.mark.parametrize("rule", ["flag", "fail_section", "fail_form"])
def test_every_rule_counts_alike(rule):
    assert rates(form("customer", rule=rule), plain="yes", c0="no")["critical_customer"] == 100.0


def test_keys_of_another_version_of_the_form_count_nowhere():
    found = error_rates(form("customer"), score=80.0, outcome="fail", critical=["gone"])
    assert found["critical_customer"] == 0.0
