"""What checks, time and the record say of reviewers; who sees it, and who keeps golden items."""

import uuid

import pytest

from tests.api.quality_api import OTHER


@pytest.fixture
def checked(desk):
    """Ada answers three golden items as known, Ben three with one question of two otherwise."""
    desk.golden(3)
    desk.rates(golden=1)
    for _ in range(6):
        desk.reviews.drawn()
    for _ in range(3):
        desk.check(desk.ada)
        desk.check(desk.ben, OTHER)
    return desk


def test_agreement_with_known_answers_has_an_interval_by_person(checked):
    ada, ben = (checked.quality(checked.manager, each.user) for each in (checked.ada, checked.ben))
    assert (ada["golden"]["n"], ada["golden"]["agreement"]["estimate"]) == (3, 100)
    assert (ben["golden"]["n"], ben["golden"]["agreement"]["estimate"]) == (3, 50)
    assert 0 < ada["golden"]["agreement"]["low"] < 100, "three conversations are little"
    assert ben["golden"]["agreement"]["low"] < 50 < ben["golden"]["agreement"]["high"]
    assert ada["golden"]["difference"]["estimate"] == 0
    assert ben["golden"]["difference"]["estimate"] < 0, "below 0 is severe"
    (differing,) = ben["differing"]
    assert (differing["question"], differing["n"], differing["differing"]) == ("hears", 3, 3)
    (month,) = ben["months"]
    assert (month["golden_n"], month["golden"]["estimate"]) == (3, 50)


def test_a_reviewer_sees_their_own_figures_and_no_others(checked):
    report = checked.quality(checked.ada)
    assert report["everybody"] is False
    assert [each["user"]["id"] for each in report["reviewers"]] == [str(checked.ada.user.user_id)]
    assert len(checked.quality(checked.manager)["reviewers"]) == 3


def test_two_who_review_the_same_are_compared_with_each_other(desk):
    desk.reviewed(desk.ada, 3)
    desk.rates(again=1)
    for _ in range(4):
        desk.reviews.drawn()
    for _ in range(3):
        desk.check(desk.ben, OTHER)
    ada, ben = (desk.quality(desk.manager, each.user)["re_reviews"] for each in (desk.ada, desk.ben))
    assert ada["n"] == ben["n"] == 3
    assert ada["agreement"]["estimate"] == ben["agreement"]["estimate"] == 50
    assert ada["difference"]["estimate"] == -ben["difference"]["estimate"] > 0


def test_skips_replacements_and_time_are_counted(desk):
    for _ in range(6):
        desk.reviews.drawn()
    skipped, given_back = desk.next(desk.ada).json, None
    desk.ada.post(f"/v1/reviews/{skipped['id']}/skip", json={"reason": "Not a conversation."})
    given_back = desk.next(desk.ada).json
    desk.ada.post(f"/v1/reviews/{given_back['id']}/release")
    for _ in range(2):
        desk.work(desk.ada)
    found = desk.quality(desk.manager, desk.ada.user)
    assert (found["submitted"], found["skipped"], found["given_back"]) == (2, 1, 1)
    assert found["skip_rate"]["estimate"] == found["replacement_rate"]["estimate"] == 25
    assert found["active_seconds"]["n"] == 2
    assert found["active_seconds"]["median"] is None, "two reviews are too few"


def test_only_managers_keep_golden_items_and_reviewers_never_learn_of_them(desk):
    (item,) = desk.golden(1)
    address = "/v1/clients/northwind/golden-items"
    assert desk.ada.get(address).status_code == 403
    assert desk.ada.post(address, json={"evaluation": item["evaluation"]}).status_code == 403
    retire = f"/v1/golden-items/{item['id']}/retire"
    assert desk.ada.post(retire, json={"reason": "Known."}).status_code == 403
    (listed,) = desk.manager.get(address).json["data"]
    assert (listed["answers"], listed["answered"], listed["retired_at"]) == (item["answers"], 0, None)
    assert listed["set_by"]["id"] == str(desk.manager.user.user_id)


def test_a_retired_item_is_offered_to_nobody_and_its_results_stay(checked):
    address = "/v1/clients/northwind/golden-items"
    for item in checked.manager.get(address).json["data"]:
        retired = checked.manager.post(
            f"/v1/golden-items/{item['id']}/retire", json={"reason": "Known by now."}
        )
        assert (retired.status_code, retired.json["retire_reason"]) == (200, "Known by now.")
        again = checked.manager.post(f"/v1/golden-items/{item['id']}/retire", json={"reason": "Again."})
        assert (again.status_code, again.json["code"]) == (409, "already_retired")
    assert checked.manager.get(address, query_string={"retired": "false"}).json["data"] == []
    assert checked.quality(checked.manager, checked.ada.user)["golden"]["n"] == 3
    other = checked.reviews.reviewer()
    assert all(checked.reviews_of(checked.work(other))["quality_check"] is None for _ in range(1))


def test_a_known_answer_is_one_present_complete_evaluation(desk):
    (item,) = desk.golden(1)
    address = "/v1/clients/northwind/golden-items"
    twice = desk.manager.post(address, json={"evaluation": item["evaluation"]})
    assert (twice.status_code, twice.json["code"]) == (409, "already_golden")
    unknown = desk.manager.post(address, json={"evaluation": str(uuid.uuid4())})
    assert [each["code"] for each in unknown.json["errors"]] == ["unknown_evaluation"]
    other = desk.reviews.judged(desk.reviews.interaction())
    open_questions = desk.manager.post(address, json={"evaluation": str(other.evaluation_id)})
    assert [each["code"] for each in open_questions.json["errors"]] == ["not_usable"]


def test_a_period_that_ends_before_it_begins_is_refused(desk):
    answer = desk.manager.get(
        "/v1/reviewers/quality", query_string={"from": "2026-11-02", "to": "2026-11-01"}
    )
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "after_to")


def test_a_voided_first_review_compares_nobody(desk):
    reviewed = desk.reviewed(desk.ada, 3)
    desk.rates(again=1)
    for _ in range(4):
        desk.reviews.drawn()
    checks = [desk.check(desk.ben) for _ in range(3)]
    assert {each["interaction"]["id"] for each in checks} == {each["interaction"]["id"] for each in reviewed}
    evaluation = desk.reviews_of(reviewed[0])["evaluation_id"]
    voided = desk.manager.post(f"/v1/evaluations/{evaluation}/void", json={"reason": "The wrong form."})
    assert voided.status_code == 200, voided.json
    assert desk.quality(desk.manager, desk.ben.user)["re_reviews"]["n"] == 2
