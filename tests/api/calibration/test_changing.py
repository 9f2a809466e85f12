"""Sessions are changed and reopened, and nobody who has seen the results answers again."""

from datetime import UTC, datetime, timedelta

SOON = (datetime.now(UTC) + timedelta(days=2)).isoformat()


def change(desk, session, name="manager", **body):
    return desk.callers[name].patch(f"/v1/calibrations/{session}", json={"reason": "Ben is ill."} | body)


def reopen(desk, session, name="manager", **body):
    path = f"/v1/calibrations/{session}/reopen"
    return desk.callers[name].post(path, json={"reason": "Ben was ill."} | body)


def codes(answer):
    return sorted((each["pointer"], each["code"]) for each in answer.json["errors"])


def test_name_deadline_and_people_change_and_the_log_says_why(desk):
    items = desk.judged(2)
    session = desk.make(items, "ada", "ben")
    desk.answer("ada", session, items[0])
    cleo, ben = (str(desk.callers[name].user.user_id) for name in ("cleo", "ben"))

    changed = change(desk, session, name="manager", deadline=SOON, add=[cleo], remove=[ben])
    assert changed.status_code == 200, changed.json
    assert [each["user"] for each in changed.json["participants"]] == [str(desk.ada.user.user_id), cleo]
    assert changed.json["deadline"] is not None
    assert desk.ben.get(f"/v1/calibrations/{session}").status_code == 404
    assert desk.answer("cleo", session, items[0]).status_code == 200


def test_who_has_answered_stays_and_every_fault_is_named(desk):
    items = desk.judged(2)
    session = desk.make(items, "ada", "ben")
    desk.answer("ada", session, items[0])
    ada, manager = (str(desk.callers[name].user.user_id) for name in ("ada", "manager"))

    refused = change(desk, session, deadline="2026-01-01T00:00:00Z", add=[ada], remove=[ada, manager])
    assert codes(refused) == [
        ("/add/0", "duplicate"),
        ("/deadline", "in_past"),
        ("/remove/0", "has_answered"),
        ("/remove/1", "not_a_participant"),
    ]
    assert change(desk, session, "ada", deadline=SOON).status_code == 403


def test_a_reopened_session_asks_whoever_has_not_seen_the_results(desk):
    items = desk.judged(2)
    session = desk.make(items, "ada", "ben", "cleo")
    desk.answer_all("ada", session, items)
    desk.answer("ben", session, items[0])
    desk.manager.post(f"/v1/calibrations/{session}/close")
    assert change(desk, session, deadline=SOON).json["code"] == "calibration_closed"
    assert desk.results("ben", session)

    reopened = reopen(desk, session, deadline=SOON)
    assert (reopened.status_code, reopened.json["state"]) == (200, "open"), reopened.json
    assert reopened.json["reopened_at"] is not None
    seen = desk.answer("ben", session, items[1])
    assert (seen.status_code, seen.json["code"]) == (409, "results_seen")
    assert desk.ben.get(f"/v1/calibrations/{session}").json["to_answer"] == 0
    assert desk.answer("cleo", session, items[0]).status_code == 200
    assert desk.results("ada", session).json["missing"]["not_blind"] == 1, (
        "what clients' people saw is not noted"
    )


def test_it_is_not_reopened_where_nobody_could_answer_blind(desk):
    items = desk.judged(1)
    session = desk.make(items, "ada", "ben")
    assert reopen(desk, session).json["code"] == "calibration_open"
    desk.answer_all("ada", session, items)
    desk.manager.post(f"/v1/calibrations/{session}/close")
    assert desk.results("ben", session)
    assert reopen(desk, session).json["code"] == "nobody_left"
    assert reopen(desk, session, "ada").status_code == 403


def test_a_covert_session_changes_its_people_and_is_never_reopened(desk):
    items = desk.judged(1)
    session = desk.make(items, "ada", covert=True)
    ben = str(desk.ben.user.user_id)
    assert codes(change(desk, session, deadline=SOON)) == [("/deadline", "covert")]
    assert change(desk, session, add=[ben]).status_code == 200
    assert desk.ben.post("/v1/reviews/next").json["interaction"]["id"] == str(items[0].interaction_id)
    assert change(desk, session, remove=[ben]).status_code == 200
    assert desk.ben.post("/v1/reviews/next").status_code == 204
    desk.manager.post(f"/v1/calibrations/{session}/close")
    assert reopen(desk, session).json["code"] == "covert_session"


def test_answers_are_exported_once_their_session_has_ended(desk):
    items = desk.judged(2)
    session = desk.make(items, "ada", "ben")
    desk.answer_all("ada", session, items)
    provider = desk.reviews.provider
    reader = provider.caller("reports:read", "calibration:read")
    path = "/v1/clients/northwind/export"
    query = {"kind": "calibration_answers", "format": "csv"}
    assert reader.get(path, query_string=query).get_data(as_text=True).count("\n") == 1
    desk.manager.post(f"/v1/calibrations/{session}/close")
    rows = reader.get(path, query_string=query).get_data(as_text=True).splitlines()
    assert len(rows) == 3
    assert str(desk.ada.user.user_id) in rows[1]
