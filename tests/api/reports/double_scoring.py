"""Double-scored interactions (human and automatic evaluation), inserted directly into the tables."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from qm.interactions.models import Interaction
from qm.reviews.models import Evaluation, Review
from scorecards.authoring import versions
from scorecards.definitions.form import Answer, Form
from scorecards.scoring.scoring import FormScore, score

START = datetime(2026, 7, 1, 9, tzinfo=UTC)
JULY = "from=2026-07-01&to=2026-07-28"
SCORECARD = {
    "key": "care",
    "name": "Care",
    "sections": [
        {
            "key": "listen",
            "name": "Listen",
            "questions": [
                {"key": "hears", "text": "Heard?", "kind": "yes_no", "na_allowed": True},
                {
                    "key": "tone",
                    "text": "How warm?",
                    "kind": "scale",
                    "options": [
                        {"key": "warm", "label": "Warm", "value": 1},
                        {"key": "plain", "label": "Plain", "value": 0.5},
                        {"key": "cold", "label": "Cold", "value": 0},
                    ],
                },
                {"key": "remark", "text": "Anything else?", "kind": "text"},
            ],
        }
    ],
}


def said(question: str, value: Any, **more: Any) -> dict[str, Any]:
    """Return a person's answer; None is N/A."""
    body = {"question": question, "value": value, "na": value is None, "reasons": [], "note": ""}
    return body | {"evidence": [{"turn": 2}, {"turn": 1, "start": 0, "end": 4}]} | more


def judged(question: str, value: Any, **more: Any) -> dict[str, Any]:
    """Return the machine's answer; None is N/A."""
    body = said(question, value, evidence=[{"turn": 3}], confidence=0.8, reason="No wording found.")
    return body | {"clause": None, "abstained": False} | more


def abstained(question: str) -> dict[str, Any]:
    return judged(question, None, na=False, abstained=True, confidence=0.0)


@dataclass
class Pairs:
    """Writes pairs of evaluations of one client."""

    provider: Any
    slug: str = "northwind"
    number: int = field(default=0)
    forms: dict[uuid.UUID, Form] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = self.provider.clients[self.slug]
        self.version = self.publish(SCORECARD)

    @property
    def owner(self) -> dict[str, Any]:
        return {"tenant_id": self.client.tenant_id, "client_id": self.client.client_id}

    def publish(self, body: Any) -> uuid.UUID:
        with self.provider.session() as session:
            made, _ = versions.put_in_force(
                session, self.client, kind="scorecard", key=body["key"], body=body
            )
            self.forms[made.definition_id] = Form.from_body(body)
            return made.definition_id

    def add(self, times: int, human: Any, machine: Any, **given: Any) -> list[uuid.UUID]:
        """Store so many interactions with these answers (or scores); returns their ids, oldest first."""
        with self.provider.session() as session:
            return [self._add(session, human, machine, given) for _ in range(times)]

    def _add(self, session: Any, human: Any, machine: Any, given: Any) -> uuid.UUID:
        self.number += 1
        interaction_id, review_id = uuid.uuid4(), uuid.uuid4()
        at = given.get("at", START)
        details = {name: given[name] for name in ("team", "site") if name in given}
        columns = {"channel": "chat", "language": "en", "queue": None, "program": None}
        session.execute(
            insert(Interaction).values(
                **self.owner,
                **columns | {name: given[name] for name in columns if name in given},
                interaction_id=interaction_id,
                external_id=f"T-{self.number}",
                started_at=at,
                priority="normal",
                state="scored",
                agent="a-7",
                agent_details=details,
                turns=[],
                status=[],
                outcome={},
                details={},
                digest=b"",
            )
        )
        one = self._evaluation(session, interaction_id, "human", human, given)
        self._evaluation(session, interaction_id, "automatic", machine, given)
        targeted = given.get("targeted", False)
        session.execute(
            insert(Review).values(
                **self.owner,
                review_id=review_id,
                interaction_id=interaction_id,
                evaluation_id=one,
                state=given.get("state", "submitted"),
                targeted=targeted,
                reasons=[],
                draft=[],
                inclusion_probability=None if targeted else given.get("p", 0.5),
                draw=None if targeted else given.get("p", 0.5) / 2,
                started_at=at,
                reviewer_id=given.get("reviewer_id"),
            )
        )
        return interaction_id

    def _evaluation(
        self, session: Any, interaction_id: Any, kind: str, answers: Any, given: Any
    ) -> uuid.UUID:
        evaluation_id, version = uuid.uuid4(), given.get(f"{kind}_version", self.version)
        found = self._scored(version, answers, given) if isinstance(answers, list) else None
        session.execute(
            insert(Evaluation).values(
                **self.owner,
                interaction_id=interaction_id,
                evaluation_id=evaluation_id,
                kind=kind,
                answers=answers if found else [],
                score=found.total if found else answers,
                versions=given.get("versions", {}) if kind == "automatic" else {},
                sections={},
                findings=given.get("findings", {}) if kind == "automatic" else {},
                critical=[],
                empathy=found.empathy if found else None,
                scorecard_id=version,
                created_at=START + timedelta(minutes=self.number),
                override_reasons=given.get("why", {}) if kind == "human" else {},
            )
        )
        return evaluation_id

    def _scored(self, version: uuid.UUID, answers: Any, given: Any) -> FormScore:
        read = {each["question"]: Answer.from_json(each) for each in answers}
        return score(self.forms[version], read, channel=given.get("channel", "chat"), intent=None)
