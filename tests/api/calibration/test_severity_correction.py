"""The severity of reviewers is taken out of the client's estimates where that is switched on, and stated."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from qm.calibration.models import Calibration, CalibrationAnswer, CalibrationItem, CalibrationParticipant
from qm.reviews.models import Evaluation
from scorecards.authoring import versions
from scorecards.definitions.form import PILLARS
from tests.api.reports.test_reports import START, ReportData, answer
from tests.api.review_api import SCORECARD

NOISE = [-2, 2, 1, -1, 0, 0, 2, -2, 1, -1, 0, 0]


@pytest.fixture
def people(provider):
    """Three people: an expert, one who is 10 points severe, and one who never calibrated."""
    return [provider.add_user("reviewer", email=f"{name}@example.com") for name in ("ex", "severe", "new")]


@pytest.fixture
def report_data(provider, people):
    """Forty interactions the severe and the new one reviewed, and a session of twelve others."""
    data = ReportData(provider)
    ids = data.scored(*[60] * 60)
    data.reviewed(ids[:40], [58, 62] * 20)
    with provider.session() as session:
        for place, row in enumerate(session.scalars(select(Evaluation).order_by(Evaluation.interaction_id))):
            row.reviewer_id = people[2 if place % 4 == 0 else 1].user_id
    calibrate(provider, data, ids[40:52], people[:2])
    return data


def calibrate(provider, data, ids, people):
    with provider.session() as session:
        scorecard, _ = versions.put_in_force(
            session, data.client, kind="scorecard", key="care", body=SCORECARD
        )
        owner = {**data.owner, "calibration_id": uuid.uuid4()}
        times = {"opens_at": START, "created_at": START, "closed_at": START + timedelta(days=1)}
        kinds = {"name": "July", "source": "picked", "reference": "expert", "covert": False}
        session.execute(
            insert(Calibration).values(**owner, **times, **kinds, drawn=12, expert_id=people[0].user_id)
        )
        for number, each in enumerate(ids):
            row = {"interaction_id": each, "number": number, "words": b""}
            session.execute(
                insert(CalibrationItem).values(**owner, **row, scorecard_id=scorecard.definition_id)
            )
        for number, person in enumerate(people, 1):
            row = {"user_id": person.user_id, "number": number, "side": "provider"}
            session.execute(insert(CalibrationParticipant).values(**owner, **row))
        for place, each in enumerate(ids):
            for person, points in zip(people, (70, 60 + NOISE[place]), strict=True):
                row = {"interaction_id": each, "user_id": person.user_id, "answers": [], "blind": True}
                scores = dict.fromkeys(("score", "empathy", *PILLARS), points)
                session.execute(insert(CalibrationAnswer).values(**owner, **row, scores=scores))


@pytest.fixture
def caller(provider):
    return provider.caller("reports:read", "clients:write", "clients:read")


def switch_on(caller):
    changed = caller.patch("/v1/clients/northwind", json={"settings": {"severity_correction": True}})
    assert changed.json["settings"]["severity_correction"] is True


def test_off_by_default_the_number_stays_and_the_note_says_so(report_data, caller):
    found = answer(caller)

    assert found["corrected_for_severity"] is None
    assert found["reviewer_variance"] == answer(caller, "overview")["reviewer_variance"] == "not_in_interval"
    assert found["empathy"]["estimate"] == 60
    assert (
        "how far reviewers differ in severity is neither taken out nor in the interval"
        in (found["method_note"])
    )


@pytest.mark.parametrize("report", ["empathy", "overview"])
def test_on_the_number_moves_by_the_severity_of_those_who_reviewed_and_says_so(report_data, caller, report):
    before = answer(caller, report)
    switch_on(caller)

    found = answer(caller, report)

    said = found["corrected_for_severity"]
    assert (said["by"], said["sessions"]) == (7.5, 1)  # three quarters of the reviews are 10 points severe
    assert (said["reviews_corrected"], said["reviews_uncorrected"]) == (30, 10)
    assert said["standard_error"] > 0
    assert "empathy" in {each["measure"] for each in said["measures"]}
    assert found["empathy"]["estimate"] == 67.5
    wider, width = (each["empathy"]["high"] - each["empathy"]["low"] for each in (found, before))
    assert wider > width
    assert "moves the number by +7.5 points" in found["method_note"]
    assert found["reviewer_variance"] == "severity_corrected"
    assert "10 reviews are by people without a calibration" in found["method_note"]


def test_without_any_session_nothing_is_corrected(provider, caller, people):
    data = ReportData(provider)
    data.reviewed(data.scored(*[60] * 30), [58, 62] * 15)
    switch_on(caller)

    assert answer(caller)["corrected_for_severity"] is None


def test_answers_that_were_not_blind_and_open_sessions_tell_nothing(report_data, provider, caller):
    switch_on(caller)
    with provider.session() as session:
        session.execute(text("update calibration_answers set blind = false"))
    assert answer(caller)["corrected_for_severity"] is None
    with provider.session() as session:
        session.execute(text("update calibration_answers set blind = true"))
        session.execute(text("update calibrations set closed_at = null"))
    assert answer(caller)["corrected_for_severity"] is None
