"""The number while a queue is worked: through the API and real scoring, as integrators and reviewers do it.

Draws differ from run to run, so an interval may miss the truth now and then; twice its width never does.
"""

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from scorecards.authoring import versions
from tests.api.review_api import REVIEWING
from tests.jobs.worker_processes import BEGAN, interaction, wait_until

CLIENT = "/v1/clients/northwind"
STEPS = 11
ROLES = ("qm_manager", "reviewer")
SCORECARD = {
    "key": "care",
    "name": "Care",
    "sections": [
        {
            "key": "listen",
            "name": "Listen",
            "pillar": "listen_validate",
            "questions": [
                {
                    "key": "how",
                    "text": "How well?",
                    "kind": "scale",
                    "options": [
                        {"key": f"o{step}", "label": f"{step} of 10", "value": step / 10}
                        for step in range(STEPS)
                    ],
                }
            ],
        }
    ],
}


class LivingQueue:
    """A client whose scorecard people alone can answer, an integrator, a manager and a reviewer."""

    def __init__(self, provider, policy):
        self.provider, self.client = provider, provider.clients["northwind"]
        self.put_in_force("scorecard", "care", SCORECARD)
        if policy:
            self.put_in_force("sampling_policy", "default", policy)
        self.api = provider.caller()
        manager, reviewer = (provider.add_user(role, email=f"{role}@example.com") for role in ROLES)
        self.manager = provider.caller(*REVIEWING, "reports:read", user=manager)
        self.reviewer = provider.caller(*REVIEWING, user=reviewer)
        self.points = {}
        self.ids = {}

    def put_in_force(self, kind, key, body):
        with self.provider.session() as session:
            versions.put_in_force(session, self.client, kind=kind, key=key, body=body)

    def push(self, points, *, at=BEGAN, words="Thank you.", **others):
        """Push interactions by external id, with what a reviewer will say of each, and have them scored."""
        self.points |= points
        lines = (("customer", "Where is my parcel?"), ("agent", words))
        items = [
            interaction(key, at=at, lines=lines, **{name: value[key] for name, value in others.items()})
            for key in points
        ]
        body = "\n".join(map(json.dumps, items))
        answer = self.api.post(f"{CLIENT}/interactions/bulk", data=body, content_type="application/x-ndjson")
        assert answer.json["rejected"] == 0, answer.json
        self.ids |= {key: each["id"] for key, each in zip(points, answer.json["data"], strict=True)}
        wait_until(self.all_scored)

    def all_scored(self):
        statement = "select count(*) from interactions where state <> 'scored'"
        return self.ask(statement) == [(0,)]

    def ask(self, statement):
        with self.provider.session() as session:
            return session.execute(text(statement)).all()

    def drawn_as(self):
        """Return draw and probability of every sampled interaction in the queue or reviewed."""
        return self.ask(
            "select interaction_id, draw, inclusion_probability from reviews"
            " where state <> 'outdated' order by 1"
        )

    def claim(self):
        """Claim the next review; None when the queue is empty."""
        answer = self.reviewer.post("/v1/reviews/next")
        assert answer.status_code in {200, 204}, answer.json
        return answer.json if answer.status_code == 200 else None

    def submit(self, review):
        step = self.points[review["interaction"]["external_id"]] // 10
        place = [{"turn": 1, "start": 0, "end": 5}]
        answers = [{"question": "how", "value": f"o{step}", "evidence": place}]
        return self.reviewer.post(f"/v1/reviews/{review['id']}/submit", json={"answers": answers})

    def review(self, most=10**6):
        """Review so many, or until the queue is empty; return how many."""
        for number in range(most):
            review = self.claim()
            if review is None:
                return number
            answer = self.submit(review)
            assert answer.status_code == 200, answer.json
        return most

    def pick(self, keys):
        for key in keys:
            answer = self.manager.post(f"/v1/interactions/{self.ids[key]}/reviews")
            assert answer.status_code == 201, answer.json

    def report(self, first="2026-06-01", last="2026-08-31", **query):
        more = "".join(f"&{name}={value}" for name, value in query.items())
        answer = self.manager.get(f"{CLIENT}/reports/empathy?from={first}&to={last}{more}")
        assert answer.status_code == 200, answer.json
        return answer.json

    def reviews(self, state=None):
        query = "" if state is None else f"&state={state}"
        return self.manager.get(f"/v1/reviews?limit=200{query}").json["data"]


