"""Disputes, decisions, edits, voids, corrections, publications and erasures, in every order.

Whatever comes first, the sums equal a rebuild, one version of an evaluation is in force at most, its score is
that of its answers, nothing decided is taught, and every dispute has an answer to its state.
"""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from qm.disputes.answers import score_of
from qm.disputes.models import Dispute, DisputeDecision
from qm.facts.rollups import rollup_differences
from qm.reviews.double_scored import human, sampled, select_submitted_reviews
from qm.reviews.models import Evaluation
from tenants.models import utc_now
from tests.api.disputes_api import CHECKED, HEARD_NO, DisputeDesk, decided, opened, outcome
from tests.api.review_api import FORM, GOOD, TURNS, ReviewFixture

EVENTS = (
    *("dispute", "second_dispute", "decide", "decide_stale", "keep", "appeal", "edit"),
    *("void", "reopen", "unpublish", "publish", "correct", "erase", "acknowledge"),
)


class _World:
    """One interaction with everything that may happen to it; what is refused is refused as it should be."""

    def __init__(self, desk):
        self.desk = desk
        self.agent, self.client = desk.agent(), desk.stakeholder()
        self.managers = [desk.manager(), desk.manager("admin")]
        self.first = desk.evaluation()
        with desk.reviews.provider.session() as session:
            row = session.scalars(select(Evaluation).where(Evaluation.evaluation_id == self.first)).one()
            self.interaction = row.interaction_id
        self.disputes = []

    def standing(self):
        with self.desk.reviews.provider.session() as session:
            wanted = select(Evaluation).where(
                Evaluation.interaction_id == self.interaction,
                Evaluation.kind == "human",
                Evaluation.superseded_at.is_(None),
            )
            return session.scalars(wanted).all()

    def target(self):
        found = self.standing()
        return str(found[0].evaluation_id) if found else self.first

    def happen(self, event):
        sent = getattr(self, f"_{event}")()
        if sent is not None:
            assert sent.status_code in {200, 201, 202, 204, 403, 404, 409, 422}, (event, sent.json)

    def _dispute(self, who=None, answer=CHECKED):
        sent = opened(who or self.agent, self.target(), answer)
        if sent.status_code == 201:
            self.disputes.append(sent.json["id"])
        return sent

    def _second_dispute(self):
        return self._dispute(self.client, HEARD_NO)

    def _waiting(self):
        found = self.managers[0].get("/v1/disputes").json["data"]
        return [each for each in reversed(found) if each["state"] in {"open", "appealed"}]

    def _decided(self, said, *, stale=False):
        for each in self._waiting()[:1]:
            answers = [outcome(question, said) for question in each["questions"]]
            version = self.first if stale else each["evaluation"]
            sent = decided(self.managers[0], each["id"], *answers, evaluation=version)
            # Whoever decided it before, or edited the evaluation, leaves it to somebody else.
            if sent.status_code == 409 and sent.json["code"] in {"decided_before", "own_evaluation"}:
                sent = decided(self.managers[1], each["id"], *answers, evaluation=version)
            if stale and version != each["evaluation"]:
                assert (sent.status_code, sent.json["code"]) == (409, "evaluation_changed")
            return sent
        return None

    def _decide(self):
        return self._decided("as_proposed")

    def _decide_stale(self):
        return self._decided("as_proposed", stale=True)

    def _keep(self):
        return self._decided("keep")

    def _appeal(self):
        if not self.disputes:
            return None
        return self.agent.post(f"/v1/disputes/{self.disputes[0]}/appeal", json={"comment": "Again."})

    def _edit(self):
        answers = [GOOD[0], {**GOOD[1], "value": "badly"}, GOOD[2]]
        address = f"/v1/evaluations/{self.target()}/versions"
        return self.managers[0].post(address, json={"answers": answers, "reason": "A slip."})

    def _void(self):
        return self.managers[0].post(f"/v1/evaluations/{self.target()}/void", json={"reason": "Wrong."})

    def _reopen(self):
        return self.managers[0].post(f"/v1/reviews/{self.desk.review}/reopen")

    def _unpublish(self):
        for each in self.standing():
            self.desk.published(each.evaluation_id, utc_now() + timedelta(days=1), each.created_at)

    def _publish(self):
        return self.managers[0].post(f"/v1/evaluations/{self.target()}/publish")

    def _correct(self):
        pusher = self.desk.reviews.provider.caller("interactions:write", "interactions:read")
        found = pusher.get(f"/v1/interactions/{self.interaction}")
        if found.status_code == 404:
            return None
        began = found.json["started_at"]
        turns = [{**turn, "at": began} for turn in TURNS]
        turns[1] = {**turns[1], "text": "I see how maddening this is."}
        body = {
            "external_id": found.json["external_id"],
            "channel": "chat",
            "started_at": began,
            "turns": turns,
        }
        return pusher.post("/v1/clients/northwind/interactions", json=body)

    def _erase(self):
        pusher = self.desk.reviews.provider.caller("interactions:write")
        return pusher.delete(f"/v1/interactions/{self.interaction}")

    def _acknowledge(self):
        return self.agent.post(f"/v1/evaluations/{self.target()}/acknowledge")

    def check(self):
        standing = self.standing()
        assert len(standing) <= 1
        for each in standing:
            conversation = {"channel": "chat", "intent": None}
            assert each.score == score_of(FORM, each.answers, **conversation).total
        with self.desk.reviews.provider.session() as session:
            client = self.desk.reviews.provider.clients["northwind"]
            assert rollup_differences(session, client.client_id) == []
            made = select(DisputeDecision.evaluation_id).where(DisputeDecision.evaluation_id.is_not(None))
            taught = set(session.scalars(select_submitted_reviews(human.evaluation_id).where(sampled)))
            assert not taught & set(session.scalars(made)), "what was decided is no blind answer"
            gone = session.scalar(select(func.count()).select_from(Dispute)) == 0
        shown = {each["id"]: each for each in self.managers[0].get("/v1/disputes").json["data"]}
        for each in shown.values():
            waits = each["state"] in {"open", "appealed"}
            assert (each["evaluation"] is not None) == bool(standing)
            assert not waits or standing
            assert self.managers[0].get(f"/v1/disputes/{each['id']}").status_code == 200
        assert gone or set(shown) == set(self.disputes)


