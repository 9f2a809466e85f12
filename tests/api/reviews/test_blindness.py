import uuid

import pytest

from tests.api.review_api import GOOD


def machine_shows(caller, review):
    """Tell whether the automatic evaluation of the reviewed interaction can be had in any way."""
    listed = caller.get(f"/v1/interactions/{review.interaction_id}/evaluations")
    assert listed.status_code == 200, listed.json
    return [each["kind"] for each in listed.json["data"]]


def test_the_workbench_says_nothing_of_the_machine_before_submitting(desk):
    review = desk.drawn("northwind", "critical", "charged", "sla_breach")
    reviewer = desk.reviewer()

    claimed = reviewer.post("/v1/reviews/next").json
    read = reviewer.get(f"/v1/reviews/{review.review_id}").json

    for shown in (claimed, read):
        assert (shown["evaluation"], shown["automatic"], shown["comparison"]) == (None, None, None)
        assert shown["inclusion_probability"] is None
        assert shown["reasons"] == ["automatic", "sla_breach"]
        assert not {"score", "findings", "charged", "outcome", "critical"} & {*shown, *shown["interaction"]}


def test_a_queued_review_in_the_list_says_nothing_of_the_machine_to_a_reviewer(desk):
    desk.drawn("northwind", "critical")

    item = desk.reviewer().get("/v1/reviews").json["data"][0]

    assert (item["reasons"], item["inclusion_probability"]) == (["automatic"], None)


def test_a_manager_sees_why_a_review_is_in_the_queue(desk):
    desk.drawn("northwind", "critical")

    item = desk.reviewer("qm_manager").get("/v1/reviews").json["data"][0]

    assert (item["reasons"], item["inclusion_probability"]) == (["critical"], 0.25)


def test_after_submitting_both_stand_side_by_side(desk):
    review = desk.drawn("northwind", "critical")
    reviewer = desk.reviewer()
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
def test_no_reviewer_sees_evaluations_of_an_interaction_with_an_open_review(desk, claimed):
    review = desk.drawn()
    if claimed:
        desk.reviewer().post("/v1/reviews/next")
    bystander = desk.reviewer()
    automatic = (
        desk.provider.caller().get(f"/v1/interactions/{review.interaction_id}/evaluations").json["data"][0]
    )

    assert machine_shows(bystander, review) == []
    hidden, random = (
        bystander.get(f"/v1/evaluations/{each}").json["detail"] for each in (automatic["id"], uuid.uuid4())
    )
    assert hidden == random == "No such evaluation."


def test_who_submitted_sees_the_machines_evaluation_and_their_own(desk):
    review = desk.drawn()
    reviewer = desk.reviewer()
    reviewer.post("/v1/reviews/next")
    reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD})

    assert machine_shows(reviewer, review) == ["automatic", "human"]


def test_a_reviewer_sees_evaluations_where_no_review_is_open(desk):
    interaction = desk.interaction()
    automatic = desk.judged(interaction)

    reviewer = desk.reviewer()

    assert machine_shows(reviewer, interaction) == ["automatic"]
    assert reviewer.get(f"/v1/evaluations/{automatic.evaluation_id}").json["score"] == 50.0


def test_a_second_open_review_hides_the_first_reviewers_evaluation_too(desk):
    review = desk.drawn()
    first, second = desk.reviewer(), desk.reviewer()
    first.post("/v1/reviews/next")
    first.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD})
    path = f"/v1/interactions/{review.interaction_id}/reviews"
    desk.reviewer("qm_manager").post(path, json={"user": str(second.user.user_id)})

    assert machine_shows(second, review) == []
    assert machine_shows(first, review) == ["automatic", "human"]


def test_a_manager_is_blind_only_to_what_they_review_themselves(desk):
    review = desk.drawn()
    manager = desk.reviewer("qm_manager")
    assert machine_shows(manager, review) == ["automatic"]

    manager.post("/v1/reviews/next")

    assert machine_shows(manager, review) == []


def test_who_reviewed_an_interaction_is_not_asked_again(desk):
    review = desk.drawn()
    reviewer = desk.reviewer()
    reviewer.post("/v1/reviews/next")
    reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD})
    manager = desk.reviewer("qm_manager")
    path = f"/v1/interactions/{review.interaction_id}/reviews"

    assert manager.post(path).status_code == 201
    assert reviewer.post("/v1/reviews/next").status_code == 204
    kept = manager.post(path, json={"user": str(reviewer.user.user_id)})
    assert kept.json["errors"][0]["code"] == "already_reviewed"


def test_a_draft_is_shown_only_to_who_wrote_it(desk):
    review = desk.drawn()
    reviewer = desk.reviewer()
    reviewer.post("/v1/reviews/next")
    reviewer.put(f"/v1/reviews/{review.review_id}/draft", json={"answers": GOOD})

    assert desk.reviewer("qm_manager").get(f"/v1/reviews/{review.review_id}").json["answers"] == []


def test_a_machine_credential_sees_evaluations(desk):
    review = desk.drawn()

    assert machine_shows(desk.provider.caller("interactions:read"), review) == ["automatic"]
