"""Each agent answers for their own turns: in reports, filters, the sample and reviews."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from qm.facts import rollups
from qm.interactions.parts import Whole, store_parts
from tests.api.review_api import REVIEWING
from tests.jobs.worker_processes import BEGAN, BUNDLE, ScoringFixture, interaction
from tests.waiting import wait_until

CLIENT = "/v1/clients/northwind"
DAY = "from=2026-07-01&to=2026-07-01"
EVERYTHING = BUNDLE.replace("base_rate: 0.3", "base_rate: 1.0")
KIND, RUDE = {"agent": "a-2"}, {"agent": "a-1"}
LINES = (
    ("customer", "My parcel is two weeks late and I'm really frustrated."),
    ("agent", "No. Not my problem."),
    ("customer", "I am so upset, I have waited for two weeks!"),
    ("agent", "I can see how frustrating two weeks of waiting is. I'm sorry. I've sent a new one today."),
    ("customer", "Great, thank you!"),
)


def spoken(external_id, *agents, lines=LINES, **others):
    """Return an interaction of `a-7` whose turns of the agent name these agents."""
    made = interaction(external_id, lines=lines, **others)
    by_agent = [turn for turn in made["turns"] if turn["speaker"] == "agent"]
    for turn, agent in zip(by_agent, agents, strict=True):
        turn.update(agent)
    return made


def judge_next(reviewer):
    """Answer the next review with yes throughout."""
    review = reviewer.post("/v1/reviews/next").json
    whose = review["interaction"]["agent"]["external_id"] if review["interaction"]["is_part"] else None
    own = [
        number
        for number, turn in enumerate(review["turns"])
        if turn["speaker"] == "agent" and whose in {None, turn["agent"]}
    ]
    answers = [
        {"question": question["key"], "value": "yes", "evidence": [{"turn": own[0]}]}
        for section in review["scorecard"]["body"]["sections"]
        for question in section["questions"]
        if question["kind"] == "yes_no"
    ]
    submitted = reviewer.post(f"/v1/reviews/{review['id']}/submit", json={"answers": answers})
    assert submitted.status_code == 200, submitted.json


@pytest.fixture
def shared(scoring_fixture, shared_worker):
    return SharedInteractions(scoring_fixture)


class SharedInteractions:
    """Pushed interactions in which several agents spoke, seen from outside and from within."""

    def __init__(self, scoring):
        self.scoring, self.api = scoring, scoring.provider.caller()

    def push(self, *items):
        ids = self.scoring.push(items)
        self.settle()
        return ids

    def settle(self):
        unscored = "select 1 from interactions where state <> 'scored'"
        wait_until(lambda: not self.scoring.ask(unscored))

    def get(self, path):
        answer = self.api.get(path)
        assert answer.status_code == 200, answer.json
        return answer.json

    def parts(self, interaction_id):
        found = self.get(f"/v1/interactions/{interaction_id}")["parts"]
        return {each["agent"]: each for each in found}

    def by_agent(self, report="empathy"):
        found = self.get(f"{CLIENT}/reports/{report}?{DAY}&group_by=agent")
        return found, {row["value"]: row for row in found["groups"]}

    def assert_sums_hold(self):
        client_id = self.scoring.provider.clients["northwind"].client_id
        with self.scoring.provider.session() as session:
            assert rollups.rollup_differences(session, client_id) == []


def test_a_rude_agent_and_a_kind_one_answer_for_their_own_turns(shared):
    (whole,) = shared.push(spoken("transferred", RUDE, KIND))
    parts = shared.parts(whole)

    assert set(parts) == {"a-1", "a-2"}
    assert parts["a-1"]["empathy"] < parts["a-2"]["empathy"] - 20
    evaluations = shared.get(f"/v1/interactions/{parts['a-1']['id']}/evaluations")["data"]
    turns = {each["turn"] for answer in evaluations[0]["answers"] for each in answer["evidence"]}
    assert turns <= {0, 1}
    found = shared.get(f"/v1/interactions/{whole}")
    assert (found["score"], found["is_part"]) == (None, False)
    assert shared.get(f"/v1/interactions/{parts['a-2']['id']}")["is_part"] is True
    shared.assert_sums_hold()


def test_reports_by_agent_count_each_one_s_part_and_the_whole_once(shared):
    shared.push(
        spoken("transferred", RUDE, KIND),
        spoken("taken over", KIND, KIND),
        spoken("own", {}, {}),
        spoken("half own", {}, KIND),
    )
    report, groups = shared.by_agent()

    assert report["interactions"] == report["scored"] == 4
    counts = {agent: row["interactions"] for agent, row in groups.items()}
    assert counts == {"a-1": 1, "a-2": 3, "a-7": 2, "several agents": 2}
    assert groups["a-1"]["estimate"] < groups["a-2"]["estimate"]
    _, overview = shared.by_agent("overview")
    assert overview["a-1"]["empathy"] < overview["a-2"]["empathy"]
    # How the customer felt is known of whole interactions: of "taken over" alone for this agent.
    assert overview["a-2"]["charged_share"] in {0.0, 100.0}
    sla = shared.get(f"{CLIENT}/reports/sla?{DAY}")
    assert (
        sum(row["met"] + row["breached"] for row in sla["targets"] if row["target"] == "first_response") == 4
    )


def test_lists_have_the_whole_alone_and_find_it_by_every_agent_and_score(shared):
    shared.push(
        spoken("transferred", RUDE, KIND), spoken("own", {}, {}, lines=(*LINES[:1], LINES[3], LINES[3]))
    )

    def found(query):
        return sorted(each["external_id"] for each in shared.get(f"{CLIENT}/interactions?{query}")["data"])

    assert found("") == ["own", "transferred"]
    assert found("agent=a-1") == found("agent=a-2") == ["transferred"]
    # The agent of the interaction answers for no turn of "transferred".
    assert found("agent=a-7") == ["own"]
    assert found("agent=a-9") == []
    worst = min(
        each["score"] for each in shared.parts(shared.scoring.row("transferred").interaction_id).values()
    )
    assert "transferred" in found(f"score_lt={worst + 1}")
    assert found(f"score_lt={worst + 1}&agent=a-1") == ["transferred"]
    assert found(f"score_lt={worst + 1}&agent=a-2") == []


def test_parts_follow_corrections_and_a_corrected_away_agent_counts_nowhere(shared):
    (whole,) = shared.push(spoken("transferred", RUDE, KIND))
    before = shared.parts(whole)
    shared.push(spoken("transferred", RUDE, KIND))
    assert shared.parts(whole) == before

    shared.push(spoken("transferred", RUDE, {"agent": "a-3"}))
    assert set(shared.parts(whole)) == {"a-1", "a-3"}
    assert shared.parts(whole)["a-1"]["id"] == before["a-1"]["id"]
    shared.push(spoken("transferred", RUDE, RUDE))
    assert shared.parts(whole) == {}
    refused = shared.api.post(f"/v1/interactions/{before['a-1']['id']}/reviews")
    assert (refused.status_code, refused.json["code"]) == (409, "part_dissolved")
    report, groups = shared.by_agent()
    assert {agent: row["interactions"] for agent, row in groups.items()} == {"a-1": 1}
    assert report["interactions"] == 1
    assert shared.get(f"/v1/interactions/{whole}")["score"] is not None
    shared.assert_sums_hold()


def test_events_reach_the_parts_and_erasure_takes_them_along(shared):
    (whole,) = shared.push(spoken("transferred", RUDE, KIND))
    parts = shared.parts(whole)
    event = {"at": "2026-07-01T10:00:00Z", "kind": "csat", "value": 1}
    assert shared.api.post(f"/v1/interactions/{whole}/events", json=event).status_code == 201
    shared.settle()
    for part in parts.values():
        assert shared.get(f"/v1/interactions/{part['id']}")["outcome"] == {"csat": 1}
        assert shared.api.post(f"/v1/interactions/{part['id']}/events", json=event).status_code == 404
        assert shared.api.delete(f"/v1/interactions/{part['id']}").status_code == 404
    assert shared.api.delete(f"/v1/interactions/{whole}").status_code == 200
    for table in ("interactions", "interaction_facts", "reviews", "evaluations"):
        assert shared.scoring.ask(f"select 1 from {table}") == []
    shared.assert_sums_hold()


def test_erasing_an_interaction_takes_along_parts_that_a_worker_is_just_making(shared):
    (whole,) = shared.push(spoken("transferred", {}, {}))
    provider = shared.scoring.provider
    somebody_waits = "select 1 from pg_locks where not granted"
    with ThreadPoolExecutor(1) as other:
        with provider.session() as session:
            # As a worker does that has found two agents: it holds the whole, and has not committed yet.
            session.execute(text("select 1 from interactions for update"))
            found = Whole(whole, "transferred", frozenset({"a-1", "a-2"}), (), {})
            assert store_parts(session, provider.clients["northwind"].client_id, [found]) == 2
            erased = other.submit(shared.api.delete, f"/v1/interactions/{whole}")
            wait_until(lambda: erased.done() or shared.scoring.ask(somebody_waits))
        assert erased.result().status_code == 200, erased.result().json

    assert shared.scoring.ask("select external_id from interactions") == []
    shared.assert_sums_hold()


def test_a_draft_is_tried_on_parts_and_not_on_wholes_that_nothing_judges(shared):
    shared.push(spoken("transferred", RUDE, KIND), spoken("own", {}, {}))
    shared.push(spoken("transferred", RUDE, {"agent": "a-3"}))  # the part of a-2 counts no more

    tried = shared.api.post(f"{CLIENT}/scorecards/care/what-if?{DAY}&version=1&judge_again=true")
    assert tried.status_code == 200, tried.json
    assert tried.json["judged_again"]["of"] == tried.json["evaluations"]["automatic"] == 3


def test_parts_are_drawn_and_reviewed_each_by_itself(make_provider, shared_worker):
    shared = SharedInteractions(ScoringFixture(make_provider("northwind"), bundle=EVERYTHING))
    provider = shared.scoring.provider
    (whole,) = shared.push(spoken("transferred", RUDE, KIND))
    manager = provider.caller(*REVIEWING, "reports:read", user=provider.add_user("qm_manager"))
    reviewer = provider.caller(*REVIEWING, user=provider.add_user("reviewer", email="r@example.com"))

    assert shared.get(f"/v1/interactions/{whole}")["sampled"] is True
    assert [each["sampled"] for each in shared.get(f"{CLIENT}/interactions")["data"]] == [True]
    refused = manager.post(f"/v1/interactions/{whole}/reviews")
    assert (refused.status_code, refused.json["code"]) == (409, "several_agents")
    seen = set()
    for _ in range(2):
        review = reviewer.post("/v1/reviews/next").json
        assert review["interaction"]["is_part"]
        assert len(review["turns"]) == len(LINES)
        seen.add(review["interaction"]["agent"]["external_id"])
        assert reviewer.post(f"/v1/reviews/{review['id']}/skip", json={"reason": "no"}).status_code == 200
    assert seen == {"a-1", "a-2"}
    assert reviewer.post("/v1/reviews/next").status_code == 204
    assert shared.by_agent()[0]["sample"]["drawn"] == 2


def test_who_is_blind_to_a_part_is_blind_to_what_the_machine_says_of_the_whole(make_provider, shared_worker):
    shared = SharedInteractions(ScoringFixture(make_provider("northwind"), bundle=EVERYTHING))
    provider = shared.scoring.provider
    (whole,) = shared.push(spoken("transferred", RUDE, KIND))
    reviewer = provider.caller(*REVIEWING, user=provider.add_user("reviewer", email="r@example.com"))
    lead = provider.caller(*REVIEWING[:2], user=provider.add_user("team_lead", email="l@example.com"))

    def seen(caller):
        evaluations = caller.get(f"/v1/interactions/{whole}/evaluations").json["data"]
        return len(evaluations), caller.get(f"/v1/interactions/{whole}").json["charged"]

    assert seen(lead) == seen(shared.api) == (1, True)
    for waiting in (2, 1):
        assert seen(reviewer) == (0, None), waiting
        judge_next(reviewer)
    assert seen(reviewer) == (1, True)


def test_who_was_shown_what_the_machine_says_of_the_whole_judges_none_of_its_parts(
    make_provider, shared_worker
):
    shared = SharedInteractions(ScoringFixture(make_provider("northwind"), bundle=EVERYTHING))
    provider = shared.scoring.provider
    (whole,) = shared.push(spoken("transferred", RUDE, KIND))
    people = [provider.add_user("qm_manager", email=f"{name}@example.com") for name in ("m", "n")]
    manager, steering = (provider.caller(*REVIEWING, user=person) for person in people)
    shown = manager.get(f"/v1/interactions/{whole}/evaluations").json["data"]
    waiting = steering.get("/v1/reviews").json["data"]

    assert (len(shown), len(waiting)) == (1, 2)
    assert manager.post("/v1/reviews/next").status_code == 204
    for review in waiting:
        path = f"/v1/reviews/{review['id']}/reassign"
        refused = steering.post(path, json={"user": str(people[0].user_id)})
        assert [fault["code"] for fault in refused.json["errors"]] == ["has_seen"]
    assert steering.post("/v1/reviews/next").status_code == 200


def test_who_holds_a_part_of_one_interaction_still_sees_the_whole_of_another(make_provider, shared_worker):
    shared = SharedInteractions(ScoringFixture(make_provider("northwind"), bundle=EVERYTHING))
    provider = shared.scoring.provider
    wholes = shared.push(spoken("held", RUDE, KIND), spoken("free", RUDE, KIND))
    person = provider.add_user("qm_manager", email="m@example.com")
    manager = provider.caller(*REVIEWING, user=person)
    held = next(
        review["id"]
        for review in manager.get("/v1/reviews").json["data"]
        if review["interaction"]["external_id"] == "held"
    )
    given = manager.post(f"/v1/reviews/{held}/reassign", json={"user": str(person.user_id)})

    assert given.status_code == 200, given.json
    seen = [manager.get(f"/v1/interactions/{whole}/evaluations").json["data"] for whole in wholes]
    assert [len(each) for each in seen] == [0, 1]


def test_the_share_of_what_was_reviewed_counts_parts_below_the_line_too(make_provider, shared_worker):
    shared = SharedInteractions(ScoringFixture(make_provider("northwind"), bundle=EVERYTHING))
    provider = shared.scoring.provider
    shared.push(spoken("transferred", RUDE, KIND), spoken("own", {}, {}))
    reviewer = provider.caller(*REVIEWING, user=provider.add_user("reviewer", email="r@example.com"))
    for reviewed, share in ((1, 33.3), (2, 66.7), (3, 100.0)):
        judge_next(reviewer)
        overview, _ = shared.by_agent("overview")
        assert (overview["reviewed"], overview["interactions"]) == (reviewed, 2)
        assert overview["reviewed_share"] == share


def test_reviews_of_an_interaction_that_turns_out_to_be_shared_are_withdrawn(make_provider, shared_worker):
    shared = SharedInteractions(ScoringFixture(make_provider("northwind"), bundle=EVERYTHING))
    provider = shared.scoring.provider
    (whole, other) = shared.push(spoken("skipped", {}, {}), spoken("waiting", {}, {}))
    reviewer = provider.caller(*REVIEWING, user=provider.add_user("reviewer", email="r@example.com"))
    review = reviewer.post("/v1/reviews/next").json
    assert reviewer.post(f"/v1/reviews/{review['id']}/skip", json={"reason": "no"}).status_code == 200

    shared.push(spoken("skipped", RUDE, KIND), spoken("waiting", RUDE, KIND))
    states = "select state from reviews where interaction_id = any(:ids) order by 1"
    assert shared.scoring.ask(states, ids=[whole, other]) == [("cancelled",), ("outdated",)]
    sample = shared.by_agent()[0]["sample"]
    assert (sample["drawn"], sample["waiting"]) == (4, 4)


def test_turns_of_an_unknown_agent_are_nobody_s(shared):
    made = spoken("unnamed first", {}, KIND)
    del made["agent"]
    (whole,) = shared.push(made)
    assert set(shared.parts(whole)) == {"a-2"}
    part = shared.get(f"/v1/interactions/{shared.parts(whole)['a-2']['id']}")
    assert [turn["agent"] for turn in part["turns"] if turn["speaker"] == "agent"] == [None, "a-2"]
    evaluations = shared.get(f"/v1/interactions/{part['id']}/evaluations")["data"]
    turns = {each["turn"] for answer in evaluations[0]["answers"] for each in answer["evidence"]}
    assert turns <= {2, 3, 4}
    report, groups = shared.by_agent()
    counts = {agent: row["interactions"] for agent, row in groups.items()}
    assert (report["interactions"], counts) == (1, {"a-2": 1, "several agents": 1})


def test_feelings_are_labelled_where_the_agent_was_spoken_to(make_provider, shared_worker):
    shared = SharedInteractions(ScoringFixture(make_provider("northwind"), bundle=EVERYTHING))
    provider = shared.scoring.provider
    shared.push(spoken("transferred", RUDE, KIND))
    reviewer = provider.caller(*REVIEWING, user=provider.add_user("reviewer"))
    review = reviewer.post("/v1/reviews/next").json
    own = {"a-1": [0], "a-2": [2, 4]}[review["interaction"]["agent"]["external_id"]]
    labels = [{"turn": turn, "feeling": "negative"} for turn in (0, 2, 4)]
    refused = reviewer.post(f"/v1/reviews/{review['id']}/submit", json={"answers": [], "sentiment": labels})
    named = {fault["pointer"] for fault in refused.json["errors"] if fault["code"] == "not_the_customer"}
    assert named == {f"/sentiment/{place}/turn" for place, turn in enumerate((0, 2, 4)) if turn not in own}


def test_evidence_of_a_part_is_in_its_agents_turns_or_the_customers(make_provider, shared_worker):
    shared = SharedInteractions(ScoringFixture(make_provider("northwind"), bundle=EVERYTHING))
    provider = shared.scoring.provider
    shared.push(spoken("transferred", RUDE, KIND))
    reviewer = provider.caller(*REVIEWING, user=provider.add_user("reviewer"))
    review = reviewer.post("/v1/reviews/next").json
    own, others = (1, 3) if review["interaction"]["agent"]["external_id"] == "a-1" else (3, 1)
    first, *rest = (
        question["key"]
        for section in review["scorecard"]["body"]["sections"]
        for question in section["questions"]
        if question["kind"] == "yes_no"
    )

    def submit(*turns):
        answers = [{"question": key, "value": "yes", "evidence": [{"turn": own}]} for key in rest]
        answers.append({"question": first, "value": "yes", "evidence": [{"turn": turn} for turn in turns]})
        return reviewer.post(f"/v1/reviews/{review['id']}/submit", json={"answers": answers})

    refused = submit(own, others, 0)
    assert refused.status_code == 422
    place = f"/answers/{len(rest)}/evidence/1/turn"
    assert [(each["pointer"], each["code"]) for each in refused.json["errors"]] == [
        (place, "other_agents_turn")
    ]
    # A customer may speak of somebody to somebody else.
    assert submit(own, 0, 2, 4).status_code == 200


@pytest.mark.parametrize(
    ("turns", "found_by"),
    [
        (({}, {}), {"a-7"}),
        ((RUDE, RUDE), {"a-1"}),
        ((RUDE, KIND), {"a-1", "a-2"}),
        (({}, KIND), {"a-7", "a-2"}),
    ],
)
def test_an_interaction_is_found_by_those_who_answer_for_turns(shared, turns, found_by):
    shared.push(spoken("one", *turns))

    found = {
        agent
        for agent in ("a-1", "a-2", "a-7", "several agents")
        if shared.get(f"{CLIENT}/interactions?agent={agent}")["data"]
    }

    assert found == found_by


def test_an_interaction_in_which_no_agent_spoke_is_found_by_its_agent(shared):
    bot = spoken("one", lines=(("customer", "Hello?"), ("bot", "Hi.")))
    bot["turns"][0]["agent"] = "a-9"
    shared.push(bot)

    assert len(shared.get(f"{CLIENT}/interactions?agent=a-7")["data"]) == 1
    assert shared.get(f"{CLIENT}/interactions?agent=a-9")["data"] == []


def test_fairness_by_team_knows_the_team_of_who_answers(make_provider, shared_worker):
    shared = SharedInteractions(ScoringFixture(make_provider("northwind"), bundle=EVERYTHING))
    provider = shared.scoring.provider
    shared.push(
        spoken("transferred", RUDE, KIND, agent={"external_id": "a-1", "team": "blue"}),
        spoken("taken over", KIND, KIND, agent={"external_id": "a-1", "team": "blue"}),
        spoken("third", {"agent": "a-3"}, {"agent": "a-3"}, agent={"external_id": "a-1", "team": "blue"}),
        spoken("old", {}, {}, agent={"external_id": "a-2", "team": "green"}),
        spoken("new", {}, {}, agent={"external_id": "a-2", "team": "red"}, at=BEGAN + timedelta(hours=1)),
    )
    reviewer = provider.caller(*REVIEWING, user=provider.add_user("reviewer"))
    for _ in range(6):
        judge_next(reviewer)

    found = provider.caller("reports:read").get(f"{CLIENT}/reports/fairness?{DAY}").json["groups"]

    teams = {each["value"]: each["n"] for each in found if each["dimension"] == "team"}
    assert teams == {"blue": 1, "red": 3, "green": 1, "": 1}
