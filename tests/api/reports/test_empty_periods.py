"""Every report of a period in which nothing happened says what is missing, to everybody."""

import pytest

REPORTS = [
    "overview",
    "empathy",
    "sla",
    "sentiment",
    "friction",
    "outcomes",
    "moments",
    "targets",
    "retention",
    "empowerment",
    "workload",
    "coverage",
    "agreement",
    "calibration",
    "agents",
]
MISSING = ("No ", "no ", "Nothing ", "nothing ")


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_of_nothing_says_so(provider, name):
    caller = provider.caller("reports:read", "calibration:read", "reviews:read")
    answer = caller.get(f"/v1/clients/northwind/reports/{name}?from=1999-01-01&to=1999-01-31")

    assert answer.status_code == 200
    told = answer.json.get("finding") or answer.json["method_note"]
    assert any(word in told[:100] for word in MISSING), told
