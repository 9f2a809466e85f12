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


ADDRESS = "/v1/acknowledgements"


def test_leaders_see_what_waits_too_long_oldest_first(desk):
    ada, manager, lead = desk.agent(), desk.manager(), desk.caller("team_lead", scopes=("disputes:read",))
    now = utc_now()
    late, older, fresh, read = (desk.evaluation() for _ in range(4))
    desk.published(late, now - timedelta(days=8))
    desk.published(older, now - timedelta(days=9))
    ada.post(f"/v1/evaluations/{read}/acknowledge")

    def found(query, who=manager):
        return [each["evaluation"] for each in who.get(f"{ADDRESS}?{query}").json["data"]]

    assert found("state=overdue") == [older, late]
    assert (found("state=waiting"), found("state=read")) == ([fresh], [read])
    assert found("") == [older, late, fresh, read]
    assert found("state=overdue&client=northwind&agent=a-7", lead) == [older, late]
    assert found("agent=a-8") == found("client=contoso") == []
    [first, *_] = manager.get(f"{ADDRESS}?state=overdue").json["data"]
    assert (first["agent"], first["person"]["id"], first["state"], first["scorecard"]) == (
        "a-7",
        str(ada.user.user_id),
        "overdue",
        "care",
    )
    assert first["due_at"] < now.isoformat()
    page = manager.get(f"{ADDRESS}?state=overdue&limit=1").json
    rest = manager.get(f"{ADDRESS}?state=overdue&limit=1&cursor={page['next_cursor']}").json
    assert [each["evaluation"] for each in (*page["data"], *rest["data"])] == [older, late]


def test_windows_of_scorecards_and_edits_count_and_what_nobody_can_read_does_not(desk):
    manager = desk.manager()
    now = utc_now()
    evaluation = desk.evaluation()
    desk.published(evaluation, now - timedelta(days=8))
    overdue = f"{ADDRESS}?state=overdue"
    assert manager.get(overdue).json["data"] == [], "no agent with an account is behind it"
    ada = desk.agent()
    assert len(manager.get(overdue).json["data"]) == 1
    for days, scorecard, expected in ((7, 10, 0), (10, 7, 1), (10, 10, 0)):
        desk.settings(
            acknowledge_days=days, scorecards=[{"scorecard": "care", "acknowledge_days": scorecard}]
        )
        assert len(manager.get(overdue).json["data"]) == expected, (days, scorecard)
    desk.settings(acknowledge_days=7)
    dispute = opened(ada, evaluation).json["id"]
    decided(manager, dispute, outcome("checks", "as_proposed"))
    assert manager.get(overdue).json["data"] == [], "the version of the decision is to be read from now on"
    [waiting] = manager.get(f"{ADDRESS}?state=waiting").json["data"]
    assert waiting["score"] == 100
    manager.post(f"/v1/evaluations/{waiting['evaluation']}/void", json={"reason": "Wrong."})
    assert manager.get(ADDRESS).json["data"] == []


def test_who_does_not_lead_sees_no_list_of_who_has_read_what(desk):
    desk.evaluation()
    ada, client = desk.agent(), desk.stakeholder()

    for who in (ada, client, desk.caller("reviewer", scopes=("disputes:read",))):
        refused = who.get(ADDRESS)
        assert (refused.status_code, refused.json["code"]) == (403, "forbidden"), refused.json
    assert desk.manager("qm_manager", "contoso").get(ADDRESS).json["data"] == []
    unknown = desk.manager().get(f"{ADDRESS}?client=invented")
    assert unknown.status_code == 404
