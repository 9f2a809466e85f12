"""Acknowledged evaluations: by their agent, within a window, never by themselves."""

from datetime import timedelta

from tenants.models import utc_now
from tests.api.disputes_api import decided, opened, outcome


def test_the_agent_acknowledges_once_and_it_stays(desk):
    ada = desk.agent()
    evaluation = desk.evaluation()
    [waiting] = ada.get("/v1/published-evaluations").json["data"]
    assert (waiting["id"], waiting["acknowledged_at"], waiting["overdue"]) == (evaluation, None, False)

    first = ada.post(f"/v1/evaluations/{evaluation}/acknowledge")
    again = ada.post(f"/v1/evaluations/{evaluation}/acknowledge")

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json == again.json
    assert first.json["acknowledged_at"]
    [read] = ada.get("/v1/published-evaluations").json["data"]
    assert read["acknowledged_at"] == first.json["acknowledged_at"]


def test_nothing_is_acknowledged_by_itself_and_what_waits_too_long_is_overdue(desk):
    ada = desk.agent()
    evaluation = desk.evaluation()
    desk.published(evaluation, utc_now() - timedelta(days=8))

    [late] = ada.get("/v1/published-evaluations").json["data"]
    assert (late["acknowledged_at"], late["overdue"]) == (None, True)
    desk.settings(acknowledge_days=7, scorecards=[{"scorecard": "care", "acknowledge_days": 10}])
    assert ada.get("/v1/published-evaluations").json["data"][0]["overdue"] is False
    desk.settings(acknowledge_days=7)
    assert ada.post(f"/v1/evaluations/{evaluation}/acknowledge").json["overdue"] is False


def test_nobody_else_acknowledges(desk):
    evaluation = desk.evaluation()
    address = f"/v1/evaluations/{evaluation}/acknowledge"

    assert desk.agent("a-8").post(address).status_code == 404
    assert desk.manager().post(address).status_code == 404
    assert desk.stakeholder().post(address).status_code == 403
    desk.published(evaluation, utc_now() + timedelta(hours=1))
    assert desk.agent().post(address).status_code == 404


def test_a_version_that_a_decision_made_is_to_be_read_again(desk):
    ada, manager = desk.agent(), desk.manager()
    evaluation = desk.evaluation()
    ada.post(f"/v1/evaluations/{evaluation}/acknowledge")
    dispute = opened(ada, evaluation).json["id"]
    version = decided(manager, dispute, outcome("checks", "as_proposed")).json["evaluation"]

    stale = ada.post(f"/v1/evaluations/{evaluation}/acknowledge")
    assert (stale.status_code, stale.json["code"]) == (409, "evaluation_changed")
    [waiting] = ada.get("/v1/published-evaluations").json["data"]
    assert (waiting["id"], waiting["acknowledged_at"]) == (version, None)
    assert manager.post(f"/v1/evaluations/{version}/void", json={"reason": "Wrong."}).status_code == 200
    void = ada.post(f"/v1/evaluations/{version}/acknowledge")
    assert (void.status_code, void.json["code"]) == (409, "evaluation_void")
