"""Sessions from invitation to close: who sees what when, what is refused, and that nothing is lost."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, text, update

from qm.calibration.models import Calibration, CalibrationAnswer
from qm.interactions.models import Interaction
from qm.privacy.erasure import erase_interaction
from qm.reviews.models import Evaluation
from tests.api.calibration_api import said
from tests.api.review_api import GOOD, SCORECARD, TURNS, pointers


def test_a_session_runs_from_invitation_to_results(desk):
    items = desk.judged(6)
    session = desk.make(items)

    listed = desk.ada.get("/v1/clients/northwind/calibrations").json["data"]
    assert [(each["id"], each["state"], each["to_answer"]) for each in listed] == [(session, "open", 6)]
    asked = desk.cleo.get(f"/v1/calibrations/{session}/answers/{items[0].interaction_id}").json
    assert [turn["agent"] for turn in asked["turns"]] == [None, None]
    assert (asked["scorecard"]["key"], asked["answers"]) == ("care", [])

    desk.answer_all("ada", session, items)
    desk.answer_all("ben", session, items, lambda place: said(checks="yes" if place % 2 else "no"))
    desk.answer_all("cleo", session, items, said("no"))
    desk.close(session)

    found = desk.results("manager", session)
    assert found.status_code == 200, found.json
    questions = {each["question"]: each for each in found.json["questions"]}
    assert questions["hears"]["percent"] == pytest.approx(33.3)
    assert questions["how"]["percent"] == 100
    assert [each["name"] for each in found.json["raters"]][-1] == "Machine"
    assert found.json["missing"]["answers_given"] == found.json["missing"]["answers_expected"] == 18
    assert found.json["unclear"][0]["question"] in {"hears", "checks"}
    assert found.json["sides"]["client_minus_provider"] < 0
    assert found.json["sides"]["leaning"] == "severe"


def test_nobody_sees_others_or_the_machine_before_all_of_theirs_are_submitted(desk):
    items = desk.judged(3)
    session = desk.make(items, "ada", "ben", "cleo", "manager")
    desk.answer_all("ada", session, items[:2])

    for name in ("ada", "ben", "cleo", "manager"):
        refused = desk.results(name, session)
        assert (refused.status_code, refused.json["code"]) == (409, "still_blind")
    path = f"/v1/interactions/{items[0].interaction_id}/evaluations"
    assert desk.ada.get(path).json["data"] == []
    assert desk.manager.get(path).json["data"] == []
    mine = desk.ben.get(f"/v1/calibrations/{session}/answers/{items[0].interaction_id}").json
    assert mine["answers"] == []

    desk.answer("ada", session, items[2])
    assert desk.results("ada", session).status_code == 200
    assert desk.results("ben", session).status_code == 409
    assert desk.answer("ada", session, items[0]).json["code"] == "results_seen"

    desk.close(session)
    assert desk.results("ben", session).status_code == 200
    assert desk.answer("ben", session, items[0]).json["code"] == "calibration_closed"
    assert len(desk.manager.get(path).json["data"]) == 1


def test_whoever_runs_a_session_sees_its_answers_once_it_has_ended(desk):
    items = desk.judged(2)
    session = desk.make(items)
    desk.answer_all("ada", session, items)

    assert desk.results("manager", session).json["code"] == "still_blind"
    evaluations = desk.manager.get(f"/v1/interactions/{items[0].interaction_id}/evaluations")
    assert len(evaluations.json["data"]) == 1


def test_who_is_shown_results_is_no_longer_offered_the_interaction_to_review(desk):
    items = desk.judged(2)
    review = desk.reviews.review_of(items[0])
    session = desk.make(items, "ada", "ben")
    desk.answer_all("ada", session, items)

    claimed = desk.ada.post("/v1/reviews/next", json={"client": "northwind"})
    assert claimed.json["id"] == str(review.review_id)  # own answers leave her blind
    desk.ada.post(f"/v1/reviews/{claimed.json['id']}/release")
    found = desk.results("ada", session)
    assert found.status_code == 200
    assert found.json["missing"]["machine"] == 1  # hidden: the interaction still waits for a review
    assert desk.ada.post("/v1/reviews/next", json={"client": "northwind"}).status_code == 204
    assert desk.ben.post("/v1/reviews/next", json={"client": "northwind"}).status_code == 200


def test_answers_of_people_who_had_seen_the_interaction_judged_are_counted(desk):
    items = desk.judged(2)
    desk.ada.get(f"/v1/interactions/{items[0].interaction_id}/evaluations")
    session = desk.make(items, "ada", "ben")
    desk.answer_all("ada", session, items)
    desk.answer_all("ben", session, items)

    assert desk.results("ben", session).json["missing"]["not_blind"] == 1


def test_calibration_answers_are_no_evaluations(desk):
    items = desk.judged(2)
    session = desk.make(items, "ada", "ben")
    desk.answer_all("ada", session, items)

    with desk.reviews.provider.session() as opened:
        kinds = opened.scalars(select(Evaluation.kind)).all()
        stored = opened.scalars(select(CalibrationAnswer)).all()
    assert kinds == ["automatic", "automatic"]
    assert {each.scores["score"] for each in stored} == {75}


def test_answers_are_validated_as_those_of_a_review(desk):
    (item, _) = items = desk.judged(2)
    session = desk.make(items)

    wrong = desk.answer("ada", session, item, [{"question": "hears", "value": "maybe"}, {"question": "x"}])
    assert wrong.status_code == 422
    assert ("/answers/0/value", "unknown_option") in pointers(wrong)
    assert ("/answers/1/question", "unknown_question") in pointers(wrong)
    assert ("/answers", "missing_answer") in pointers(wrong)
    shapeless = desk.callers["ada"].put(
        f"/v1/calibrations/{session}/answers/{item.interaction_id}", json={"answers": [3], "more": 1}
    )
    assert shapeless.status_code == 422
    good = desk.answer("ada", session, item, GOOD)
    assert good.json["score"] == 75
    changed = desk.answer("ada", session, item, said("no"))
    assert changed.json["score"] == 0


def test_faults_of_a_new_session_are_told_together(desk):
    stranger = str(uuid.uuid4())
    agent = str(desk.reviews.person("agent").user_id)
    elsewhere = str(desk.reviews.person("client_stakeholder", "contoso").user_id)
    body = desk.body(desk.judged(1), "ada", "ada", reference="expert", deadline="2020-01-01T00:00:00Z")
    bound = str(desk.reviews.person("reviewer", "contoso").user_id)
    body["participants"] += [stranger, agent, elsewhere, bound]
    body["interactions"] += [str(uuid.uuid4()), body["interactions"][0]]

    answer = desk.manager.post("/v1/clients/northwind/calibrations", json=body)

    assert answer.status_code == 422
    assert pointers(answer) == [
        ("/deadline", "in_past"),
        ("/expert", "required"),
        ("/interactions/1", "unknown_interaction"),
        ("/interactions/2", "duplicate"),
        ("/participants/1", "duplicate"),
        ("/participants/2", "unknown_person"),
        ("/participants/3", "cannot_take_part"),
        ("/participants/4", "other_client"),
        ("/participants/5", "other_client"),
    ]


def test_only_managers_make_and_close_sessions(desk):
    items = desk.judged(2)
    session = desk.make(items)

    for name in ("ada", "cleo"):
        made = desk.callers[name].post("/v1/clients/northwind/calibrations", json=desk.body(items))
        closed = desk.callers[name].post(f"/v1/calibrations/{session}/close")
        assert (made.status_code, closed.status_code) == (403, 403)


def test_a_draw_is_seeded_recorded_and_leaves_out_what_waits_for_review(desk):
    items = desk.judged(8)
    waiting = desk.reviews.review_of(items[0]).interaction_id
    day = items[0].started_at.date()
    draw = {"from": str(day), "to": str(day), "count": 4, "seed": "the same"}

    made = [
        desk.manager.post(
            "/v1/clients/northwind/calibrations",
            json=desk.body([], source="drawn", draw=draw),
        ).json
        for _ in range(2)
    ]
    other = desk.body([], source="drawn", draw=draw | {"seed": "other"})
    third = desk.manager.post("/v1/clients/northwind/calibrations", json=other).json

    chosen = [[item["interaction"] for item in each["items"]] for each in (*made, third)]
    assert chosen[0] == chosen[1] != chosen[2]
    assert str(waiting) not in chosen[0] + chosen[2]
    assert (made[0]["draw"]["seed"], made[0]["draw"]["eligible"]) == ("the same", 7)
    nothing = desk.body([], source="past", draw=draw)
    refused = desk.manager.post("/v1/clients/northwind/calibrations", json=nothing)
    assert pointers(refused) == [("/draw", "too_few_interactions")]


def test_an_erased_interaction_is_missing_and_the_rest_counts(desk):
    items = desk.judged(3)
    session = desk.make(items, "ada", "ben")
    desk.answer_all("ada", session, items)
    desk.answer_all("ben", session, items[:2])
    with desk.reviews.provider.session() as opened:
        erase_interaction(opened, items[2].interaction_id)

    found = desk.results("ben", session).json  # nothing is left to answer

    assert found["missing"]["erased"] == 1
    assert found["overall"]["n"] == 2
    assert desk.answer("ben", session, items[2]).status_code == 404


def test_an_interaction_that_changes_is_asked_no_more_and_its_answers_stay(desk):
    items = desk.judged(3)
    session = desk.make(items, "ada", "ben")
    desk.answer_all("ada", session, items)
    with desk.reviews.provider.session() as opened:
        opened.execute(
            update(Interaction)
            .where(Interaction.interaction_id == items[0].interaction_id)
            .values(turns=[{"speaker": "customer", "text": "Quite other words."}])
        )

    refused = desk.answer("ben", session, items[0])
    assert refused.json["code"] == "conversation_changed"
    desk.answer_all("ben", session, items[1:])
    missing = desk.results("ben", session).json["missing"]
    assert (missing["changed"], missing["answers_given"], missing["answers_expected"]) == (1, 5, 6)


def test_a_version_published_meanwhile_changes_nothing_and_is_named(desk):
    items = desk.judged(2)
    session = desk.make(items, "ada", "ben")
    desk.answer_all("ada", session, items)
    desk.reviews.publish("northwind", {**SCORECARD, "name": "Care, reworded"})
    desk.answer_all("ben", session, items)

    found = desk.results("ben", session).json
    assert found["missing"]["newer_versions"] == ["care"]
    assert {each["version"] for each in found["questions"]} == {1}


def test_a_passed_deadline_ends_the_session_and_keeps_what_was_answered(desk):
    items = desk.judged(2)
    soon = datetime.now(UTC) + timedelta(hours=1)
    session = desk.make(items, "ada", "ben", deadline=soon.isoformat())
    desk.answer("ada", session, items[0])
    with desk.reviews.provider.session() as opened:
        opened.execute(update(Calibration).values(deadline=datetime.now(UTC) - timedelta(seconds=1)))

    assert desk.answer("ada", session, items[1]).json["code"] == "calibration_closed"
    assert desk.manager.post(f"/v1/calibrations/{session}/close").json["code"] == "calibration_closed"
    found = desk.results("manager", session).json
    assert found["state"] == "closed"
    assert found["missing"]["never_answered"] == ["Reviewer"]
    assert found["overall"]["alpha"] is None
    assert "nothing to compare" in found["finding"]


def test_a_session_that_has_not_begun_is_unknown_to_its_participants(desk):
    items = desk.judged(2)
    later = datetime.now(UTC) + timedelta(hours=1)
    session = desk.make(items, "ada", "ben", opens_at=later.isoformat())

    assert desk.manager.get(f"/v1/calibrations/{session}").json["state"] == "planned"
    assert desk.ada.get(f"/v1/calibrations/{session}").status_code == 404
    assert desk.answer("ada", session, items[0]).status_code == 404


def test_stakeholders_see_their_own_sessions_numbers_for_names_and_no_small_figures(desk):
    items = desk.judged(6)
    session, other, small = (
        desk.make(items),
        desk.make(items, "ada", "ben"),
        desk.make(items[:2], "ada", "cleo"),
    )
    for name in ("ada", "ben", "cleo"):
        desk.answer_all(name, session, items)
    desk.answer_all("ada", small, items[:2])
    desk.answer_all("cleo", small, items[:2])

    assert desk.cleo.get(f"/v1/calibrations/{other}").status_code == 404
    assert desk.results("cleo", other).status_code == 404
    shown = desk.cleo.get(f"/v1/calibrations/{session}").json
    assert [each["name"] for each in shown["participants"]][:2] == ["Reviewer 1", "Reviewer 2"]
    assert [each["user"] for each in shown["participants"]][:2] == [None, None]
    assert {each["external_id"] for each in shown["items"]} == {None}
    found = desk.results("cleo", session).json
    assert found["suppressed"] is False
    assert [each["name"] for each in found["raters"]][:2] == ["Reviewer 1", "Reviewer 2"]
    kept_back = desk.results("cleo", small).json
    assert (kept_back["suppressed"], kept_back["questions"], kept_back["overall"]) == (True, [], None)


def test_stakeholders_read_no_name_of_the_providers_people_in_notes(desk):
    items = desk.judged(6)
    session = desk.make(items)
    with desk.reviews.provider.session() as opened:
        opened.merge(desk.ben.user).name = "Priya Nair"
    noted = [{**said("no")[0], "note": "Priya and I disagree."}, *said("no")[1:]]
    desk.answer_all("ada", session, items)
    desk.answer_all("ben", session, items, noted)
    desk.answer_all("cleo", session, items)
    desk.close(session)

    notes = [
        {each["note"] for found in desk.results(who, session).json["disputed"] for each in found["answers"]}
        for who in ("cleo", "manager")
    ]

    assert notes == [{"", "[NAME] and I disagree."}, {"", "Priya and I disagree."}]


def test_a_client_sees_no_figure_of_a_few_answers(desk):
    items = desk.judged(8)
    session = desk.make(items)
    desk.answer_all("ada", session, items)
    desk.answer_all("ben", session, items[:3], said("no"))
    desk.answer_all("cleo", session, items)
    desk.close(session)

    staff, client = desk.results("manager", session).json, desk.results("cleo", session).json

    few = [next(each for each in found["raters"] if each["number"] == 2) for found in (staff, client)]
    assert [each["severity"] is None for each in few] == [False, True]
    assert {each["mean"] for each in few[1]["deviations"]} == {None}
    assert {each["question"] for each in client["questions"]} == {"hears", "how", "checks"}
    assert client["sides"]["n"] == 8


def test_others_than_participants_answer_nothing(desk):
    items = desk.judged(2)
    session = desk.make(items, "ada")
    machine = desk.reviews.provider.caller("calibration:read", "calibration:write")
    path = f"/v1/calibrations/{session}/answers/{items[0].interaction_id}"

    for caller, status in ((desk.ben, 404), (desk.manager, 404), (machine, 403)):
        assert caller.put(path, json={"answers": said()}).status_code == status
    assert desk.answer("ada", session, desk.judged(1)[0]).status_code == 404


def test_one_call_opens_a_draft_with_a_note_at_the_question(desk):
    items = desk.judged(6)
    session = desk.make(items, "ada", "ben")
    desk.answer_all("ada", session, items)
    desk.answer_all("ben", session, items, said("no"))
    desk.close(session)
    path = f"/v1/calibrations/{session}/draft"

    made = desk.manager.post(path, json={"scorecard": "care", "question": "hears"})
    assert made.status_code == 200, made.json
    noted = made.json["body"]["sections"][0]["questions"][0]["help"]
    assert noted.startswith("[To reword: calibration “November”: alpha")
    assert "“yes” against “no” in 6 of 6" in noted
    again = desk.manager.post(path, json={"scorecard": "care", "question": "hears"})
    assert again.json["code"] == "already_noted"
    more = desk.manager.post(path, json={"scorecard": "care", "question": "checks", "note": "Which?"})
    assert more.json["body"]["sections"][1]["questions"][0]["help"] == "[To reword: Which?]"
    assert desk.manager.post(path, json={"scorecard": "care", "question": "nope"}).status_code == 404
    assert desk.ada.post(path, json={"scorecard": "care", "question": "hears"}).status_code == 403


def test_a_clients_participant_reads_no_name_of_the_providers_people(desk):
    items = desk.judged(1)
    place = Interaction.interaction_id == items[0].interaction_id
    said_by_name = {**TURNS[1], "agent": "a-7", "text": "Priya here, a parcel is maddening."}
    with desk.reviews.provider.session() as opened:
        named = {"turns": [said_by_name], "agent": "a-7", "agent_details": {"name": "Priya Nair"}}
        opened.execute(update(Interaction).where(place).values(**named))
    session = desk.make(items, "ada", "cleo")
    path = f"/v1/calibrations/{session}/answers/{items[0].interaction_id}"

    (theirs,), (ours,) = (caller.get(path).json["turns"] for caller in (desk.cleo, desk.ada))
    assert (theirs["text"], theirs["agent"]) == ("[NAME] here, a parcel is maddening.", None)
    assert (ours["text"], ours["agent"]) == (said_by_name["text"], "a-7")
    end = len(theirs["text"])
    evidence = [{"turn": 0, "start": 0, "end": end}]
    told = [{**each, "evidence": evidence} for each in said("no")]
    assert desk.cleo.put(path, json={"answers": told}).status_code == 200
    beyond = [{**each, "evidence": [{"turn": 0, "start": 0, "end": end + 1}]} for each in told]
    refused = desk.make(items, "ben", "cleo")
    assert desk.cleo.put(path.replace(session, refused), json={"answers": beyond}).status_code == 422


def test_a_draft_is_not_published_with_the_note_in_it(desk):
    items = desk.judged(6)
    session = desk.make(items, "ada", "ben")
    desk.answer_all("ada", session, items)
    desk.answer_all("ben", session, items, said("no"))
    desk.close(session)
    made = desk.manager.post(
        f"/v1/calibrations/{session}/draft", json={"scorecard": "care", "question": "hears"}
    )
    author = desk.reviews.provider.caller("definitions:read", "definitions:write")
    scorecard = "/v1/clients/northwind/scorecards/care"

    refused = author.post(f"{scorecard}/publish")
    assert refused.status_code == 422, refused.json
    assert [(each["pointer"], each["code"]) for each in refused.json["errors"]] == [
        ("/sections/0/questions/0/help", "note_left")
    ]
    body = reworded(made.json["body"], "Does the agent name what the customer feels?")
    body["sections"][0]["questions"][0]["help"] = ""
    assert author.put(scorecard, json=body).status_code == 200
    assert author.post(f"{scorecard}/publish").status_code == 200


def reworded(body, text_):
    first, *rest = body["sections"]
    question, *others = first["questions"]
    return {**body, "sections": [{**first, "questions": [{**question, "text": text_}, *others]}, *rest]}


def test_history_says_whether_a_rewording_helped(desk):
    before = desk.judged(8)
    first = desk.make(before, "ada", "ben")
    desk.answer_all("ada", first, before)
    desk.answer_all("ben", first, before, said("no"))
    desk.close(first)
    desk.reviews.publish("northwind", reworded(SCORECARD, "Did the agent say what they heard?"))
    after = desk.judged(8, started_at=datetime.now(UTC))
    second = desk.make(after, "ada", "ben", name="December")
    for name in ("ada", "ben"):
        desk.answer_all(name, second, after)
    desk.close(second)

    history = {each["question"]: each for each in desk.results("manager", second).json["history"]}
    assert [each["name"] for each in history["hears"]["sessions"]] == ["November", "December"]
    assert (history["hears"]["verdict"], history["hears"]["difference"]) == ("helped", 100)
    assert history["hears"]["difference_low"] > 0
    assert (history["checks"]["reworded"], history["checks"]["verdict"]) == (False, None)


def test_a_new_wording_is_tried_on_interactions_from_before_it(desk):
    before, later = desk.judged(8), desk.judged(8)
    first = desk.make(before, "ada", "ben")
    desk.answer_all("ada", first, before)
    desk.answer_all("ben", first, before, said("no"))
    desk.close(first)
    desk.reviews.publish("northwind", reworded(SCORECARD, "Did the agent say what they heard?"))

    second = desk.make(later, "ada", "ben", name="Tried", scorecard_version="now")

    assert {each["version"] for each in desk.manager.get(f"/v1/calibrations/{second}").json["items"]} == {2}
    for name in ("ada", "ben"):
        desk.answer_all(name, second, later)
    desk.close(second)
    found = desk.results("manager", second).json
    history = {each["question"]: each for each in found["history"]}
    assert (history["hears"]["verdict"], history["hears"]["difference"]) == ("helped", 100)
    assert [(each["name"], each["n"]) for each in found["sessions"]] == [("November", 8), ("Tried", 8)]
    assert found["sessions"][1]["percent"] == 100
    assert found["missing"]["machine"] == 8, "the machine answered under the old version"
    covert = desk.body(later, "ada", covert=True, scorecard_version="now")
    refused = desk.manager.post("/v1/clients/northwind/calibrations", json=covert)
    assert pointers(refused) == [("/scorecard_version", "covert")]


def test_an_expert_is_the_zero_of_deviations(desk):
    items = desk.judged(6)
    session = desk.make(
        items, "ada", "ben", reference="expert", expert=str(desk.ada.user.user_id), covert=False
    )
    desk.answer_all("ada", session, items)
    desk.answer_all("ben", session, items, said("no"))
    desk.close(session)

    expert, other, machine = desk.results("manager", session).json["raters"]
    assert (expert["is_reference"], expert["severity"]) == (True, None)
    assert (other["severity"], other["leaning"]) == (-75, "severe")
    assert next(each["mean"] for each in other["deviations"] if each["question"] == "hears") == -100
    assert machine["name"] == "Machine"


def test_without_a_reference_no_deviation_is_told(desk):
    items = desk.judged(6)
    session = desk.make(items, "ada", "ben", reference="none")
    desk.answer_all("ada", session, items)
    desk.answer_all("ben", session, items)

    raters = desk.results("ben", session).json["raters"]
    assert {each["severity"] for each in raters} == {None}
    assert {each["mean"] for rater in raters for each in rater["deviations"]} == {None}


def test_a_person_who_left_stays_in_what_they_answered(desk):
    items = desk.judged(2)
    session = desk.make(items, "ada", "ben")
    desk.answer_all("ada", session, items)
    with desk.reviews.provider.session() as opened:
        opened.execute(text("update users set disabled_at = now() where role = 'reviewer'"))
    desk.close(session)

    assert desk.results("manager", session).json["missing"]["answers_given"] == 2


def test_a_removed_session_takes_its_answers_along(desk):
    items = desk.judged(2)
    session = desk.make(items, "ada")
    desk.answer_all("ada", session, items)
    with desk.reviews.provider.session() as opened:
        opened.execute(delete(Interaction).where(Interaction.interaction_id == items[0].interaction_id))
        assert len(opened.scalars(select(CalibrationAnswer)).all()) == 1
    assert desk.manager.get(f"/v1/calibrations/{session}").json["interactions_erased"] == 1


def test_a_covert_session_looks_like_reviews_and_makes_no_evaluation(desk):
    items = desk.judged(2)
    session = desk.make(items, "ada", "ben", covert=True)

    assert desk.ada.get("/v1/clients/northwind/calibrations").json["data"] == []
    assert desk.ada.get(f"/v1/calibrations/{session}").status_code == 404
    assert desk.answer("ada", session, items[0]).status_code == 404
    waiting = desk.ada.get("/v1/reviews").json["data"]
    assert [(each["targeted"], each["reasons"], each["note"]) for each in waiting] == [
        (True, ["hand_picked"], None)
    ] * 2
    for _ in items:
        claimed = desk.ada.post("/v1/reviews/next").json
        path = f"/v1/reviews/{claimed['id']}"
        assert "calibration" not in str(claimed)
        assert desk.ada.post(f"{path}/release").json["reviewer"]["id"] == str(desk.ada.user.user_id)
        desk.ada.post("/v1/reviews/next")
        done = desk.ada.post(f"{path}/submit", json={"answers": said()}).json
        assert "state" in done, done
        assert (done["state"], done["evaluation"], done["automatic"]) == ("submitted", None, None)
        assert desk.ada.post(f"{path}/reopen").json["code"] == "answers_final"
    mine = desk.ben.post("/v1/reviews/next").json["id"]
    elsewhere = desk.manager.post(f"/v1/reviews/{mine}/reassign", json={"user": str(desk.ada.user.user_id)})
    assert elsewhere.status_code in {403, 409}
    assert desk.results("manager", session).json["code"] == "still_blind"

    desk.close(session)

    assert {each["state"] for each in desk.ben.get("/v1/reviews").json["data"]} <= {"cancelled"}
    found = desk.results("ada", session).json
    assert (found["missing"]["answers_given"], found["missing"]["answers_expected"]) == (2, 4)
    with desk.reviews.provider.session() as opened:
        assert opened.scalars(select(Evaluation.kind)).all() == ["automatic", "automatic"]


def test_a_covert_session_takes_reviewers_only_and_no_times(desk):
    body = desk.body(desk.judged(2), covert=True, deadline="2099-01-01T00:00:00Z")

    answer = desk.manager.post("/v1/clients/northwind/calibrations", json=body)

    assert pointers(answer) == [("/deadline", "covert"), ("/participants", "covert")]
