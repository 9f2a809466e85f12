"""What-ifs that have all the time they need: how far they get in theirs depends on the machine."""

import pytest


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch):
    monkeypatch.setattr("qm.what_if.scorecard_what_if.MAX_SECONDS", 600)
