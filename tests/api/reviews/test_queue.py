import uuid
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import event

from qm.reviews.claiming import CLAIM_LASTS
from qm.reviews.models import Review
from tests.api.review_api import GOOD, fresh, pointers, run_together


def test_twenty_reviewers_at_once_never_get_the_same_review(review_fixture):
    for _ in range(20):
        review_fixture.drawn()
    reviewers = [review_fixture.reviewer() for _ in range(20)]
    barrier, got = Barrier(len(reviewers)), []

    def claim(caller):
        barrier.wait()
        got.append(fresh(review_fixture, caller).post("/v1/reviews/next").json["id"])

    run_together(*(partial(claim, caller) for caller in reviewers))

    assert len(set(got)) == 20


def test_concurrent_claims_by_one_reviewer_get_one_review(review_fixture):
    for _ in range(3):
        review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    barrier, got = Barrier(2), []

    def claim():
        barrier.wait()
        got.append(fresh(review_fixture, reviewer).post("/v1/reviews/next").json["id"])

    run_together(claim, claim)

    assert len(set(got)) == 1


def test_claim_returns_review_already_claimed_by_reviewer(review_fixture):
    review_fixture.drawn()
    review_fixture.drawn()
    reviewer = review_fixture.reviewer()

    assert reviewer.post("/v1/reviews/next").json["id"] == reviewer.post("/v1/reviews/next").json["id"]


@pytest.mark.parametrize(("minutes", "returned"), [(-5, False), (5, True)])
def test_a_claim_that_lasts_too_long_returns_to_the_queue(review_fixture, minutes, returned):
    review = review_fixture.drawn()
    reviewer, other = review_fixture.reviewer(), review_fixture.reviewer()
    path = f"/v1/reviews/{reviewer.post('/v1/reviews/next').json['id']}"
    assert reviewer.put(f"{path}/draft", json={"answers": GOOD}).status_code == 200
    with review_fixture.provider.session() as session:
        held = session.get_one(Review, (review.tenant_id, review.review_id))
        held.claimed_at -= CLAIM_LASTS + timedelta(minutes=minutes)

    offered = other.post("/v1/reviews/next")

    assert offered.status_code == (200 if returned else 204)
    assert reviewer.post(f"{path}/submit").status_code == (404 if returned else 200)
    if returned:
        assert f"/v1/reviews/{offered.json['id']}" == path
        assert not other.get(path).json["answers"]


def test_an_empty_queue_answers_without_content(review_fixture):
    answer = review_fixture.reviewer().post("/v1/reviews/next")

    assert (answer.status_code, answer.data) == (204, b"")


def test_next_can_be_narrowed_to_a_client(review_fixture):
    review_fixture.drawn("northwind", hours_ago=9)
    wanted = review_fixture.drawn("contoso")

    answer = review_fixture.reviewer().post("/v1/reviews/next", json={"client": "contoso"})

    assert answer.json["id"] == str(wanted.review_id)


@pytest.mark.parametrize(
    ("deed", "body"),
    [
        ("next", None),
        ("{}/submit", None),
        ("{}/skip", {"reason": "Not mine."}),
        ("{}/release", None),
        ("{}/reopen", None),
        ("{}/reassign", {"user": "01978c1e-0000-7000-8000-000000000001"}),
    ],
)
def test_what_people_do_is_refused_to_a_credential_of_nobody(review_fixture, deed, body):
    review = review_fixture.drawn()
    nobody = review_fixture.provider.caller("reviews:write")

    refused = nobody.post(f"/v1/reviews/{deed.format(review.review_id)}", json=body)

    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    assert "issued for one" in refused.json["detail"]
    assert "WWW-Authenticate" not in refused.headers


@pytest.mark.parametrize("role", ["team_lead", "client_stakeholder", "agent", "integrator"])
def test_roles_that_do_not_review_cannot_claim(review_fixture, role):
    review_fixture.drawn()
    user = review_fixture.person(role, "northwind")

    assert (
        review_fixture.provider.caller("clients:read", user=user).post("/v1/reviews/next").status_code == 403
    )


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}])
def test_skipping_needs_a_reason(review_fixture, body):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")

    refused = reviewer.post(f"/v1/reviews/{review.review_id}/skip", json=body)

    assert refused.status_code == 422
    assert review_fixture.stored(review.review_id).state == "claimed"


