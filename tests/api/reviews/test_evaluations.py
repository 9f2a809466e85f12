"""Evaluations: published, edited as new versions, voided; who may do and see it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from qm.reviews.double_scored import human, sampled, select_submitted_reviews
from qm.reviews.models import Evaluation, Review
from qm.reviews.worked_queues import passed_over, waits
from tenants.models import User, utc_now
from tests.api.review_api import GOOD, TURNS, pointers

OF_ANOTHER = [TURNS[0], {**TURNS[1], "agent": "a-9"}]
CHANGED = [{**GOOD[0], "value": "no"}, GOOD[2]]


def submitted(fixture, reviewer, **changes):
    """Draw, claim and submit; return the body of the submitted review."""
    fixture.drawn(**changes)
    claimed = reviewer.post("/v1/reviews/next").json
    return reviewer.post(f"/v1/reviews/{claimed['id']}/submit", json={"answers": GOOD}).json


def agent_of(fixture, external_id, **values):
    """Add a person who is an agent; return a caller with the scope of agents."""
    user = fixture.person("agent")
    with fixture.provider.session() as session:
        kept = session.get_one(User, (user.tenant_id, user.user_id))
        kept.agent = external_id
        for name, value in values.items():
            setattr(kept, name, value)
    caller = fixture.provider.caller("reviews:own", "clients:read", user=user)
    caller.user = user
    return caller


def own_ids(caller):
    return [each["id"] for each in caller.get("/v1/me/evaluations").json["data"]]


def set_publication(fixture, setting):
    admin = fixture.provider.caller("clients:write", "clients:read")
    sent = admin.patch("/v1/clients/northwind", json={"settings": {"publish_evaluations": setting}})
    assert sent.status_code == 200, sent.json


def test_an_agent_sees_published_evaluations_of_their_own_work_only(review_fixture):
    ada, other = agent_of(review_fixture, "a-7"), agent_of(review_fixture, "a-8")
    evaluation = submitted(review_fixture, review_fixture.reviewer())["evaluation"]

    assert evaluation["state"] == "published"
    assert own_ids(ada) == [evaluation["id"]]
    assert own_ids(other) == []
    assert ada.get("/v1/me/evaluations").json["data"][0]["reviewer"] is None
    assert ada.get(f"/v1/evaluations/{evaluation['id']}").status_code == 200
    assert other.get(f"/v1/evaluations/{evaluation['id']}").status_code == 404


def test_one_evaluation_is_read_with_the_scope_that_reads_lists_of_them(review_fixture):
    evaluation = submitted(review_fixture, review_fixture.reviewer())["evaluation"]
    path = f"/v1/evaluations/{evaluation['id']}"

    assert review_fixture.provider.caller("interactions:read").get(path).json["id"] == evaluation["id"]
    assert review_fixture.provider.caller("clients:read").get(path).status_code == 404


@pytest.mark.parametrize("setting", [{"when": "after_hours", "hours": 24}, {"when": "weekly"}])
def test_publication_waits_as_the_client_says_or_until_a_manager_publishes(review_fixture, setting):
    set_publication(review_fixture, setting)
    ada = agent_of(review_fixture, "a-7")
    reviewer, manager = review_fixture.reviewer(), review_fixture.reviewer("qm_manager")
    evaluation = submitted(review_fixture, reviewer)["evaluation"]

    assert evaluation["state"] == "submitted"
    assert own_ids(ada) == []
    assert reviewer.post(f"/v1/evaluations/{evaluation['id']}/publish").status_code == 403
    done = manager.post(f"/v1/evaluations/{evaluation['id']}/publish")
    assert (done.status_code, done.json["state"]) == (200, "published")
    assert own_ids(ada) == [evaluation["id"]]
    again = manager.post(f"/v1/evaluations/{evaluation['id']}/publish")
    assert (again.status_code, again.json["code"]) == (409, "not_submitted")


@pytest.mark.parametrize(
    "setting", [{"when": "after_hours"}, {"when": "weekly", "hours": 3}, {"when": "never"}, {}]
)
def test_publication_settings_are_checked(review_fixture, setting):
    admin = review_fixture.provider.caller("clients:write", "clients:read")

    sent = admin.patch("/v1/clients/northwind", json={"settings": {"publish_evaluations": setting}})

    assert sent.status_code == 422


def test_an_edit_is_a_new_version_with_author_and_difference(review_fixture):
    reviewer, manager = review_fixture.reviewer(), review_fixture.reviewer("qm_manager")
    done = submitted(review_fixture, reviewer)
    first = done["evaluation"]["id"]

    made = manager.post(
        f"/v1/evaluations/{first}/versions", json={"answers": CHANGED, "reason": "He did not listen."}
    )

    assert made.status_code == 201
    assert (made.json["replaces"], made.json["reviewer"]["id"]) == (first, str(reviewer.user.user_id))
    assert made.json["author"]["id"] == str(manager.user.user_id)
    versions = manager.get(f"/v1/evaluations/{first}/versions").json["data"]
    assert [each["evaluation"]["id"] for each in versions] == [first, made.json["id"]]
    assert [each["question"] for each in versions[1]["changes"]] == ["hears", "how"]
    assert versions[0]["evaluation"]["state"] == "superseded"
    review = review_fixture.stored(done["id"])
    assert (str(review.evaluation_id), review.state, review.reopened) == (made.json["id"], "submitted", True)
    stale = manager.post(f"/v1/evaluations/{first}/versions", json={"answers": CHANGED, "reason": "x"})
    assert (stale.status_code, stale.json["code"]) == (409, "not_in_force")


def test_what_is_edited_is_in_the_estimates_and_in_no_comparison_with_the_machine(review_fixture):
    manager = review_fixture.reviewer("qm_manager")
    done = submitted(review_fixture, review_fixture.reviewer())
    manager.post(
        f"/v1/evaluations/{done['evaluation']['id']}/versions", json={"answers": CHANGED, "reason": "x"}
    )

    with review_fixture.provider.session() as session:
        in_estimates = session.scalars(select_submitted_reviews(human.score)).all()
        compared = session.scalars(select_submitted_reviews(human.score).where(sampled)).all()
    assert (len(in_estimates), compared) == (1, [])


def test_a_reviewer_edits_their_own_for_a_while_and_nobody_elses(review_fixture):
    reviewer, other = review_fixture.reviewer(), review_fixture.reviewer()
    done = submitted(review_fixture, reviewer)
    address = f"/v1/evaluations/{done['evaluation']['id']}/versions"
    body = {"answers": CHANGED, "reason": "A slip."}

    assert other.post(address, json=body).status_code == 403
    wrong = reviewer.post(address, json={"answers": [{**GOOD[0], "value": "maybe"}], "reason": "A slip."})
    assert ("/answers/0/value", "unknown_option") in pointers(wrong)
    made = reviewer.post(address, json=body)
    assert made.status_code == 201
    with review_fixture.provider.session() as session:
        kept = session.scalars(select(Evaluation).where(Evaluation.superseded_at.is_(None))).all()
        kept = next(each for each in kept if each.kind == "human")
        kept.created_at = utc_now() - timedelta(hours=1)
    late = reviewer.post(f"/v1/evaluations/{made.json['id']}/versions", json={"answers": GOOD, "reason": "x"})
    assert (late.status_code, late.json["code"]) == (409, "too_late")


def test_a_void_evaluation_counts_nowhere_and_somebody_else_is_to_answer(review_fixture):
    reviewer, manager = review_fixture.reviewer(), review_fixture.reviewer("qm_manager")
    ada = agent_of(review_fixture, "a-7")
    done = submitted(review_fixture, reviewer)
    address = f"/v1/evaluations/{done['evaluation']['id']}/void"

    assert reviewer.post(address, json={"reason": "x"}).status_code == 403
    assert manager.post(address, json={"reason": ""}).status_code == 422
    voided = manager.post(address, json={"reason": "The wrong form."})

    assert (voided.json["state"], voided.json["void_reason"]) == ("voided", "The wrong form.")
    assert own_ids(ada) == []
    with review_fixture.provider.session() as session:
        assert session.scalars(select_submitted_reviews(human.score)).all() == []
        assert session.scalars(select(Review).where(waits)).all() == []
        [review] = session.scalars(select(Review).where(passed_over)).all()
    assert (str(review.review_id), review.draw is not None) == (done["id"], True)
    assert reviewer.post("/v1/reviews/next").status_code == 204
    refused = manager.post(f"/v1/reviews/{done['id']}/reassign", json={"user": str(reviewer.user.user_id)})
    assert ("/user", "has_seen") in pointers(refused)
    assert review_fixture.reviewer().post("/v1/reviews/next").json["id"] == done["id"]
    assert manager.post(address, json={"reason": "x"}).json["code"] == "not_in_force"


def test_reasons_of_overrides_are_kept_where_both_differ(review_fixture):
    reviewer, other = review_fixture.reviewer(), review_fixture.reviewer()
    done = submitted(review_fixture, reviewer)
    address = f"/v1/reviews/{done['id']}/override-reasons"
    body = {"reasons": [{"question": "how", "reason": "It fits."}]}

    assert reviewer.put(address, json=body).status_code == 200
    assert reviewer.get(f"/v1/reviews/{done['id']}").json["evaluation"]["override_reasons"] == {
        "how": "It fits."
    }
    alike = reviewer.put(address, json={"reasons": [{"question": "hears", "reason": "x"}]})
    assert ("/reasons/0/question", "not_overridden") in pointers(alike)
    assert other.put(address, json=body).status_code == 404


def test_agents_review_their_own_and_colleagues_work_when_asked_and_it_feeds_nothing(review_fixture):
    manager, ada, bo = (
        review_fixture.reviewer("qm_manager"),
        agent_of(review_fixture, "a-7"),
        agent_of(review_fixture, "a-8"),
    )
    drawn = review_fixture.drawn()
    address = f"/v1/interactions/{drawn.interaction_id}/reviews"

    def ask(kind, caller):
        return manager.post(address, json={"kind": kind, "user": str(caller.user.user_id)})

    assert ("/kind", "wrong_kind") in pointers(ask("peer", ada))
    assert ("/kind", "wrong_kind") in pointers(ask("self", bo))
    assert ("/user", "no_agent") in pointers(ask("self", review_fixture.reviewer()))
    asked = ask("self", ada)
    assert (asked.status_code, asked.json["kind"], asked.json["reasons"]) == (201, "self", ["self"])
    assert ask("peer", bo).status_code == 201
    # The drawn review comes to a reviewer, not to the agent.
    assert review_fixture.reviewer().post("/v1/reviews/next").json["id"] == str(drawn.review_id)


def test_skills_and_own_work_limit_what_is_offered(review_fixture):
    def limited(**values):
        caller = review_fixture.reviewer()
        with review_fixture.provider.session() as session:
            user = session.get_one(User, (caller.user.tenant_id, caller.user.user_id))
            for name, value in values.items():
                setattr(user, name, value)
        return caller

    german = review_fixture.drawn(language="de-AT", program="billing", hours_ago=5)
    english = review_fixture.drawn(program="tier1", agent="a-9", hours_ago=1, turns=OF_ANOTHER)

    def offered(caller):
        answer = caller.post("/v1/reviews/next")
        if answer.status_code == 204:
            return answer.headers["QM-Nothing-Offered"]
        caller.post(f"/v1/reviews/{answer.json['id']}/release")
        return answer.json["id"]

    assert offered(limited(languages=["en"])) == str(english.review_id)
    assert offered(limited(languages=["de"])) == str(german.review_id)
    assert offered(limited(skills=["Billing"])) == str(german.review_id)
    assert offered(limited(agent="a-7")) == str(english.review_id)
    assert offered(limited(languages=["fr"])) == "limits"
    assert offered(limited(weekly_capacity=0)) == "capacity"


def test_a_team_is_reviewed_by_others_where_the_client_wants_it(review_fixture):
    agent_of(review_fixture, "a-7", team="blue")
    reviewer = review_fixture.reviewer()
    with review_fixture.provider.session() as session:
        session.get_one(User, (reviewer.user.tenant_id, reviewer.user.user_id)).team = "blue"
    drawn = review_fixture.drawn()
    admin = review_fixture.provider.caller("clients:write", "clients:read")
    admin.patch("/v1/clients/northwind", json={"settings": {"review_own_team": False}})

    assert reviewer.post("/v1/reviews/next").headers["QM-Nothing-Offered"] == "limits"
    manager = review_fixture.reviewer("qm_manager")
    wanted = {"user": str(reviewer.user.user_id)}
    refused = manager.post(f"/v1/reviews/{drawn.review_id}/reassign", json=wanted)
    assert ("/user", "own_team") in pointers(refused)
    admin.patch("/v1/clients/northwind", json={"settings": {"review_own_team": True}})
    assert reviewer.post("/v1/reviews/next").json["id"] == str(drawn.review_id)
