import uuid

import pytest

from tests.api.review_api import GOOD


def visible_evaluation_kinds(caller, review):
    """Tell whether the automatic evaluation of the reviewed interaction can be had in any way."""
    listed = caller.get(f"/v1/interactions/{review.interaction_id}/evaluations")
    assert listed.status_code == 200, listed.json
    return [each["kind"] for each in listed.json["data"]]


def test_workbench_hides_automatic_evaluation_before_submission(review_fixture):
    review = review_fixture.drawn("northwind", "critical", "charged", "sla_breach")
    reviewer = review_fixture.reviewer()

    claimed = reviewer.post("/v1/reviews/next").json
    read = reviewer.get(f"/v1/reviews/{review.review_id}").json

    for shown in (claimed, read):
        assert (shown["evaluation"], shown["automatic"], shown["comparison"]) == (None, None, None)
        assert shown["inclusion_probability"] is None
        assert shown["reasons"] == ["automatic", "sla_breach"]
        assert not {"score", "findings", "charged", "outcome", "critical"} & {*shown, *shown["interaction"]}


def test_review_list_hides_sampling_reasons_from_reviewer(review_fixture):
    review_fixture.drawn("northwind", "critical")

    item = review_fixture.reviewer().get("/v1/reviews").json["data"][0]

    assert (item["reasons"], item["inclusion_probability"]) == (["automatic"], None)


def test_a_manager_sees_why_a_review_is_in_the_queue(review_fixture):
    review_fixture.drawn("northwind", "critical")

    item = review_fixture.reviewer("qm_manager").get("/v1/reviews").json["data"][0]

    assert (item["reasons"], item["inclusion_probability"]) == (["critical"], 0.25)


def test_submitted_review_compares_human_and_automatic_evaluation(review_fixture):
    review = review_fixture.drawn("northwind", "critical")
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")

    done = reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD}).json

    assert done["automatic"]["kind"] == "automatic"
    assert done["automatic"]["findings"] == {"sentiment": {"charged": True}}
    assert (done["reasons"], done["inclusion_probability"]) == (["critical"], 0.25)
    comparison = done["comparison"]
    verdicts = {each["question"]: (each["agrees"], each["difference"]) for each in comparison["questions"]}
    assert verdicts == {"hears": (True, 0.0), "how": (False, 1.0), "checks": (None, None)}
    assert (comparison["compared"], comparison["agreed"], comparison["share"]) == (2, 1, 0.5)
    assert reviewer.get(f"/v1/reviews/{review.review_id}").json["comparison"] == comparison


@pytest.mark.parametrize("claimed", [False, True])
def test_no_reviewer_sees_evaluations_of_an_interaction_with_an_open_review(review_fixture, claimed):
    review = review_fixture.drawn()
    if claimed:
        review_fixture.reviewer().post("/v1/reviews/next")
    bystander = review_fixture.reviewer()
    automatic = (
        review_fixture.provider.caller()
        .get(f"/v1/interactions/{review.interaction_id}/evaluations")
        .json["data"][0]
    )

    assert visible_evaluation_kinds(bystander, review) == []
    hidden, random = (
        bystander.get(f"/v1/evaluations/{each}").json["detail"] for each in (automatic["id"], uuid.uuid4())
    )
    assert hidden == random == "No such evaluation."


def test_reviewer_sees_automatic_and_own_evaluation_after_submission(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD})

    assert visible_evaluation_kinds(reviewer, review) == ["automatic", "human"]


def test_a_reviewer_sees_evaluations_where_no_review_is_open(review_fixture):
    interaction = review_fixture.interaction()
    automatic = review_fixture.judged(interaction)

    reviewer = review_fixture.reviewer()

    assert visible_evaluation_kinds(reviewer, interaction) == ["automatic"]
    assert reviewer.get(f"/v1/evaluations/{automatic.evaluation_id}").json["score"] == 50.0


def test_a_second_open_review_hides_the_first_reviewers_evaluation_too(review_fixture):
    review = review_fixture.drawn()
    first, second = review_fixture.reviewer(), review_fixture.reviewer()
    first.post("/v1/reviews/next")
    first.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD})
    path = f"/v1/interactions/{review.interaction_id}/reviews"
    review_fixture.reviewer("qm_manager").post(path, json={"user": str(second.user.user_id)})

    assert visible_evaluation_kinds(second, review) == []
    assert visible_evaluation_kinds(first, review) == ["automatic", "human"]


def test_manager_is_blinded_only_during_own_review(review_fixture):
    review = review_fixture.drawn()
    manager = review_fixture.reviewer("qm_manager")
    assert visible_evaluation_kinds(manager, review) == ["automatic"]

    manager.post("/v1/reviews/next")

    assert visible_evaluation_kinds(manager, review) == []


def test_interaction_is_not_assigned_twice_to_same_reviewer(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD})
    manager = review_fixture.reviewer("qm_manager")
    path = f"/v1/interactions/{review.interaction_id}/reviews"

    assert manager.post(path).status_code == 201
    assert reviewer.post("/v1/reviews/next").status_code == 204
    kept = manager.post(path, json={"user": str(reviewer.user.user_id)})
    assert kept.json["errors"][0]["code"] == "already_reviewed"


def test_draft_answers_are_visible_to_author_only(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    reviewer.put(f"/v1/reviews/{review.review_id}/draft", json={"answers": GOOD})

    assert review_fixture.reviewer("qm_manager").get(f"/v1/reviews/{review.review_id}").json["answers"] == []


def test_a_machine_credential_sees_evaluations(review_fixture):
    review = review_fixture.drawn()

    assert visible_evaluation_kinds(review_fixture.provider.caller("interactions:read"), review) == [
        "automatic"
    ]
