"""Badges, team goals and the switch: through the API, with nobody's low score shown to anybody else."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from qm.coaching.models import CoachingPlan
from qm.recognition.models import RecognitionSwitch
from qm.reviews.models import Review
from tests.api.calibration_api import Desk
from tests.api.coaching_api import Coached
from tests.api.quality_api import OTHER, QualityDesk
from tests.api.review_api import REVIEWING

RECOGNITION = "/v1/recognition"
GOALS = "/v1/clients/northwind/team-goals"
GOAL = {"measure": "golden_agreement", "target": 80, "from": "2026-01-01", "to": "2100-01-01"}


@pytest.fixture
def desk(review_fixture):
    made = QualityDesk(review_fixture)
    made.ada, made.ben = (with_own(made, each.user) for each in (made.ada, made.ben))
    return made


def with_own(desk, user):
    """Return a caller who reviews and reads what is theirs."""
    caller = desk.reviews.provider.caller(*REVIEWING, "reviews:own", user=user)
    caller.user = user
    return caller


def switch(caller, enabled=True):
    return caller.put(RECOGNITION, json={"enabled": enabled})


def badges(caller):
    answer = caller.get(RECOGNITION)
    assert answer.status_code == 200, answer.json
    return {each["kind"]: (each["level"], each["figure"]) for each in answer.json["badges"]}


def test_it_is_off_until_a_manager_switches_it_and_every_switch_is_kept(desk, make_provider):
    assert desk.ada.get(RECOGNITION).json == {"enabled": False, "badges": [], "goals": []}
    refused = desk.manager.post(GOALS, json=GOAL)
    assert (refused.status_code, refused.json["code"]) == (409, "recognition_off")
    assert switch(desk.ada).status_code == 403
    for enabled in (True, True, False, True):
        assert switch(desk.manager, enabled=enabled).json == {"enabled": enabled}

    assert desk.manager.post(GOALS, json=GOAL).status_code == 201
    with desk.reviews.provider.session() as session:
        kept = session.scalars(select(RecognitionSwitch.enabled).order_by(RecognitionSwitch.switch_id)).all()
    assert kept == [True, False, True], "the same again is no switch"
    other = make_provider("northwind")
    stranger = other.caller("reviews:own", user=other.add_user("reviewer"))
    assert stranger.get(RECOGNITION).json["enabled"] is False, "another tenant decides for itself"


def test_who_is_bound_to_a_client_does_not_decide_for_all(desk):
    user = desk.reviews.person("qm_manager", "northwind")
    bound = desk.reviews.provider.caller("reviews:write", user=user)
    assert switch(bound).status_code == 403


def test_switched_off_it_shows_nothing_of_what_was_earned(desk):
    switch(desk.manager)
    desk.manager.post(GOALS, json=GOAL)
    switch(desk.manager, enabled=False)
    assert desk.ada.get(RECOGNITION).json == {"enabled": False, "badges": [], "goals": []}


def test_weeks_in_a_row_earn_a_badge_that_a_holiday_does_not_end(desk):
    switch(desk.manager)
    reviewed = desk.reviewed(desk.ada, 4)
    weeks_ago = (0, 1, 4, 5)  # two weeks off between
    with desk.reviews.provider.session() as session:
        for review, weeks in zip(reviewed, weeks_ago, strict=True):
            stored = session.scalars(select(Review).where(Review.review_id == review["id"])).one()
            stored.finished_at -= timedelta(weeks=weeks)
    assert badges(desk.ada) == {"working_weeks": (4, 4)}
    assert badges(desk.ben) == {}


def test_only_who_surely_answers_as_known_earns_that_badge_and_nobody_sees_the_others(desk):
    switch(desk.manager)
    desk.golden(12)
    desk.rates(golden=1)
    for _ in range(40):
        desk.reviews.drawn()
    for caller, answers in ((desk.ada, None), (desk.ben, OTHER)):
        for _ in range(11):
            desk.check(caller, answers)
    level, figure = badges(desk.ada)["golden_agreement"]
    assert (level, figure) == (80, 100), "the lower limit earns it"
    assert "golden_agreement" not in badges(desk.ben)
    told = desk.ben.get(RECOGNITION).text + desk.ben.get("/v1/reviewers/quality").text
    assert str(desk.ada.user.user_id) not in told


def test_a_goal_is_of_everybody_together_and_tells_of_nobody_alone(desk):
    switch(desk.manager)
    made = desk.manager.post(GOALS, json=GOAL).json
    assert (made["figure"], made["reached"], made["over"]) == (None, None, False)
    desk.golden(2)
    desk.rates(golden=1)
    for _ in range(30):
        desk.reviews.drawn()
    cleo = desk.reviews.reviewer()
    figures = []
    for caller, answers in ((desk.ada, None), (desk.ben, OTHER), (cleo, None)):
        for _ in range(2):
            desk.check(caller, answers)
        (goal,) = desk.ada.get(RECOGNITION).json["goals"]
        figures.append((goal["figure"], goal["reached"]))
    assert figures == [(None, None), (None, None), (87.5, True)]
    assert set(goal) == {"id", "client", "measure", "target", "from", "to", "figure", "reached", "over"}
    assert desk.ada.delete(f"/v1/team-goals/{goal['id']}").status_code == 403
    assert desk.manager.delete(f"/v1/team-goals/{goal['id']}").status_code == 204
    assert desk.manager.delete(f"/v1/team-goals/{goal['id']}").status_code == 404
    assert desk.ada.get(RECOGNITION).json["goals"] == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"target": 101}, "/target"),
        ({"measure": "fastest"}, "/measure"),
        ({"to": "2025-12-31"}, "/to"),
        ({"from": "soon"}, "/from"),
    ],
)
def test_a_goal_that_makes_no_sense_is_refused_where_it_does_not(desk, change, pointer):
    switch(desk.manager)
    refused = desk.manager.post(GOALS, json=GOAL | change)
    assert (refused.status_code, [each["pointer"] for each in refused.json["errors"]]) == (422, [pointer])


def test_managers_read_people_by_name_and_never_by_their_figures(desk):
    names = ("Zoe", "Anna", "Mira")
    people = [desk.reviews.reviewer() for _ in names]
    with desk.reviews.provider.session() as session:
        for caller, name in zip(people, names, strict=True):
            session.merge(caller.user).name = name
    for caller in people:
        desk.reviewed(caller)
    shown = desk.quality(desk.manager)["reviewers"]
    assert [each["user"]["name"] for each in shown] == ["Anna", "Mira", "Zoe"]
    assert not {"rank", "place", "position"} & set(shown[0])


def test_an_agent_earns_kudos_and_coached_questions_that_moved(review_fixture):
    coached = Coached(review_fixture)
    manager, own, peer = (
        coached.person("qm_manager"),
        coached.person("agent", agent="a-7"),
        coached.person("agent", agent="a-1"),
    )
    user = review_fixture.person("qm_manager")
    switch(review_fixture.provider.caller("reviews:write", user=user))
    for agent in ("a-1", "a-2", "a-3", "a-4"):
        coached.work(agent, *((True,) * 9 + (False,) * 3), days=-20)
    low = coached.work("a-7", *((True, False, False, False) * 3))
    own_recognition = review_fixture.provider.caller("reviews:own", user=own.user)
    peers = review_fixture.provider.caller("reviews:own", user=peer.user)
    plan = coached.plan(manager, low[1:3], follow_up_after=10).json
    with coached.provider.session() as session:
        session.scalars(select(CoachingPlan)).one().created_at = coached.desk.now - timedelta(days=5)
    coached.work("a-7", *((True,) * 9), days=-4)
    assert badges(own_recognition) == {}, "before the fixed number nothing moved"
    coached.work("a-7", True, days=-3)
    praised = {"interaction": str(low[0].interaction_id), "note": "Well heard."}
    assert manager.post("/v1/kudos", json=praised).status_code == 201

    assert plan["agent"] == "a-7"
    assert badges(own_recognition) == {"kudos": (1, 1), "coached_questions": (1, 1)}
    assert badges(peers) == {}


@pytest.mark.parametrize("reference", ["expert", "consensus"])
def test_closeness_to_the_reference_in_calibration_earns_a_badge(review_fixture, reference):
    desk = Desk(review_fixture)
    items = desk.judged(6)
    expert = {"expert": str(desk.cleo.user.user_id)} if reference == "expert" else {}
    session = desk.make(items, "ada", "ben", "cleo", reference=reference, covert=False, **expert)
    desk.answer_all("ada", session, items)
    desk.answer_all("cleo", session, items)
    own = {
        name: review_fixture.provider.caller("reviews:own", user=desk.callers[name].user)
        for name in ("ada", "ben")
    }
    desk.answer_all("ben", session, items, lambda place: [{**each} for each in far(place)])
    switch(review_fixture.provider.caller("reviews:write", user=desk.manager.user))
    assert badges(own["ada"]) == {}, "while the session is open nothing is told of it"
    assert desk.manager.post(f"/v1/calibrations/{session}/close").status_code in {200, 204}

    if reference == "expert":
        assert badges(own["ada"]) == {"calibration_accuracy": (5, 0)}
    assert badges(own["ben"]) == {}


def far(_place):
    place = [{"turn": 1, "start": 0, "end": 10}]
    return [
        {"question": "hears", "value": "no", "evidence": place},
        {"question": "checks", "value": "yes", "evidence": [{"turn": 0}]},
    ]
