"""However reviews, disputes, decisions, corrections and voids follow each other, only what stands counts.

Conversations are pushed and judged by the real scoring job, drawn, reviewed, published, disputed and decided.
Whatever happened, every number equals that of a new provider with the shortest history that leads to the same
evaluations: the daily sums, the sample behind the estimates, the estimates, agreement, and what models learn.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import func, or_, select, update

from qm.facts.models import DailyRollup
from qm.facts.rollups import rollup_differences
from qm.interactions.models import Interaction
from qm.reports.report_request import Period, ReportRequest
from qm.reports.reviewed_sample import load_reviewed_sample
from qm.reviews.models import Evaluation, Review
from scorecards.authoring.bundle_import import load_bundle
from scorecards.authoring.version_queries import newest_version
from scorecards.definitions.form import Form, read_answers
from scorecards.scoring.scoring import score, shown_questions
from tenants.models import User
from tenants.roles import ROLES
from workers import context as worker_context
from workers.definitions_cache import DefinitionsCache
from workers.scoring.job import score_tenant
from workers.training.dataset import read_dataset

BUNDLE = """
qm_bundle: 1
scorecards: [{key: care, name: Care, template: empathy}]
sampling_policy: {base_rate: 1}
"""
BEGAN = datetime(2026, 7, 1, 9, tzinfo=UTC)
PERIOD = "from=2026-07-01&to=2026-07-31"
NAMES = ("one", "two", "three")
MORE = tuple(f"more-{number}" for number in range(10))
SPOKEN = (
    ("customer", "My parcel is two weeks late and I'm really frustrated."),
    ("agent", "I can see how frustrating two weeks of waiting is. I've sent a new one today."),
    ("customer", "Great, thank you!"),
    ("agent", "You're welcome, take care."),
)
CORRECTED = (SPOKEN[0], ("agent", "Sorry to hear that."), *SPOKEN[2:])
SCOPES = ("clients:read", "interactions:read", "reviews:read", "reviews:write", "disputes:read")
SCOPES = (*SCOPES, "disputes:write", "reports:read")
MAYBE = frozenset({200, 201, 202, 204, 403, 404, 409, 422})


@dataclass
class World:
    """A provider with three conversations, and everything that may happen to them."""

    provider: Any
    numbers: int = 0
    disputes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = self.provider.clients["northwind"]
        with self.provider.session() as session:
            load_bundle(session, self.client, text=BUNDLE)
            wanted = {"client_id": self.client.client_id, "kind": "scorecard", "key": "care"}
            self.form = Form.from_body({**newest_version(session, **wanted).body, "key": "care"})
        admin = self.provider.caller("clients:write", "clients:read")
        admin.patch("/v1/clients/northwind", json={"settings": {"publish_evaluations": {"when": "weekly"}}})
        self.managers = [self.person("qm_manager"), self.person("admin")]
        self.agent = self.person("agent", agent="a-7")
        self.pusher = self.provider.caller("interactions:write", "interactions:read")
        self.possible = [
            key
            for key, each in self.form.questions.items()
            if each.kind == "yes_no" and each.na_allowed and not any(one.reasons for one in each.options)
        ]

    def person(self, role: str, agent: str | None = None) -> Any:
        self.numbers += 1
        user = self.provider.add_user(role, email=f"{role}-{self.numbers}@example.com")
        if agent is not None:
            with self.provider.session() as session:
                session.get_one(User, (user.tenant_id, user.user_id)).agent = agent
        caller = self.provider.caller(*(each for each in SCOPES if each in ROLES[role]), user=user)
        caller.user = user
        return caller

    def push(self, name: str, lines: Any = SPOKEN) -> None:
        turns = [
            {"at": (BEGAN + timedelta(seconds=10 * place)).isoformat(), "speaker": who, "text": words}
            for place, (who, words) in enumerate(lines)
        ]
        body = {"external_id": name, "channel": "chat", "queue": name, "started_at": BEGAN.isoformat()}
        body |= {"agent": {"external_id": "a-7"}, "turns": turns}
        sent = self.pusher.post("/v1/clients/northwind/interactions", json=body)
        assert sent.status_code in {200, 201, 202}, sent.json

    def judge(self) -> None:
        while score_tenant(str(self.provider.tenant.tenant_id)):
            pass
        # The draws depend on the ids; here the first name has its turn first.
        with self.provider.session() as session:
            for place, found in enumerate(map(self.interactions().get, (*NAMES, *MORE)), 1):
                drawn = update(Review).where(Review.interaction_id == found, Review.draw.is_not(None))
                session.execute(drawn.values(draw=place / 14))

    def interactions(self) -> dict[str, Any]:
        with self.provider.session() as session:
            found = session.execute(select(Interaction.external_id, Interaction.interaction_id))
            return {row.external_id: row.interaction_id for row in found}

    def answers(self, *wrong: str) -> list[dict[str, Any]]:
        """Return the best answers; to some questions `no`."""
        given: dict[str, Any] = {}
        for key, each in self.form.questions.items():
            best = max(each.options, key=lambda option: option.value or 0).key if each.options else None
            value = "no" if key in wrong else best
            given[key] = {"question": key, "value": value, "evidence": [{"turn": 1}]}
        shown = shown_questions(self.form, read_answers(given.values()), channel="chat", intent=None)
        return [given[key] for key in shown]

    def words(self, name: str) -> str:
        with self.provider.session() as session:
            wanted = select(Interaction.turns).where(Interaction.external_id == name)
            return str(session.scalars(wanted).one()[1]["text"])

    def standing(self, name: str) -> list[Evaluation]:
        with self.provider.session() as session:
            wanted = select(Evaluation).where(
                Evaluation.interaction_id == self.interactions().get(name),
                Evaluation.kind == "human",
                Evaluation.superseded_at.is_(None),
            )
            return list(session.scalars(wanted.order_by(Evaluation.created_at)))

    # What may happen.

    def submit(self, *wrong: str) -> Any:
        reviewer = self.person("reviewer")
        claimed = reviewer.post("/v1/reviews/next")
        if claimed.status_code != 200 or not claimed.json:
            return None
        body = {"answers": self.answers(*wrong)}
        return reviewer.post(f"/v1/reviews/{claimed.json['id']}/submit", json=body)

    def publish(self, name: str) -> Any:
        for each in self.standing(name):
            sent = self.managers[0].post(f"/v1/evaluations/{each.evaluation_id}/publish")
        return sent if self.standing(name) else None

    def dispute(self, name: str, question: int) -> Any:
        key = self.possible[question]
        for each in self.standing(name)[:1]:
            now = next((said for said in each.answers if said["question"] == key), {})
            proposed = {"value": "no" if now.get("value") == "yes" else "yes"}
            body = {"answers": [{"question": key, "proposed": proposed, "comment": "It was not so."}]}
            sent = self.agent.post(f"/v1/evaluations/{each.evaluation_id}/disputes", json=body)
            self.disputes += [sent.json["id"]] if sent.status_code == 201 else []
            return sent
        return None

    def decide(self, outcome: str) -> Any:
        waiting = [self.managers[0].get(f"/v1/disputes?state={each}") for each in ("open", "appealed")]
        for each in [dispute for found in waiting for dispute in found.json["data"]]:
            said = {"outcome": outcome} | ({"answer": {"na": True}} if outcome == "other" else {})
            body = {
                "answers": [{"question": question, **said} for question in each["questions"]],
                "comment": "We listened again.",
                "evaluation": each["evaluation"],
            }
            sent = [who.post(f"/v1/disputes/{each['id']}/decide", json=body) for who in self.managers]
            return sent[-1]
        return None

    def appeal(self) -> Any:
        address = f"/v1/disputes/{self.disputes[-1]}/appeal" if self.disputes else None
        return address and self.agent.post(address, json={"comment": "Listen again."})

    def withdraw(self) -> Any:
        return self.disputes and self.agent.post(f"/v1/disputes/{self.disputes[-1]}/withdraw")

    def edit(self, name: str, question: int) -> Any:
        for each in self.standing(name)[:1]:
            body = {"answers": self.answers(self.possible[question]), "reason": "A slip."}
            return self.managers[0].post(f"/v1/evaluations/{each.evaluation_id}/versions", json=body)
        return None

    def void(self, name: str) -> Any:
        for each in self.standing(name)[:1]:
            address = f"/v1/evaluations/{each.evaluation_id}/void"
            return self.managers[0].post(address, json={"reason": "The wrong form."})
        return None

    def correct(self, name: str) -> None:
        if name in self.interactions():
            self.push(name, CORRECTED)

    def erase(self, name: str) -> Any:
        return self.pusher.delete(f"/v1/interactions/{self.interactions().get(name)}")

    def happen(self, event: tuple[Any, ...]) -> None:
        sent = getattr(self, event[0])(*event[1:])
        assert not hasattr(sent, "status_code") or sent.status_code in MAYBE, (event, sent.json)

    # What is looked at.

    def histories(self) -> list[dict[str, Any]]:
        """Return what was submitted of the words that are there: first, what stands now, whether changed."""
        with self.provider.session() as session:
            rows = session.execute(
                select(Interaction.external_id, Review)
                .join(Review, Review.interaction_id == Interaction.interaction_id)
                # What was voided is passed over until somebody else answers it.
                .where(or_(Review.state == "submitted", Review.given_back_by != []))
                .order_by(Review.finished_at)
            ).all()
            return [self._history(session, row.external_id, row.Review) for row in rows]

    def _history(self, session: Any, name: str, review: Review) -> dict[str, Any]:
        of_review = (
            Evaluation.interaction_id == review.interaction_id,
            Evaluation.reviewer_id == review.reviewer_id,
            Evaluation.kind == "human",
        )
        versions = session.scalars(select(Evaluation).where(*of_review).order_by(Evaluation.created_at)).all()
        stands = [each for each in versions if each.superseded_at is None]
        return {
            "name": name,
            "first": versions[0].answers if stands else self.answers(),
            "changed": len(versions) > 1,
            "now": stands[0].answers if stands else None,
        }

    def repeat(self, history: dict[str, Any]) -> None:
        """Bring the same about in the shortest way: submit, edit once, void."""
        reviewer, manager = self.person("reviewer"), self.managers[0]
        found, body = self.interactions()[history["name"]], {"user": str(reviewer.user.user_id)}
        with self.provider.session() as session:
            wanted = select(Review.review_id).where(Review.interaction_id == found, Review.state == "queued")
            waiting = session.scalars(wanted).one()
        sent = manager.post(f"/v1/reviews/{waiting}/reassign", json=body)
        assert sent.status_code in {200, 201}, sent.json
        claimed = reviewer.post("/v1/reviews/next").json
        assert claimed["id"] == sent.json["id"]
        address = f"/v1/reviews/{claimed['id']}/submit"
        done = reviewer.post(address, json={"answers": sendable(history["first"])})
        assert done.status_code == 200, done.json
        evaluation = done.json["evaluation"]["id"]
        if history["changed"] and history["now"]:
            for answers in (self.answers(*self.possible[:3]), history["now"]):
                body = {"answers": sendable(answers), "reason": "A slip."}
                edited = manager.post(f"/v1/evaluations/{evaluation}/versions", json=body)
                assert edited.status_code == 201, edited.json
                evaluation = edited.json["id"]
        if history["now"] is None:
            manager.post(f"/v1/evaluations/{evaluation}/void", json={"reason": "The wrong form."})

    def numbers_of_reports(self) -> dict[str, Any]:
        reader = self.managers[0]
        empathy = reader.get(f"/v1/clients/northwind/reports/empathy?{PERIOD}&group_by=queue").json
        agreement = reader.get(f"/v1/clients/northwind/reports/agreement?{PERIOD}").json
        names = ("scorecard", "question", "n", "percent", "alpha", "ac1")
        with self.provider.session() as session:
            assert rollup_differences(session, self.client.client_id) == []
            return {
                "sums": self._sums(session),
                "sample": self._sample(session),
                "learned from": self._learned(session),
                "estimates": [empathy[name] for name in ("scored", "reviewed", "empathy", "pillars")],
                "by queue": {
                    row["value"]: [row[name] for name in ("interactions", "counted", "estimate", "low")]
                    for row in empathy["groups"]
                },
                "agreement": [{name: row[name] for name in names} for row in agreement["questions"]],
            }

    def _sums(self, session: Any) -> Any:
        keys = {*DailyRollup.__table__.primary_key.columns.keys(), "tenant_id", "client_id"}
        counted = [each for each in DailyRollup.__table__.columns if each.name not in keys]
        sums = [func.coalesce(func.sum(each), 0).label(each.name) for each in counted]
        rows = session.execute(select(DailyRollup.queue, *sums).group_by(DailyRollup.queue))
        return {row.queue: tuple(np.round(np.array(row[1:], dtype=float), 6)) for row in rows if any(row[1:])}

    def _sample(self, session: Any) -> Any:
        period = Period(date(2026, 7, 1), date(2026, 7, 31))
        request = ReportRequest(self.client, period, "queue", datetime.now(UTC))
        found = load_reviewed_sample(session, request, "queue", ("empathy", "score"))
        return {
            name: [
                *found.human[:, place].round(6).tolist(),
                *found.machine[:, place].round(6).tolist(),
                found.probability[place],
            ]
            for place, name in enumerate(found.groups)
        }

    def _learned(self, session: Any) -> Any:
        names = {found: name for name, found in self.interactions().items()}
        dataset = read_dataset(
            session, DefinitionsCache(), client=self.client, holdout_key=b"sixteen bytes or more"
        )
        return sorted(
            (
                names[each.interaction_id],
                str(each.probability),
                sorted((key, label.name, str(label.spans)) for key, label in each.labels.items()),
            )
            for each in dataset.evaluations
        )


def sendable(answers: Any) -> list[dict[str, Any]]:
    """Return stored answers as they are sent."""
    names = ("question", "value", "na", "reasons", "note", "evidence")
    return [{name: each[name] for name in names if name in each} for each in answers]


EVENTS = st.one_of(
    st.tuples(st.sampled_from(("submit", "appeal", "withdraw", "judge"))),
    st.tuples(st.just("decide"), st.sampled_from(("keep", "as_proposed", "other"))),
    st.tuples(st.sampled_from(("publish", "void", "correct", "erase")), st.sampled_from(NAMES)),
    st.tuples(st.sampled_from(("dispute", "edit")), st.sampled_from(NAMES), st.integers(0, 1)),
)
_HEALTH = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture
def make_world(make_provider, services):
    """Make worlds; the process of the test is a worker for as long."""
    before = list(worker_context._current)
    worker_context.start(services)
    yield lambda: World(make_provider("northwind"))
    worker_context._current[:] = before


BEGINNING = (("submit",), ("submit",), ("publish", "one"), ("dispute", "one", 0))


def begun(make_world: Any, *more: str) -> World:
    """Return a world in which two of three were reviewed, and an answer about the first is disputed."""
    world = make_world()
    for name in (*NAMES, *more):
        world.push(name)
    world.judge()
    for event in BEGINNING:
        world.happen(event)
    return world


def lived_through(make_world: Any, events: Any) -> World:
    """Return a world in which events have happened."""
    world = begun(make_world)
    for event in events:
        world.happen(event)
    world.judge()
    return world


def holds_a_corrected_one_that_waits(world: World) -> bool:
    """Tell whether something corrected is not reviewed anew.

    It waits from then on, in a shorter history from the beginning, ahead of the others.
    """
    corrected = [name for name in world.interactions() if world.words(name) == CORRECTED[1][1]]
    return not all(world.standing(name) for name in corrected)


def check(make_world: Any, world: World) -> None:
    """Compare a world with the shortest history that leads to the same."""
    shortest = make_world()
    for name in world.interactions():
        shortest.push(name, CORRECTED if world.words(name) == CORRECTED[1][1] else SPOKEN)
    shortest.judge()
    for history in world.histories():
        shortest.repeat(history)

    found, expected = world.numbers_of_reports(), shortest.numbers_of_reports()

    for name, value in expected.items():
        assert found[name] == value, name
    for name in world.interactions():
        for each in world.standing(name):
            said = read_answers(each.answers)
            assert each.score == score(world.form, said, channel="chat", intent=None).total


def test_a_decision_changes_score_sample_agreement_and_labels_together(make_world):
    """And so the comparisons below compare something."""
    world = begun(make_world, *MORE)
    for place in range(len(MORE)):
        world.submit(*world.possible[: place % 3])
    before, score_before = world.numbers_of_reports(), world.standing("one")[0].score

    world.happen(("decide", "as_proposed"))

    after = world.numbers_of_reports()
    assert world.standing("one")[0].score < score_before == 100
    assert before["sample"].keys() == after["sample"].keys()
    assert {name for name, found in before["sample"].items() if after["sample"][name] != found} == {"one"}
    numbers = [found["estimates"][2]["estimate"] for found in (before, after)]
    assert None not in numbers, before["estimates"]
    assert numbers[1] < numbers[0]
    assert [max(each["n"] for each in found["agreement"]) for found in (before, after)] == [12, 11]
    learned = [[name for name, *_ in found["learned from"]] for found in (before, after)]
    assert [name for name in learned[0] if name not in learned[1]] == ["one"]
    assert before["sums"] == after["sums"], "the machine's own figures rest on no person"


@settings(max_examples=2, deadline=None, suppress_health_check=_HEALTH)
@given(events=st.lists(EVENTS, min_size=4, max_size=8))
def test_only_what_stands_counts_in_every_order_of_events(make_world, events):
    note(f"After {BEGINNING}: {events}")
    world = lived_through(make_world, events)
    assume(not holds_a_corrected_one_that_waits(world))
    check(make_world, world)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=_HEALTH)
@given(events=st.lists(EVENTS, min_size=4, max_size=12))
def test_only_what_stands_counts_in_many_orders_of_events(make_world, events):
    note(f"After {BEGINNING}: {events}")
    world = lived_through(make_world, events)
    assume(not holds_a_corrected_one_that_waits(world))
    check(make_world, world)


@pytest.mark.parametrize(
    "events",
    [
        (("decide", "as_proposed"), ("void", "one"), ("submit",)),
        (("decide", "keep"), ("appeal",), ("decide", "other"), ("void", "two")),
        (("correct", "one"), ("decide", "as_proposed"), ("judge",), ("submit",), ("erase", "three")),
    ],
)
def test_only_what_stands_counts_after_what_people_meet(make_world, events):
    check(make_world, lived_through(make_world, events))
