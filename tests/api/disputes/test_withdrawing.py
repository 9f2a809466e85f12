"""Disputes and appeals that are taken back: by whom, until when, and what is left of them."""

import pytest

from tests.api.disputes_api import CHECKED, HEARD_NO, decided, opened, outcome
from tests.api.review_api import run_together


def withdrawn(caller, dispute):
    return caller.post(f"/v1/disputes/{dispute}/withdraw")


def test_a_dispute_is_taken_back_before_it_is_decided(desk):
    ada, manager = desk.agent(), desk.manager()
    evaluation = desk.evaluation()
    dispute = opened(ada, evaluation).json["id"]
    assert (ada.get(f"/v1/disputes/{dispute}").json["may_withdraw"]) is True
    assert (manager.get(f"/v1/disputes/{dispute}").json["may_withdraw"]) is False

    done = withdrawn(ada, dispute)

    assert done.status_code == 200, done.json
    shown = (done.json["state"], done.json["may_withdraw"], done.json["evaluation"], done.json["decisions"])
    assert shown == ("withdrawn", False, evaluation, [])
    assert done.json["withdrawn_at"]
    assert manager.get("/v1/disputes?state=open").json["data"] == []
    assert [each["id"] for each in manager.get("/v1/disputes?state=withdrawn").json["data"]] == [dispute]
    refused = decided(manager, dispute, outcome("checks", "as_proposed"))
    assert (refused.status_code, refused.json["code"]) == (409, "dispute_withdrawn")
    assert withdrawn(ada, dispute).json["code"] == "dispute_withdrawn"
    appeal = ada.post(f"/v1/disputes/{dispute}/appeal", json={"comment": "All the same."})
    assert appeal.json["code"] == "not_appealable"
    report = manager.get("/v1/clients/northwind/reports/disputes?group_by=outcome").json
    assert (report["disputes"], report["waiting"], report["withdrawn"], report["days"]) == (1, 0, 1, None)
    assert [(each["value"], each["answers"]) for each in report["groups"]] == [("withdrawn", 1)]


def test_what_was_taken_back_is_disputed_again_and_leaves_its_place_in_the_limits(desk):
    desk.settings(open_per_person=1, open_per_evaluation=1)
    ada = desk.agent()
    evaluation = desk.evaluation()
    first = opened(ada, evaluation).json["id"]
    assert opened(ada, evaluation, HEARD_NO).json["code"] == "too_many_open"

    withdrawn(ada, first)

    assert opened(ada, evaluation, CHECKED, HEARD_NO).status_code == 201


def test_an_appeal_is_taken_back_and_the_decision_stands(desk):
    ada, manager, other = desk.agent(), desk.manager(), desk.manager("admin")
    dispute = opened(ada, desk.evaluation()).json["id"]
    decided(manager, dispute, outcome("checks", "keep"))
    ada.post(f"/v1/disputes/{dispute}/appeal", json={"comment": "Listen again."})

    done = withdrawn(ada, dispute).json

    assert (done["state"], done["may_appeal"], done["may_withdraw"]) == ("decided", False, False)
    assert (done["appeal"], done["answers"][0]["outcome"]) == ("Listen again.", "keep")
    assert decided(other, dispute, outcome("checks", "as_proposed")).json["code"] == "already_decided"
    again = ada.post(f"/v1/disputes/{dispute}/appeal", json={"comment": "After all."})
    assert (again.status_code, again.json["code"]) == (409, "not_appealable")
    assert withdrawn(ada, dispute).json["code"] == "already_decided"


def test_only_who_opened_it_takes_it_back(desk):
    ada, manager, client = desk.agent(), desk.manager(), desk.stakeholder()
    evaluation = desk.evaluation()
    of_agent, of_client = opened(ada, evaluation).json["id"], opened(client, evaluation, HEARD_NO).json["id"]

    for who, dispute, status in (
        (manager, of_agent, 409),
        (desk.agent(), of_agent, 404),
        (desk.stakeholder(), of_client, 409),
        (client, of_agent, 404),
        (ada, of_client, 404),
    ):
        refused = withdrawn(who, dispute)
        assert refused.status_code == status, refused.json
        assert status == 404 or refused.json["code"] == "not_initiator"
    assert withdrawn(client, of_client).status_code == 200


def test_a_lapsed_dispute_is_taken_back_and_waits_no_more_when_its_evaluation_comes_again(desk):
    ada, manager = desk.agent(), desk.manager()
    evaluation = desk.evaluation()
    dispute = opened(ada, evaluation).json["id"]
    manager.post(f"/v1/evaluations/{evaluation}/void", json={"reason": "Wrong."})

    assert ada.get(f"/v1/disputes/{dispute}").json["may_withdraw"] is True
    assert withdrawn(ada, dispute).json["state"] == "withdrawn"
    assert ada.get("/v1/disputes?state=lapsed").json["data"] == []


@pytest.mark.parametrize("repeat", range(3))
def test_of_a_decision_and_a_withdrawal_at_once_one_holds(desk, repeat):
    ada, manager = desk.agent(), desk.manager()
    dispute = opened(ada, desk.evaluation()).json["id"]

    sent = {}
    run_together(
        lambda: sent.update(taken=withdrawn(ada, dispute)),
        lambda: sent.update(ruled=decided(manager, dispute, outcome("checks", "as_proposed"))),
    )
    taken, ruled = sent["taken"], sent["ruled"]

    assert sorted((taken.status_code, ruled.status_code)) == [200, 409]
    found = manager.get(f"/v1/disputes/{dispute}").json
    assert found["state"] == ("withdrawn" if taken.status_code == 200 else "decided")
    assert len(found["decisions"]) == (ruled.status_code == 200)
    assert found["score_now"] == (75 if taken.status_code == 200 else 100)
