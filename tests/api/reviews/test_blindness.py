import uuid
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, select, text

from qm.facts.models import InteractionFacts
from qm.interactions.models import Interaction
from qm.reviews.blindness import hidden_from
from qm.reviews.readings import EvaluationReading
from qm.reviews.routes import NOTHING_HEADER
from tenants.credentials import Actor
from tenants.isolation import Scope
from tests.api.review_api import GOOD, REVIEWING


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
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")

    item = reviewer.get("/v1/reviews").json["data"][0]

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
    assert (done["reasons"], done["inclusion_probability"]) == (["critical"], None)
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
    manager, other = review_fixture.reviewer("qm_manager"), review_fixture.reviewer("qm_manager")
    manager.post("/v1/reviews/next")

    assert visible_evaluation_kinds(manager, review) == []
    assert visible_evaluation_kinds(other, review) == ["automatic"]


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


@pytest.fixture
def seen_by(review_fixture):
    """Show a drawn interaction's evaluation to a manager in some way."""

    def show(way, manager):
        review = review_fixture.drawn()
        if way == "review":
            path = f"/v1/interactions/{review.interaction_id}/reviews"
            steering = review_fixture.reviewer("qm_manager")
            other = review_fixture.reviewer()
            picked = steering.post(path, json={"user": str(other.user.user_id)}).json["id"]
            other.post("/v1/reviews/next")
            other.post(f"/v1/reviews/{picked}/submit", json={"answers": GOOD})
            assert manager.get(f"/v1/reviews/{picked}").json["automatic"]
        elif way == "export":
            assert str(review.interaction_id) in manager.get(EXPORT).text
        else:
            listed = f"/v1/interactions/{review.interaction_id}/evaluations"
            machine = review_fixture.provider.caller("interactions:read")
            [automatic] = machine.get(listed).json["data"]
            path = listed if way == "evaluations" else f"/v1/evaluations/{automatic['id']}"
            assert automatic["id"] in manager.get(path).text
        return review

    return show


PLAIN = {int: 0, float: 0.0, str: "", date: date(2026, 1, 1), datetime: datetime.now(UTC)}
EXPORT = "/v1/clients/northwind/export?kind=evaluations"
WAYS = ["evaluations", "evaluation", "review", "export"]


@pytest.mark.parametrize("way", WAYS)
def test_who_has_seen_an_evaluation_is_not_offered_its_review(review_fixture, seen_by, way):
    user = review_fixture.person("qm_manager")
    manager = review_fixture.provider.caller(*REVIEWING, "reports:read", user=user)
    review = seen_by(way, manager)

    assert manager.post("/v1/reviews/next").status_code == 204
    if way != "review":  # there the answers to the hand-picked one serve the drawn one
        assert review_fixture.reviewer().post("/v1/reviews/next").json["id"] == str(review.review_id)


def test_who_has_seen_all_that_waits_is_told_why_nothing_is_offered(review_fixture, seen_by):
    manager = review_fixture.reviewer("qm_manager")
    seen_by("evaluations", manager)
    answer = manager.post("/v1/reviews/next")

    assert answer.headers[NOTHING_HEADER] == "seen"
    assert review_fixture.reviewer().post("/v1/reviews/next").status_code == 200


def test_who_skips_and_then_reads_cannot_judge_what_they_pick_by_hand(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    reviewer.post(f"/v1/reviews/{review.review_id}/skip", json={"reason": "unclear"})
    assert visible_evaluation_kinds(reviewer, review) == ["automatic"]
    path = f"/v1/interactions/{review.interaction_id}/reviews"

    assert reviewer.post(path).status_code == 201
    assert reviewer.post("/v1/reviews/next").status_code == 204
    assigned = review_fixture.reviewer("qm_manager").post(path, json={"user": str(reviewer.user.user_id)})
    assert [fault["code"] for fault in assigned.json["errors"]] == ["has_seen"]


def test_a_review_is_not_handed_to_somebody_who_has_seen_its_evaluation(review_fixture, seen_by):
    manager, steering = review_fixture.reviewer("qm_manager"), review_fixture.reviewer("qm_manager")
    review = seen_by("evaluation", manager)
    answer = steering.post(
        f"/v1/reviews/{review.review_id}/reassign", json={"user": str(manager.user.user_id)}
    )

    assert [fault["code"] for fault in answer.json["errors"]] == ["has_seen"]


def test_who_saw_it_while_the_review_was_theirs_already_cannot_submit(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    with review_fixture.provider.session() as session:
        session.add(EvaluationReading(**review_fixture._ids(review), user_id=reviewer.user.user_id))
    answer = reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD})

    assert (answer.status_code, answer.json["code"]) == (409, "not_blind")