@pytest.fixture
def make_queue(make_provider, shared_worker):
    return lambda policy: LivingQueue(make_provider("northwind"), policy)


def mean(points):
    return sum(points) / len(points)


def assert_honest(report, truth):
    """Check that a number stands, that it has a width, and that the truth is where it can be."""
    empathy = report["empathy"]
    assert empathy["status"] == "verified", report
    assert empathy["high"] - empathy["low"] > 1
    assert abs(empathy["estimate"] - truth) < empathy["high"] - empathy["low"]
    assert empathy["anytime_low"] <= empathy["low"] <= empathy["high"] <= empathy["anytime_high"]


def test_at_base_rate_1_nothing_is_certain_before_all_is_reviewed(make_queue):
    queue = make_queue({"base_rate": 1.0})
    queue.push({f"T-{number}": 10 * (number % 11) for number in range(60)})
    queue.review(15)
    assert queue.report()["empathy"]["status"] == "too_few_reviews"
    queue.review(15)
    found = queue.report()

    assert_honest(found, mean(queue.points.values()))
    assert found["empathy"]["high"] - found["empathy"]["low"] > 10
    assert (found["sample"]["drawn"], found["sample"]["waiting"]) == (60, 30)
    queue.review()
    finished = queue.report()["empathy"]
    assert finished["low"] == finished["estimate"] == finished["high"]
    assert finished["estimate"] == pytest.approx(mean(queue.points.values()), abs=0.06)