@pytest.fixture
def fixture_of(make_provider):
    def make():
        provider = make_provider("northwind")
        made = ReviewFixture(provider)
        made.publish("northwind")
        return DisputeDesk(made)

    return make


_IN_ANY_ORDER = st.lists(st.sampled_from(EVENTS), min_size=3, max_size=6)
_HEALTH = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=3, deadline=None, suppress_health_check=_HEALTH)
@given(events=_IN_ANY_ORDER)
def test_in_every_order_of_events_the_numbers_follow(fixture_of, events):
    _check_order(fixture_of, events)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=_HEALTH)
@given(events=_IN_ANY_ORDER)
def test_in_many_orders_of_events_the_numbers_follow(fixture_of, events):
    _check_order(fixture_of, events)


def _check_order(fixture_of, events):
    world = _World(fixture_of())
    world.happen("dispute")
    for event in events:
        world.happen(event)
    world.check()


@pytest.mark.parametrize(
    "events",
    [
        ("dispute", "correct", "decide"),
        ("dispute", "void", "decide", "dispute"),
        ("dispute", "second_dispute", "decide", "decide_stale", "decide"),
        ("dispute", "edit", "decide", "appeal", "decide"),
        ("dispute", "decide", "appeal", "reopen", "decide"),
        ("dispute", "unpublish", "decide", "publish", "acknowledge"),
        ("dispute", "second_dispute", "erase", "decide", "dispute"),
    ],
)
def test_orders_that_people_meet(fixture_of, events):
    world = _World(fixture_of())
    for event in events:
        world.happen(event)
        world.check()