def test_who_has_submitted_reads_on_and_others_and_machines_are_not_noted(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD})
    visible_evaluation_kinds(reviewer, review)
    lead = review_fixture.person("team_lead")
    visible_evaluation_kinds(review_fixture.provider.caller("interactions:read", user=lead), review)
    visible_evaluation_kinds(review_fixture.provider.caller(), review)

    with review_fixture.provider.session() as session:
        assert session.scalars(select(EvaluationReading)).all() == []


def test_lists_of_interactions_do_not_show_a_manager_the_score_of_what_waits(review_fixture, make_facts):
    review = review_fixture.drawn()
    make_facts(review)
    manager, machine = review_fixture.reviewer("qm_manager"), review_fixture.provider.caller()
    path = "/v1/clients/northwind/interactions"

    assert machine.get(path).json["data"][0]["score"] == 50.0
    assert manager.get(path).json["data"][0]["score"] is None
    assert manager.get(f"{path}?score_lt=60").json["data"] == []
    assert manager.post("/v1/reviews/next").status_code == 200


def test_who_finds_an_interaction_in_a_list_may_pick_it_by_hand_and_review_it(review_fixture, make_facts):
    interaction = review_fixture.interaction()
    make_facts(interaction)
    reviewer = review_fixture.reviewer()
    found = reviewer.get(f"/v1/clients/northwind/interactions?external_id={interaction.external_id}").json
    picked = reviewer.post(f"/v1/interactions/{found['data'][0]['id']}/reviews").json

    assert reviewer.post("/v1/reviews/next").json["id"] == picked["id"]


def test_who_opens_an_interaction_sees_its_score_and_is_no_longer_blind(review_fixture, make_facts):
    review = review_fixture.drawn()
    make_facts(review)
    manager = review_fixture.reviewer("qm_manager")

    assert manager.get(f"/v1/interactions/{review.interaction_id}").json["score"] == 50.0
    assert manager.post("/v1/reviews/next").headers[NOTHING_HEADER] == "seen"


@pytest.mark.parametrize("in_list", [False, True])
def test_to_show_one_interaction_the_database_looks_at_no_other(review_fixture, in_list):
    review = review_fixture.drawn()
    scope = Scope(uuid.uuid4())
    reader = Actor(uuid.uuid4(), uuid.uuid4(), "qm_manager", "a manager", frozenset(), scope, bound=False)
    hidden = hidden_from(reader, Interaction.interaction_id, in_list=in_list)
    asked = select(hidden).where(Interaction.interaction_id == review.interaction_id)
    with review_fixture.provider.session() as session:
        words = asked.compile(session.bind, compile_kwargs={"literal_binds": True})
        plan = "\n".join(session.scalars(text(f"explain {words}")))

    assert "hashed SubPlan" not in plan


@pytest.fixture
def make_facts(review_fixture):
    def make(review):
        with review_fixture.provider.session() as session:
            known = {
                **review_fixture._ids(review),
                "score": 50.0,
                "judged": 1,
                "clocks": [],
                "started_at": review.started_at,
            }
            needed = [
                column
                for column in InteractionFacts.__table__.columns
                if not column.nullable and column.server_default is None and column.name not in known
            ]
            session.execute(
                insert(InteractionFacts).values(
                    **known, **{column.name: PLAIN[column.type.python_type] for column in needed}
                )
            )

    return make