def test_a_skipped_review_stays_in_the_record_and_is_not_replaced(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")

    skipped = reviewer.post(f"/v1/reviews/{review.review_id}/skip", json={"reason": "Recording is garbled"})

    assert skipped.json["state"] == "skipped"
    assert skipped.json["skip_reason"] == "Recording is garbled"
    kept = review_fixture.stored(review.review_id)
    assert (kept.inclusion_probability, kept.reviewer_id) == (0.25, reviewer.user.user_id)
    assert reviewer.post("/v1/reviews/next").status_code == 204


def test_released_review_loses_draft_and_is_offered_to_other_reviewers_only(review_fixture):
    review = review_fixture.drawn()
    first, second = review_fixture.reviewer(), review_fixture.reviewer()
    first.post("/v1/reviews/next")
    first.put(f"/v1/reviews/{review.review_id}/draft", json={"answers": GOOD})

    released = first.post(f"/v1/reviews/{review.review_id}/release")

    assert (released.status_code, released.json["state"]) == (200, "queued")
    assert first.post("/v1/reviews/next").status_code == 204
    assert second.post("/v1/reviews/next").json["answers"] == []


def test_reassigned_review_is_reserved_for_assignee(review_fixture):
    older = review_fixture.drawn(hours_ago=5)
    newer = review_fixture.drawn()
    first, second, manager = (
        review_fixture.reviewer(),
        review_fixture.reviewer(),
        review_fixture.reviewer("qm_manager"),
    )
    assert first.post("/v1/reviews/next").json["id"] == str(older.review_id)
    path = f"/v1/reviews/{newer.review_id}"

    given = manager.post(f"{path}/reassign", json={"user": str(second.user.user_id)})

    assert given.json["reviewer"]["id"] == str(second.user.user_id)
    first.post(f"/v1/reviews/{older.review_id}/release")
    assert first.post("/v1/reviews/next").status_code == 204
    assert second.post("/v1/reviews/next").json["id"] == str(newer.review_id)


def test_reviewers_cannot_reassign(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()

    body = {"user": str(reviewer.user.user_id)}
    assert reviewer.post(f"/v1/reviews/{review.review_id}/reassign", json=body).status_code == 403


@pytest.mark.parametrize(
    ("role", "slugs", "code"),
    [
        ("agent", (), "cannot_review"),
        ("reviewer", ("contoso",), "other_client"),
        (None, (), "unknown_person"),
    ],
)
def test_reassign_rejects_ineligible_assignee(review_fixture, role, slugs, code):
    review = review_fixture.drawn()
    user_id = review_fixture.person(role, *slugs).user_id if role else uuid.uuid4()

    path = f"/v1/reviews/{review.review_id}/reassign"
    refused = review_fixture.reviewer("qm_manager").post(path, json={"user": str(user_id)})

    assert pointers(refused) == [("/user", code)]


def test_review_claimed_by_other_reviewer_returns_404(review_fixture):
    review = review_fixture.drawn()
    review_fixture.reviewer().post("/v1/reviews/next")
    other = review_fixture.reviewer()
    strange = f"/v1/reviews/{uuid.uuid4()}"

    for path in (f"/v1/reviews/{review.review_id}", strange):
        answers = [
            other.get(path),
            other.put(f"{path}/draft", json={"answers": []}),
            other.post(f"{path}/submit", json={"answers": GOOD}),
            other.post(f"{path}/skip", json={"reason": "not mine"}),
            other.post(f"{path}/release"),
        ]
        assert [(answer.status_code, answer.json["detail"]) for answer in answers] == [
            (404, "No such review.")
        ] * 5


def test_reviews_of_other_tenants_and_clients_return_404(review_fixture, make_provider):
    review = review_fixture.drawn()
    evaluation = review_fixture.judged(review_fixture.interaction())
    stranger = make_provider("northwind").caller()
    bound = review_fixture.provider.caller(
        "clients:read", "reviews:read", "interactions:read", "reviews:write", bound_to=("contoso",)
    )

    for caller in (stranger, bound):
        for known, path in [
            (review.review_id, "/v1/reviews/{}"),
            (evaluation.evaluation_id, "/v1/evaluations/{}"),
            (evaluation.interaction_id, "/v1/interactions/{}/evaluations"),
        ]:
            seen, random = caller.get(path.format(known)), caller.get(path.format(uuid.uuid4()))
            assert seen.status_code == random.status_code == 404
            assert seen.json["detail"] == random.json["detail"]
        picked = caller.post(f"/v1/interactions/{evaluation.interaction_id}/reviews")
        assert picked.status_code == 404
        assert caller.get("/v1/reviews").json["data"] == []


def test_a_hand_picked_review_is_targeted_and_has_no_probability(review_fixture):
    interaction = review_fixture.interaction()
    reviewer = review_fixture.reviewer()

    picked = reviewer.post(
        f"/v1/interactions/{interaction.interaction_id}/reviews", json={"note": "Great save"}
    )

    assert picked.status_code == 201, picked.json
    stored = review_fixture.stored(uuid.UUID(picked.json["id"]))
    assert (stored.targeted, stored.inclusion_probability, stored.draw, stored.policy_id) == (
        True,
        None,
        None,
        None,
    )
    assert (picked.json["reasons"], picked.json["note"]) == (["hand_picked"], "Great save")


def test_hand_picked_interaction_can_still_be_sampled(review_fixture):
    interaction = review_fixture.interaction()
    review_fixture.reviewer().post(f"/v1/interactions/{interaction.interaction_id}/reviews")

    drawn = review_fixture.review_of(interaction)

    assert not review_fixture.stored(drawn.review_id).targeted


def test_an_interaction_is_not_picked_twice_for_the_same_queue(review_fixture):
    interaction = review_fixture.interaction()
    reviewer = review_fixture.reviewer()
    path = f"/v1/interactions/{interaction.interaction_id}/reviews"
    reviewer.post(path)

    assert reviewer.post(path).json["code"] == "already_picked"


def test_manager_hand_picks_review_for_assigned_reviewer(review_fixture):
    interaction = review_fixture.interaction()
    review_fixture.drawn("northwind", "critical", hours_ago=100)
    reviewer = review_fixture.reviewer()
    path = f"/v1/interactions/{interaction.interaction_id}/reviews"

    picked = review_fixture.reviewer("qm_manager").post(path, json={"user": str(reviewer.user.user_id)})

    assert reviewer.post("/v1/reviews/next").json["id"] == picked.json["id"]


def test_claim_with_same_idempotency_key_is_replayed(review_fixture):
    review_fixture.drawn()
    review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    headers = {"Idempotency-Key": "claim-1"}

    first = reviewer.post("/v1/reviews/next", headers=headers)
    reviewer.post(f"/v1/reviews/{first.json['id']}/submit", json={"answers": GOOD})
    second = reviewer.post("/v1/reviews/next", headers=headers)

    assert second.json == first.json
    assert second.headers["Idempotent-Replayed"] == "true"


def test_review_list_paginates_and_filters(review_fixture):
    reviews = [review_fixture.drawn(hours_ago=9 - n) for n in range(3)] + [review_fixture.drawn("contoso")]
    reviewer, manager = review_fixture.reviewer(), review_fixture.reviewer("qm_manager")
    held = reviewer.post("/v1/reviews/next").json["id"]

    page = manager.get("/v1/reviews?limit=2").json
    rest = manager.get(f"/v1/reviews?limit=2&cursor={page['next_cursor']}").json
    listed = [item["id"] for item in page["data"] + rest["data"]]
    assert listed == [str(review.review_id) for review in reviews]
    assert rest["next_cursor"] is None
    by_client = manager.get("/v1/reviews?client=contoso").json["data"]
    assert [item["client"] for item in by_client] == ["contoso"]
    mine = manager.get(f"/v1/reviews?state=claimed&reviewer={reviewer.user.user_id}").json["data"]
    assert [item["id"] for item in mine] == [held]
    assert [item["id"] for item in reviewer.get("/v1/reviews").json["data"]] == [held], "the rest is a number"


@pytest.mark.parametrize(
    "query", ["state=odd", "reviewer=me", "limit=0", "limit=9e9", "cursor=%00", "client=", "other=1"]
)
def test_review_list_rejects_invalid_query(review_fixture, query):
    assert review_fixture.reviewer().get(f"/v1/reviews?{query}").status_code == 422


def test_review_list_query_count_is_independent_of_row_count(review_fixture):
    reviewer = review_fixture.reviewer("qm_manager")

    def queries():
        seen = []

        def note(*arguments):
            seen.append(arguments[2])

        event.listen(review_fixture.provider.services.engine, "before_cursor_execute", note)
        try:
            reviewer.get("/v1/reviews")
        finally:
            event.remove(review_fixture.provider.services.engine, "before_cursor_execute", note)
        return len(seen)

    review_fixture.drawn()
    few = queries()
    for _ in range(5):
        review_fixture.drawn("contoso")

    assert queries() == few