def test_the_number_holds_while_alarming_ones_are_reviewed_first(make_queue):
    policy = {"base_rate": 0.4, "terms": [{"when": "low_csat", "below": 3, "rate": 0.9}]}
    queue = make_queue(policy)
    csat = {f"T-{number}": 1 if number % 8 == 0 else 5 for number in range(160)}
    queue.push(
        {key: 50 if value == 1 else 80 for key, value in csat.items()},
        outcome={key: {"csat": value} for key, value in csat.items()},
    )
    drawn, truth = queue.report()["sample"]["drawn"], mean(queue.points.values())
    for reviews in (drawn * 2 // 3, drawn):
        queue.review(reviews)
        assert_honest(queue.report(), truth)


def test_answers_to_hand_picked_twins_serve_the_draw(make_queue):
    queue = make_queue({"base_rate": 0.5})
    queue.push({f"T-{number}": 30 if number < 20 else 90 for number in range(80)})
    queue.pick(f"T-{number}" for number in range(20))
    queue.review()
    found = queue.report()

    assert queue.reviews("queued") == queue.reviews("claimed") == []
    assert found["sample"]["waiting"] == 0
    assert found["sample"]["reviewed"] == found["sample"]["drawn"] == found["sample"]["counted"]
    assert_honest(found, 75.0)
    submitted = queue.reviews("submitted")
    twins = [
        each for each in submitted if each["interaction"]["external_id"] in {f"T-{n}" for n in range(20)}
    ]
    assert len(twins) > 20


def test_history_is_drawn_when_the_first_policy_comes(make_queue):
    queue = make_queue(None)
    queue.push({f"A-{number}": 20 + number % 2 for number in range(40)})
    queue.put_in_force("sampling_policy", "default", {"base_rate": 0.6})
    queue.push(
        {f"B-{number}": 80 if number % 2 else 90 for number in range(60)}, at=BEGAN + timedelta(days=1)
    )
    wait_until(lambda: queue.ask("select distinct rate from interaction_facts") == [(0.6,)])
    queue.review()
    found = queue.report()

    assert (found["scored"], found["sample"]["undrawable"]) == (100, 0)
    assert_honest(found, 0.4 * 20 + 0.6 * 85)


def test_a_review_of_words_that_are_gone_is_outdated_and_waits_again(make_queue):
    queue = make_queue({"base_rate": 1.0})
    keys = [f"T-{number}" for number in range(12)]
    queue.push(dict.fromkeys(keys, 100))
    skipped = queue.claim()
    assert (
        queue.reviewer.post(f"/v1/reviews/{skipped['id']}/skip", json={"reason": "other"}).status_code == 200
    )
    queue.review(10)
    [open_] = queue.reviews("queued")
    before = {each["interaction"]["external_id"]: each for each in queue.reviews("submitted")}
    drawn = queue.drawn_as()
    queue.push(dict.fromkeys(keys, 0), words="No, never.")
    found = queue.report()

    assert found["sample"] | {"outdated": 11, "waiting": 12, "reviewed": 0, "skipped": 0} == found["sample"]
    assert found["empathy"]["estimate"] is None or found["empathy"]["status"] == "unverified"
    agreement = queue.manager.get(f"{CLIENT}/reports/agreement?from=2026-06-01&to=2026-08-31")
    assert agreement.json["double_scored"] == 0
    assert len(queue.reviews("queued")) == 12
    assert open_["id"] in {each["id"] for each in queue.reviews("queued")}
    assert queue.drawn_as() == drawn
    assert {each["id"] for each in queue.reviews("outdated")} >= {each["id"] for each in before.values()}
    superseded = "select count(*) from evaluations where kind = 'human' and superseded_at is not null"
    assert queue.ask(superseded) == [(10,)]
    queue.review()
    assert queue.report()["empathy"]["estimate"] == 0
    # Words that change again outdate a second review of the same interactions.
    queue.push(dict.fromkeys(keys, 50), words="Perhaps.")
    again = queue.report()["sample"]
    assert (len(queue.reviews("outdated")), again["outdated"], again["waiting"]) == (23, 12, 12)
    queue.review()
    again = queue.report()["sample"]
    assert (again["outdated"], again["reviewed"], again["drawn"]) == (12, 12, 12)


def test_words_that_are_pushed_again_unchanged_outdate_nothing(make_queue):
    queue = make_queue({"base_rate": 1.0})
    points = {f"T-{number}": 10 * (number % 11) for number in range(12)}
    queue.push(points)
    queue.review()
    queue.push(points, priority=dict.fromkeys(points, "urgent"))

    assert queue.reviews("outdated") == []
    assert queue.report()["sample"]["reviewed"] == 12


def test_submitting_on_words_that_changed_conflicts_until_the_new_ones_are_claimed(make_queue):
    queue = make_queue({"base_rate": 1.0})
    queue.push({"T-0": 70})
    claimed = queue.claim()
    queue.push({"T-0": 70}, words="I am sorry.")

    refused = queue.submit(claimed)
    assert (refused.status_code, refused.json["code"]) == (409, "conversation_changed")
    again = queue.claim()
    assert again["id"] == claimed["id"]
    assert again["turns"][1]["text"] == "I am sorry."
    assert queue.submit(again).status_code == 200


def test_reviews_move_with_an_interaction_that_is_pushed_with_another_start(make_queue):
    queue = make_queue({"base_rate": 1.0})
    june, july = (datetime.fromisoformat(f"2026-{month}-05T09:00:00+00:00") for month in ("06", "07"))
    points = {f"T-{number}": 10 * (number % 11) for number in range(12)}
    queue.push(points, at=june, outcome={key: {"csat": 5} for key in points})
    queue.review()
    queue.push(points, at=july, outcome={key: {"csat": 5} for key in points})

    found, gone = queue.report("2026-07-01", "2026-07-31"), queue.report("2026-06-01", "2026-06-30")
    assert gone["scored"] == gone["reviewed"] == 0
    # Turns carry times: other times are other words, and the interaction waits again in July.
    assert found["sample"]["outdated"] + found["sample"]["reviewed"] == 12
    assert found["sample"]["drawn"] == 12


def test_the_width_to_come_counts_what_arrived_after_the_last_review_too(make_queue):
    queue = make_queue({"base_rate": 0.5})
    queue.push({f"T-{number}": 10 * (number % 11) for number in range(20)})
    queue.review(5)
    queue.push({f"U-{number}": 10 * (number % 11) for number in range(80)})
    before = queue.report()["sample"]
    assert before["unreached"] == 80
    queue.review(6)
    after = queue.report()["sample"]

    assert after["unreached"] == 0
    assert before["expected_width"] == after["expected_width"] > 0
