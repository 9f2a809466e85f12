"""The short sections of `qm report`: each says what its report says, and nothing where there is nothing."""

import pytest

from infra import report_sections, report_text

REPORTS = {
    "targets": {
        "targets": [
            {
                "measure": "listen_validate",
                "lower_is_better": False,
                "estimate": 48.24,
                "goal": 60.0,
                "verdict": "missed",
                "reviews_missing": None,
            },
            {
                "measure": "critical_compliance",
                "lower_is_better": True,
                "estimate": None,
                "goal": 5.0,
                "verdict": "open",
                "reviews_missing": 12,
            },
        ]
    },
    "sentiment": {"shift": 0.384, "start": -0.157, "end": 0.227, "low": 0.31, "high": 0.44},
    "friction": {
        "themes": [
            {
                "name": "late_delivery",
                "suppressed": False,
                "share": 23.3,
                "apology_share": 54.5,
                "apologises_again": True,
                "changed_on": "2026-10-12",
                "share_before": 11.0,
                "share_after": 30.2,
            },
            {"name": "rare", "suppressed": True},
        ]
    },
    "outcomes": {
        "measures": [
            {
                "measure": "csat",
                "estimate": 3.224,
                "low": 2.96,
                "high": 3.49,
                "per_10_points": 0.44,
                "per_10_low": 0.2,
                "per_10_high": 0.6,
            },
            {
                "measure": "reopened",
                "estimate": 1.9,
                "low": 0.9,
                "high": 3.8,
                "per_10_points": 0.1,
                "per_10_low": -0.2,
                "per_10_high": 0.3,
            },
            {"measure": "nps", "estimate": None},
        ]
    },
    "moments": {
        "worst": [
            {
                "empathy": 9.0,
                "started_at": "2026-10-01T00:00:00Z",
                "channel": "email",
                "quotes": [{"speaker": "customer", "text": "Where\n is it? " + "x" * 200}],
            }
        ],
        "best": [],
    },
}
SAID = {
    "targets": [
        "Listen & Validate",
        "48.2  at least 60.0: missed",
        "at most 5.0: cannot be told yet, about 12 more",
    ],
    "sentiment": ["-0.16 at first, +0.23 at last: +0.38  (95 % interval +0.31 to +0.44)"],
    "friction": [
        "late delivery",
        "again and again: a fault of the product",
        "since 2026-10-12 11.0 to 30.2 %",
    ],
    "outcomes": [
        "3.22  (95 % interval 2.96 to 3.49)  +0.44",
        "no clear relation",
        "an association, no cause",
    ],
    "moments": ["9.0  2026-10-01 email: Where is it? xxx", "x…"],
}


@pytest.mark.parametrize("name", report_text.SECTIONS)
def test_a_section_says_what_its_report_says(name):
    text = "\n".join(report_text.SECTIONS[name](REPORTS[name]))

    assert [said for said in SAID[name] if said not in text] == []
    assert "rare" not in text
    assert max(map(len, text.splitlines())) < 130
    assert list(report_text.SECTIONS[name](None)) == []


def test_a_report_without_feelings_or_themes_has_no_section_of_them():
    assert list(report_sections.sentiment_lines({"shift": None})) == []
    assert list(report_sections.friction_lines({"themes": [{"name": "rare", "suppressed": True}]})) == []
