"""Disputes: opened, decided, appealed; what is refused, and who sees them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from qm.reviews.double_scored import human, sampled, select_submitted_reviews
from qm.reviews.models import Evaluation
from tenants.models import utc_now
from tests.api.disputes_api import CHECKED, HEARD_NO, NO, decided, opened, outcome
from tests.api.review_api import GOOD, pointers


def answers_of(desk, evaluation):
    with desk.reviews.provider.session() as session:
        wanted = select(Evaluation.answers).where(Evaluation.evaluation_id == evaluation)
        return {each["question"]: each["value"] for each in session.scalars(wanted).one()}


def test_a_decision_as_proposed_makes_a_version_and_the_score_follows(desk):
    ada, manager = desk.agent(), desk.manager()
    evaluation = desk.evaluation()

    made = opened(ada, evaluation, CHECKED)
    assert made.status_code == 201, made.json
    body = made.json
    assert made.headers["Location"] == f"/v1/disputes/{body['id']}"
    assert (body["state"], body["side"], body["mine"], body["questions"]) == (
        "open",
        "agent",
        True,
        ["checks"],
    )
    assert (body["score_now"], body["score_if_proposed"]) == (75, 100)
    assert (body["initiator"], body["reviewer"], body["may_decide"]) == (None, None, False)

    done = decided(manager, body["id"], outcome("checks", "as_proposed"))

    assert done.status_code == 200, done.json
    assert (done.json["state"], done.json["score_before"], done.json["score_after"]) == ("decided", 75, 100)
    assert done.json["answers"][0]["outcome"] == "as_proposed"
    version = done.json["evaluation"]
    assert version != evaluation
    assert version == done.json["decisions"][0]["evaluation"]
    assert answers_of(desk, version) == {"hears": "yes", "how": "well", "checks": "yes"}
    assert answers_of(desk, evaluation)["checks"] == "no"
    with desk.reviews.provider.session() as session:
        row = session.scalars(select(Evaluation).where(Evaluation.evaluation_id == version)).one()
        evidence = next(each["evidence"] for each in row.answers if each["question"] == "checks")
        assert evidence == [{"turn": 0}], "a proposal without evidence is about the places of the old answer"
        assert (row.edit_reason, row.author_id) == ("We listened again.", manager.user.user_id)
        blind = session.scalars(select_submitted_reviews(human.evaluation_id).where(sampled)).all()
        assert blind == [], "who decided had seen the machine's answers"


def test_answers_that_are_all_kept_change_nothing(desk):
    ada, manager = desk.agent(), desk.manager()
    evaluation = desk.evaluation()
    dispute = opened(ada, evaluation).json["id"]

    done = decided(manager, dispute, outcome("checks", "keep")).json

    assert (done["state"], done["evaluation"], done["score_after"]) == ("decided", evaluation, 75)
    assert done["decisions"][0]["evaluation"] is None
    with desk.reviews.provider.session() as session:
        assert session.scalars(select_submitted_reviews(human.evaluation_id).where(sampled)).all()


def test_each_answer_is_decided_for_itself(desk):
    ada, manager = desk.agent(), desk.manager()
    evaluation = desk.evaluation()
    how = {"question": "how", "proposed": {"value": "badly"}, "comment": "Too fast."}
    dispute = opened(ada, evaluation, HEARD_NO, how, CHECKED).json["id"]
    other = {"na": True}

    done = decided(
        manager,
        dispute,
        outcome("hears", "other", other),
        outcome("how", "keep"),
        outcome("checks", "as_proposed"),
    )

    assert done.status_code == 200, done.json
    # How? is asked only where it was heard: it goes with the answer it hangs on.
    assert answers_of(desk, done.json["evaluation"]) == {"hears": None, "checks": "yes"}
    assert done.json["score_after"] == 100


def test_a_question_that_is_asked_only_now_has_to_be_answered(desk):
    ada, manager = desk.agent(), desk.manager()
    evaluation = desk.evaluation()
    first = opened(ada, evaluation, HEARD_NO).json["id"]
    version = decided(manager, first, outcome("hears", "as_proposed")).json["evaluation"]
    assert answers_of(desk, version) == {"hears": "no", "checks": "no"}
    second = opened(desk.stakeholder(), version, {**HEARD_NO, "proposed": {"value": "yes"}}).json["id"]

    tried = manager.post(
        f"/v1/disputes/{second}/what-if", json={"answers": [outcome("hears", "as_proposed")]}
    ).json
    assert tried["to_answer"] == ["how"]
    missing = decided(manager, second, outcome("hears", "as_proposed"))
    assert [fault["code"] for fault in missing.json["errors"]] == ["missing_answer"]
    how = {"question": "how", "value": "badly"}
    unproved = decided(manager, second, outcome("hears", "as_proposed"), further=[how])
    assert pointers(unproved) == [("/further/0/evidence", "evidence_required")]
    done = decided(
        manager, second, outcome("hears", "as_proposed"), further=[{**how, "evidence": [{"turn": 1}]}]
    )
    assert answers_of(desk, done.json["evaluation"]) == {"hears": "yes", "how": "badly", "checks": "no"}


def test_what_if_says_what_the_score_would_become_and_stores_nothing(desk):
    ada, manager = desk.agent(), desk.manager()
    evaluation = desk.evaluation()
    dispute = opened(ada, evaluation, HEARD_NO, CHECKED).json["id"]
    answers = [outcome("hears", "other", NO), outcome("checks", "as_proposed")]

    found = manager.post(f"/v1/disputes/{dispute}/what-if", json={"answers": answers})

    assert found.status_code == 200, found.json
    assert (found.json["score_now"], found.json["score_then"], found.json["difference"]) == (75, 25, -50)
    assert (found.json["dropped"], found.json["to_answer"], found.json["band_then"]) == (["how"], [], "Coach")
    assert manager.get(f"/v1/disputes/{dispute}").json["state"] == "open"
    assert decided(manager, dispute, *answers).json["score_after"] == 25


def test_an_appeal_is_decided_by_somebody_else(desk):
    ada, first, second = desk.agent(), desk.manager(), desk.manager("admin")
    dispute = opened(ada, desk.evaluation()).json["id"]
    address = f"/v1/disputes/{dispute}/appeal"
    early = ada.post(address, json={"comment": "Please."})
    assert (early.status_code, early.json["code"]) == (409, "not_appealable")
    decided(first, dispute, outcome("checks", "keep"))
    assert ada.get(f"/v1/disputes/{dispute}").json["may_appeal"] is True
    assert first.post(address, json={"comment": "x"}).json["code"] == "not_initiator"

    assert ada.post(address, json={"comment": "Turn 2 says it."}).json["state"] == "appealed"

    refused = decided(first, dispute, outcome("checks", "keep"))
    assert (refused.status_code, refused.json["code"]) == (409, "decided_before")
    assert first.get(f"/v1/disputes/{dispute}").json["may_not_decide"]
    done = decided(second, dispute, outcome("checks", "as_proposed")).json
    assert (done["state"], done["score_before"], done["score_after"]) == ("settled", 75, 100)
    assert [each["level"] for each in done["decisions"]] == [1, 2]
    again = ada.post(address, json={"comment": "Once more."})
    assert (again.status_code, again.json["code"]) == (409, "not_appealable")
    twice = decided(second, dispute, outcome("checks", "keep"))
    assert (twice.status_code, twice.json["code"]) == (409, "already_decided")


def test_nobody_appeals_where_nobody_else_could_decide(desk):
    ada, manager = desk.agent(), desk.manager()
    dispute = opened(ada, desk.evaluation()).json["id"]
    decided(manager, dispute, outcome("checks", "keep"))

    alone = ada.post(f"/v1/disputes/{dispute}/appeal", json={"comment": "Please."})
    assert (alone.status_code, alone.json["code"]) == (409, "nobody_to_decide")

    desk.manager("qm_manager", "contoso")  # of another client: no help
    assert ada.post(f"/v1/disputes/{dispute}/appeal", json={"comment": "Please."}).status_code == 409
    desk.manager("qm_manager", "northwind")
    assert ada.post(f"/v1/disputes/{dispute}/appeal", json={"comment": "Please."}).status_code == 200


def test_who_made_the_evaluation_decides_only_where_nobody_else_is_left(desk):
    maker = desk.manager()
    desk.reviews.drawn()
    claimed = maker.post("/v1/reviews/next").json
    done = maker.post(f"/v1/reviews/{claimed['id']}/submit", json={"answers": GOOD}).json
    dispute = opened(desk.agent(), done["evaluation"]["id"]).json["id"]
    other = desk.manager()

    refused = decided(maker, dispute, outcome("checks", "keep"))
    assert (refused.status_code, refused.json["code"]) == (409, "own_evaluation")
    admin = desk.reviews.provider.caller("admin")
    left = admin.patch(f"/v1/users/{other.user.user_id}", json={"disabled": True})
    assert left.status_code == 200, left.json
    alone = decided(maker, dispute, outcome("checks", "keep"))
    assert alone.status_code == 200, alone.json
    assert alone.json["decisions"][0]["only_one"] is True


def test_only_managers_and_admins_decide_and_nobody_on_their_own(desk):
    evaluation = desk.evaluation()
    ada = desk.agent()
    both = desk.caller(
        "qm_manager",
        scopes=("disputes:read", "disputes:write", "interactions:read", "reviews:own"),
        agent="a-7",
    )
    desk.manager()
    dispute = opened(both, evaluation).json["id"]

    for role in ("reviewer", "client_stakeholder", "agent"):
        somebody = desk.caller(role, *(["northwind"] if role == "client_stakeholder" else []))
        assert decided(somebody, dispute, outcome("checks", "keep")).status_code == 403
    assert decided(both, dispute, outcome("checks", "keep")).json["code"] == "own_dispute"
    assert decided(ada, dispute, outcome("checks", "keep")).status_code == 403


def test_a_dispute_of_what_nobody_may_dispute_is_not_found(desk):
    evaluation = desk.evaluation()

    assert opened(desk.agent("a-8"), evaluation).status_code == 404
    assert opened(desk.stakeholder("contoso"), evaluation).status_code == 404
    assert opened(desk.manager(), evaluation).status_code == 404
    assert opened(desk.agent(), str(desk.reviews.person().user_id)).status_code == 404
    desk.published(evaluation, utc_now() + timedelta(hours=1))
    assert opened(desk.agent(), evaluation).status_code == 404
    assert opened(desk.stakeholder(), evaluation).status_code == 404


def test_the_client_disputes_unless_the_provider_does_not_want_that(desk):
    evaluation = desk.evaluation()
    stakeholder = desk.stakeholder()

    [found] = stakeholder.get("/v1/published-evaluations").json["data"]
    assert (found["id"], found["external_id"], found["acknowledge_by"]) == (evaluation, None, None)
    body = opened(stakeholder, evaluation).json
    assert (body["side"], body["agent"], body["external_id"], body["interaction_id"]) == (
        "client",
        None,
        None,
        None,
    )
    desk.settings(by_client=False)
    assert stakeholder.get("/v1/published-evaluations").json["data"] == []
    assert opened(stakeholder, desk.evaluation()).status_code == 404


def test_the_client_reads_no_name_of_the_providers_people_in_what_they_wrote(desk):
    manager, stakeholder = desk.manager(), desk.stakeholder()
    desk.caller("reviewer", name="Priya Nair")
    evaluation = desk.evaluation(agent_details={"name": "Theo Marsh"})
    said = {**HEARD_NO, "comment": "Theo Marsh did not."}
    dispute = opened(stakeholder, evaluation, said).json["id"]
    answer = {**NO, "note": "Priya heard it too."}
    told = {**outcome("hears", "other", answer), "comment": "As Priya says."}
    done = decided(manager, dispute, told, comment="Priya Nair and Theo listened again.")
    assert done.status_code == 200, done.json

    client, staff = (each.get(f"/v1/disputes/{dispute}") for each in (stakeholder, manager))

    assert client.json["decisions"][0]["comment"] == "[NAME] and [NAME] listened again."
    assert client.json["decisions"][0]["answers"][0]["comment"] == "As [NAME] says."
    assert client.json["answers"][0]["now"]["note"] == "[NAME] heard it too."
    assert [name for name in ("Priya", "Nair", "Theo", "Marsh") if name in client.text] == []
    assert staff.json["decisions"][0]["comment"] == "Priya Nair and Theo listened again."


def test_a_dispute_names_every_fault(desk):
    ada = desk.agent()
    evaluation = desk.evaluation()

    wrong = opened(
        ada,
        evaluation,
        {"question": "politeness", "proposed": {"value": "yes"}, "comment": "x"},
        {"question": "checks", "proposed": {"value": "no"}, "comment": "x"},
        {"question": "hears", "proposed": {"value": "perhaps"}, "comment": "x"},
        {"question": "how", "proposed": {"na": True}, "comment": "x"},
        {"question": "how", "proposed": {"value": "badly"}, "comment": "x"},
    )

    assert pointers(wrong) == [
        ("/answers/0/question", "not_answered"),
        ("/answers/1/proposed", "same_answer"),
        ("/answers/2/proposed/value", "unknown_option"),
        ("/answers/3/proposed/na", "na_not_allowed"),
        ("/answers/4/question", "duplicate_answer"),
    ]
    far = {**CHECKED, "proposed": {"value": "yes", "evidence": [{"turn": 9}]}}
    assert pointers(opened(ada, evaluation, far)) == [("/answers/0/proposed/evidence/0", "bad_span")]
    empty = ada.post(f"/v1/evaluations/{evaluation}/disputes", json={"answers": []})
    assert pointers(empty) == [("/answers", "required")]
    assert ada.get("/v1/disputes").json["data"] == []


def test_a_decision_names_every_fault(desk):
    ada, manager = desk.agent(), desk.manager()
    dispute = opened(ada, desk.evaluation(), HEARD_NO, CHECKED).json["id"]

    wrong = decided(
        manager,
        dispute,
        outcome("checks", "other", {"value": "no"}),
        outcome("checks", "keep"),
        outcome("how", "keep"),
    )

    assert pointers(wrong) == [
        ("/answers", "missing_decision"),
        ("/answers/0/answer", "same_answer"),
        ("/answers/1/question", "duplicate_answer"),
        ("/answers/2/question", "not_disputed"),
    ]
    unsaid = decided(manager, dispute, outcome("hears", "other"), outcome("checks", "keep", {"value": "yes"}))
    assert pointers(unsaid) == [("/answers/0/answer", "bad_answer"), ("/answers/1/answer", "bad_answer")]
    odd = decided(manager, dispute, outcome("hears", "other", {"value": "odd"}), outcome("checks", "keep"))
    assert pointers(odd) == [("/answers/0/answer/value", "unknown_option")]
    assert manager.get(f"/v1/disputes/{dispute}").json["state"] == "open"


def test_the_window_and_the_limits_are_the_clients_and_the_scorecards(desk):
    ada, manager = desk.agent(), desk.manager()
    evaluation = desk.evaluation()
    desk.published(evaluation, utc_now() - timedelta(days=15))

    late = opened(ada, evaluation)
    assert (late.status_code, late.json["code"]) == (409, "window_over")
    assert "14 days" in late.json["detail"]
    desk.settings(days=14, scorecards=[{"scorecard": "care", "days": 20, "open_per_evaluation": 1}])
    dispute = opened(ada, evaluation).json["id"]
    second = opened(ada, evaluation, HEARD_NO)
    assert (second.status_code, second.json["code"]) == (409, "too_many_of_evaluation")
    desk.settings(days=30, open_per_person=1)
    other = opened(ada, desk.evaluation())
    assert (other.status_code, other.json["code"]) == (409, "too_many_open")
    decided(manager, dispute, outcome("checks", "keep"))
    assert opened(ada, evaluation, HEARD_NO).status_code == 201
    desk.settings(days=0)
    assert opened(desk.agent(), evaluation).json["code"] == "window_over"


def test_settings_of_disputes_are_checked(desk):
    admin = desk.reviews.provider.caller("clients:write", "clients:read")
    twice = [{"scorecard": "care", "days": 3}, {"scorecard": "care", "days": 4}]
    for rules in ({"days": -1}, {"days": 366}, {"open_per_person": 0}, {"weeks": 2}, {"scorecards": twice}):
        sent = admin.patch("/v1/clients/northwind", json={"settings": {"disputes": rules}})
        assert sent.status_code == 422, rules


def test_the_same_answer_is_disputed_once_and_then_appealed(desk):
    ada, manager = desk.agent(), desk.manager()
    evaluation = desk.evaluation()
    dispute = opened(ada, evaluation).json["id"]

    assert opened(ada, evaluation).json["code"] == "already_disputed"
    version = decided(manager, dispute, outcome("checks", "as_proposed")).json["evaluation"]
    stale = opened(ada, evaluation)
    assert (stale.status_code, stale.json["code"]) == (409, "evaluation_changed")
    again = opened(ada, version, {**CHECKED, "proposed": {"value": "no"}})
    assert (again.status_code, again.json["code"]) == (409, "already_decided")
    assert opened(ada, version, HEARD_NO).status_code == 201
    client = opened(desk.stakeholder(), version, {**CHECKED, "proposed": {"value": "no"}})
    assert client.status_code == 201, "the client has not disputed it yet"


def test_an_answer_that_another_dispute_changed_is_decided_on_as_it_stands(desk):
    manager = desk.manager()
    evaluation = desk.evaluation()
    of_agent = opened(desk.agent(), evaluation, HEARD_NO).json["id"]
    of_client = opened(desk.stakeholder(), evaluation, {**HEARD_NO, "proposed": {"na": True}}).json["id"]
    version = decided(manager, of_agent, outcome("hears", "as_proposed")).json["evaluation"]

    shown = manager.get(f"/v1/disputes/{of_client}").json
    assert (shown["evaluation"], shown["answers"][0]["changed"]) == (version, True)
    assert shown["answers"][0]["now"]["value"] == "no"
    blind = decided(manager, of_client, outcome("hears", "as_proposed"))
    assert (blind.status_code, blind.json["code"]) == (409, "answer_changed")
    stale = decided(manager, of_client, outcome("hears", "as_proposed"), evaluation=evaluation)
    assert (stale.status_code, stale.json["code"]) == (409, "evaluation_changed")
    done = decided(manager, of_client, outcome("hears", "as_proposed"), evaluation=version)
    assert done.status_code == 200, done.json
    assert answers_of(desk, done.json["evaluation"]) == {"hears": None, "checks": "no"}


def test_a_dispute_of_what_is_voided_lapses(desk):
    ada, manager = desk.agent(), desk.manager()
    evaluation = desk.evaluation()
    dispute = opened(ada, evaluation).json["id"]
    assert manager.post(f"/v1/evaluations/{evaluation}/void", json={"reason": "Wrong."}).status_code == 200

    assert manager.get(f"/v1/disputes/{dispute}").json["state"] == "lapsed"
    assert [each["id"] for each in ada.get("/v1/disputes?state=lapsed").json["data"]] == [dispute]
    assert ada.get("/v1/disputes?state=open").json["data"] == []
    refused = decided(manager, dispute, outcome("checks", "keep"))
    assert (refused.status_code, refused.json["code"]) == (409, "evaluation_void")
    assert opened(ada, evaluation, HEARD_NO).json["code"] == "evaluation_void"
    assert (
        manager.post(f"/v1/disputes/{dispute}/what-if", json={"answers": [outcome("checks", "keep")]}).json[
            "code"
        ]
        == "evaluation_void"
    )


def test_disputes_are_found_by_what_they_are_about(desk):
    ada, manager = desk.agent(), desk.manager()
    first = opened(ada, desk.evaluation()).json["id"]
    maker = desk.reviewer
    second = opened(ada, desk.evaluation(), HEARD_NO).json["id"]
    decided(manager, second, outcome("hears", "keep"))

    def ids(query, who=manager):
        return [each["id"] for each in who.get(f"/v1/disputes?{query}").json["data"]]

    assert ids("") == [second, first]
    assert ids("state=decided") == [second]
    assert ids("question=checks") == [first]
    assert ids(f"reviewer={maker.user.user_id}") == [first]
    assert ids("agent=a-7&client=northwind") == [second, first]
    assert ids("agent=a-8") == ids("client=contoso") == []
    assert ids(f"initiator={ada.user.user_id}&limit=1") == [second]
    assert ids("from=2100-01-01T00:00:00Z") == ids("to=2020-01-01T00:00:00Z") == []
    following = manager.get("/v1/disputes?limit=1").json["next_cursor"]
    assert ids(f"limit=1&cursor={following}") == [first]
    assert ids(f"reviewer={maker.user.user_id}", ada) == [], "an agent finds out nothing by names"
    assert manager.get("/v1/disputes?state=lost").status_code == 422
    assert manager.get("/v1/disputes?client=invented").status_code == 404


def test_everybody_sees_what_concerns_them(desk):
    ada = desk.agent()
    of_agent = opened(ada, desk.evaluation()).json["id"]
    reviewer = desk.caller("reviewer")
    maker = desk.reviews.provider.caller("disputes:read", "interactions:read", user=desk.reviewer.user)
    stakeholder, foreign = desk.stakeholder(), desk.stakeholder("contoso")
    of_client = opened(stakeholder, desk.evaluation(agent="a-8")).json["id"]

    def seen(who):
        return {each["id"] for each in who.get("/v1/disputes").json["data"]}

    assert seen(ada) == {of_agent}
    assert seen(desk.agent("a-8")) == set(), (
        "what the client disputes of their work they learn by the decision"
    )
    assert seen(stakeholder) == seen(desk.stakeholder()) == {of_client}
    assert seen(foreign) == seen(reviewer) == set()
    assert seen(maker) == {of_agent}
    assert (
        seen(desk.manager())
        == seen(desk.caller("team_lead", scopes=("disputes:read",)))
        == {
            of_agent,
            of_client,
        }
    )
    for who in (desk.agent("a-8"), foreign, reviewer):
        assert who.get(f"/v1/disputes/{of_agent}").status_code == 404
        assert who.post(f"/v1/disputes/{of_agent}/appeal", json={"comment": "x"}).status_code == 404


def test_a_dispute_is_hidden_from_who_is_still_to_judge_its_interaction(desk):
    ada, manager = desk.agent(), desk.manager()
    evaluation = desk.evaluation()
    dispute = opened(ada, evaluation).json
    second = desk.manager()
    interaction = manager.get(f"/v1/disputes/{dispute['id']}").json["interaction_id"]
    wanted = {"user": str(second.user.user_id)}
    picked = manager.post(f"/v1/interactions/{interaction}/reviews", json=wanted)
    assert picked.status_code == 201, picked.json

    assert second.get("/v1/disputes").json["data"] == []
    assert second.get(f"/v1/disputes/{dispute['id']}").status_code == 404
    assert decided(second, dispute["id"], outcome("checks", "keep")).status_code == 404


def test_people_who_left_leave_their_disputes_to_others(desk):
    ada, manager, other = desk.agent(), desk.manager(), desk.manager()
    dispute = opened(ada, desk.evaluation()).json["id"]
    admin = desk.reviews.provider.caller("admin")
    for user in (ada.user, desk.reviewer.user):
        assert admin.patch(f"/v1/users/{user.user_id}", json={"disabled": True}).status_code == 200

    shown = manager.get(f"/v1/disputes/{dispute}").json
    assert shown["initiator"]["id"] == str(ada.user.user_id)
    assert decided(manager, dispute, outcome("checks", "as_proposed")).json["score_after"] == 100
    assert other.get("/v1/disputes?state=decided").json["data"][0]["id"] == dispute


def test_what_is_erased_takes_its_disputes_along(desk):
    ada, manager = desk.agent(), desk.manager()
    dispute = opened(ada, desk.evaluation()).json["id"]
    external_id = ada.get(f"/v1/disputes/{dispute}").json["external_id"]
    eraser = desk.reviews.provider.caller("interactions:write", "interactions:read")

    erased = eraser.delete(f"/v1/clients/northwind/interactions/by-external-id/{external_id}")

    assert erased.status_code in {200, 204}, erased.json
    assert manager.get(f"/v1/disputes/{dispute}").status_code == 404
    assert ada.get("/v1/disputes").json["data"] == []


def test_a_key_that_acts_for_nobody_reads_and_does_not_dispute(desk):
    dispute = opened(desk.agent(), desk.evaluation()).json
    machine = desk.reviews.provider.caller("disputes:read", "disputes:write")

    assert [each["id"] for each in machine.get("/v1/disputes").json["data"]] == [dispute["id"]]
    assert opened(machine, dispute["evaluation"]).status_code == 403
    assert decided(machine, dispute["id"], outcome("checks", "keep")).status_code == 403


@pytest.mark.parametrize("method", ["acknowledge", "disputes"])
def test_writing_needs_the_scope(desk, method):
    evaluation = desk.evaluation()
    reader = desk.reviews.provider.caller("disputes:read", user=desk.agent().user)
    sent = reader.post(f"/v1/evaluations/{evaluation}/{method}", json={"answers": [CHECKED]})
    assert sent.status_code == 403
