"""A provider's review desk for tests: a scorecard in force, interactions, reviews, evaluations, reviewers."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Thread
from typing import Any

from qm.interactions.models import Interaction
from qm.reviews.evaluations import evaluation_columns
from qm.reviews.models import Evaluation, Review
from scorecards.authoring import versions
from scorecards.definitions.form import Form, read_answers
from scorecards.scoring.scoring import score

SCORECARD = {
    "key": "care",
    "name": "Care",
    "pass_mark": 70,
    "bands": [{"name": "Good", "from": 70}, {"name": "Coach", "from": 0}],
    "sections": [
        {
            "key": "listen_validate",
            "name": "Listen",
            "pillar": "listen_validate",
            "weight": 3,
            "questions": [
                {"key": "hears", "text": "Heard?", "kind": "yes_no", "na_allowed": True},
                {
                    "key": "how",
                    "text": "How?",
                    "kind": "single",
                    "options": [
                        {"key": "well", "label": "Well", "value": 1},
                        {"key": "badly", "label": "Badly", "value": 0},
                    ],
                    "show_when": {"question": "hears", "options": ["yes"]},
                },
            ],
        },
        {
            "key": "process",
            "name": "Process",
            "weight": 1,
            "questions": [{"key": "checks", "text": "Checked?", "kind": "yes_no"}],
        },
    ],
}
FORM = Form.from_body(SCORECARD)
TURNS = [
    {"speaker": "customer", "text": "Where is my order?", "at": "2026-03-02T10:00:00Z"},
    {
        "speaker": "agent",
        "text": "I can hear how maddening this is.",
        "at": "2026-03-02T10:01:00Z",
        "agent": "a-7",
    },
]
PLACE = [{"turn": 1, "start": 0, "end": 10}]
GOOD = [
    {"question": "hears", "value": "yes", "evidence": PLACE},
    {"question": "how", "value": "well", "evidence": PLACE},
    {"question": "checks", "value": "no", "evidence": [{"turn": 0}]},
]
MACHINE = [
    {
        "question": "hears",
        "value": "yes",
        "na": False,
        "confidence": 0.9,
        "evidence": [],
        "reason": "",
        "clause": None,
        "abstained": False,
    },
    {
        "question": "how",
        "value": "badly",
        "na": False,
        "confidence": 0.4,
        "evidence": [],
        "reason": "",
        "clause": None,
        "abstained": False,
    },
    {
        "question": "checks",
        "value": None,
        "na": False,
        "confidence": 0.0,
        "evidence": [],
        "reason": "",
        "clause": None,
        "abstained": True,
    },
]
REVIEWING = ("clients:read", "interactions:read", "reviews:read", "reviews:write")


@dataclass
class ReviewFixture:
    """What a test of reviews needs of one provider."""

    provider: Any
    numbers: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        self.now = datetime.now(UTC)
        self.scorecards: dict[str, Any] = {}

    def publish(self, slug: str, body: Any = SCORECARD) -> Any:
        with self.provider.session() as session:
            made, _ = versions.put_in_force(
                session, self.provider.clients[slug], kind="scorecard", key=body["key"], body=body
            )
        self.scorecards[slug] = made
        return made

    def interaction(self, slug: str = "northwind", **changes: Any) -> Interaction:
        client = self.provider.clients[slug]
        values = {
            "external_id": f"T-{next(self.numbers)}",
            "channel": "chat",
            "language": "en",
            "priority": "normal",
            "agent": "a-7",
            "agent_details": {"name": "Ada"},
            "started_at": self.now - timedelta(days=1),
            "turns": TURNS,
            "status": [],
            "outcome": {},
            "details": {},
            "digest": b"",
            "state": "scored",
        } | changes
        made = Interaction(tenant_id=client.tenant_id, client_id=client.client_id, **values)
        with self.provider.session() as session:
            session.add(made)
        return made

    def judged(self, interaction: Interaction, slug: str = "northwind") -> Evaluation:
        """Add the machine's evaluation."""
        result = score(FORM, read_answers(MACHINE), channel="chat", intent=None)
        row = evaluation_columns(
            kind="automatic",
            scorecard_id=self.scorecards[slug].definition_id,
            versions={},
            answers=MACHINE,
            score=result,
            findings={"sentiment": {"charged": True}},
        )
        made = Evaluation(**self._ids(interaction), **row)
        with self.provider.session() as session:
            session.add(made)
        return made

    def drawn(self, slug: str = "northwind", *reasons: str, hours_ago: float = 1, **changes: Any) -> Review:
        """Add an interaction, judged by the machine and drawn for review."""
        interaction = self.interaction(slug, **changes)
        if slug in self.scorecards:
            self.judged(interaction, slug)
        return self.review_of(interaction, *reasons, hours_ago=hours_ago)

    def review_of(self, interaction: Interaction, *reasons: str, hours_ago: float = 1) -> Review:
        """Add a sampled review; of several, those of longer ago have the smaller ranks."""
        made = Review(
            **self._ids(interaction),
            reasons=list(reasons) or ["base_rate"],
            inclusion_probability=0.25,
            draw=0.1 - hours_ago / 10_000,
            started_at=interaction.started_at,
            created_at=self.now - timedelta(hours=hours_ago),
        )
        with self.provider.session() as session:
            session.add(made)
        return made

    def person(self, role: str = "reviewer", *slugs: str) -> Any:
        return self.provider.add_user(role, *slugs, email=f"{role}-{next(self.numbers)}@example.com")

    def reviewer(self, role: str = "reviewer", *slugs: str) -> Any:
        """Return a caller who reviews; its `user` is the person."""
        user = self.person(role, *slugs)
        caller = self.provider.caller(*REVIEWING, user=user)
        caller.user = user
        return caller

    def stored(self, review_id: Any) -> Review:
        with self.provider.session() as session:
            return session.get_one(Review, (self.provider.tenant.tenant_id, review_id))

    @staticmethod
    def _ids(interaction: Interaction) -> dict[str, Any]:
        return {name: getattr(interaction, name) for name in ("tenant_id", "client_id", "interaction_id")}


def pointers(answer):
    return sorted((fault["pointer"], fault["code"]) for fault in answer.json["errors"])


def fresh(review_fixture, caller):
    """Return the caller with a test client of its own, for another thread."""
    return type(caller)(review_fixture.provider.http.application.test_client(), caller.key)


def run_together(*works):
    threads = [Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
