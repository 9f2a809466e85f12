"""A provider whose agents have reviewed work: what tests of coaching, kudos and libraries need."""

from datetime import timedelta
from itertools import count
from typing import Any

from qm.interactions.models import Interaction
from qm.reviews.evaluations import evaluation_columns
from qm.reviews.models import Evaluation, Review
from scorecards.definitions.form import read_answers
from scorecards.scoring.scoring import score
from tests.api.review_api import FORM, PLACE, ReviewFixture

TURNS = [
    {"speaker": "customer", "text": "This is the third time that you lose my order!"},
    {
        "speaker": "agent",
        "text": "I can hear how maddening this is, and I will stay with it.",
        "agent": "a-7",
    },
    {"speaker": "customer", "text": "Thank you, that helps."},
]


class Coached:
    """Reviewed work of agents at one client."""

    def __init__(self, desk: ReviewFixture, slug: str = "northwind"):
        self.desk, self.provider, self.slug = desk, desk.provider, slug
        self.client = self.provider.clients[slug]
        self.numbers = count(1)

    def work(self, agent: str, *heard: bool, days: float = -10.0, **changes: Any) -> list[Evaluation]:
        """Add reviewed conversations of an agent, so many days from now, one minute after the other."""
        made = []
        with self.provider.session() as session:
            for place, good in enumerate(heard):
                at = self.desk.now + timedelta(days=days, minutes=place)
                interaction = self._interaction(agent, at, changes)
                session.add(interaction)
                session.flush()
                evaluation = self._evaluation(interaction, at, good=good)
                session.add(evaluation)
                session.flush()
                session.add(self._review(interaction, evaluation, at))
                made.append(evaluation)
        return made

    def _ids(self):
        return {"tenant_id": self.client.tenant_id, "client_id": self.client.client_id}

    def _interaction(self, agent, at, changes):
        values = {
            "external_id": f"C-{next(self.numbers)}",
            "channel": "chat",
            "language": "en",
            "priority": "normal",
            "agent": agent,
            "agent_details": {"name": f"Name of {agent}", "team": "Blue"},
            "started_at": at,
            "turns": TURNS,
            "status": [],
            "outcome": {},
            "details": {"handling": {"concurrency": 2}},
            "digest": b"",
            "state": "scored",
        }
        return Interaction(**self._ids(), **(values | changes))

    def _evaluation(self, interaction, at, *, good):
        answers = [
            {"question": "hears", "value": "yes" if good else "no", "na": False, "evidence": PLACE},
            {"question": "checks", "value": "yes", "na": False, "evidence": []},
        ]
        if good:
            answers.insert(1, {"question": "how", "value": "well", "na": False, "evidence": PLACE})
        found = score(FORM, read_answers(answers), channel="chat", intent=None)
        definition = self.desk.scorecards[self.slug]
        row = evaluation_columns(
            kind="human",
            scorecard_id=definition.definition_id,
            versions={},
            answers=answers,
            score=found,
        )
        ids = {**self._ids(), "interaction_id": interaction.interaction_id}
        return Evaluation(**ids, **row, created_at=at, published_at=at)

    def _review(self, interaction, evaluation, at):
        return Review(
            **self._ids(),
            interaction_id=interaction.interaction_id,
            evaluation_id=evaluation.evaluation_id,
            state="submitted",
            reasons=["base_rate"],
            inclusion_probability=0.5,
            draw=0.1,
            started_at=at,
            created_at=at,
            arrived_at=at,
            finished_at=at,
        )

    def plan(self, caller, evaluations, **changes):
        """Send a new plan."""
        body = {
            "client": self.slug,
            "agent": "a-7",
            "scorecard": "care",
            "questions": ["hears"],
            "goal": "Name the feeling first.",
            "evaluations": [str(each.evaluation_id) for each in evaluations],
            "actions": [{"text": "Listen to three calls."}],
            "follow_up_after": 5,
        }
        return caller.post("/v1/coaching", json=body | changes)

    def person(self, role, **profile):
        """Add somebody with a profile; return a caller for them."""
        user = self.desk.person(role, *([self.slug] if role == "client_stakeholder" else []))
        with self.provider.session() as session:
            user = session.merge(user)
            for name, value in profile.items():
                setattr(user, name, value)
        scopes = (
            "clients:read",
            "coaching:read",
            *(() if role == "client_stakeholder" else ("coaching:write",)),
        )
        caller = self.provider.caller(*scopes, user=user)
        caller.user = user
        return caller
