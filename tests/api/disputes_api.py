"""A desk of disputes for tests: published evaluations, agents, managers and a client's people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from qm.disclosure import MIN_SHOWN
from qm.reviews.models import Evaluation
from tenants.models import User
from tests.api.review_api import GOOD, ReviewFixture

DISPUTES = ("clients:read", "disputes:read", "disputes:write")
NO = {"value": "no", "evidence": [{"turn": 0}]}
HEARD_NO = {"question": "hears", "proposed": {"value": "no"}, "comment": "I did not."}
CHECKED = {"question": "checks", "proposed": {"value": "yes"}, "comment": "I checked in turn 2."}


@dataclass
class DisputeDesk:
    """What a test of disputes needs."""

    reviews: ReviewFixture

    def evaluation(self, **changes: Any) -> str:
        """Draw, claim and submit by a new reviewer; return the id of the published evaluation."""
        reviewer = self.reviews.reviewer()
        self.reviews.drawn(**{"started_at": self.ended_month, **changes})
        claimed = reviewer.post("/v1/reviews/next").json
        self.reviewer, self.review = reviewer, claimed["id"]
        done = reviewer.post(f"/v1/reviews/{claimed['id']}/submit", json={"answers": GOOD})
        assert done.status_code == 200, done.json
        return done.json["evaluation"]["id"]

    def caller(self, role: str, *slugs: str, scopes: tuple[str, ...] = DISPUTES, **values: Any) -> Any:
        user = self.reviews.person(role, *slugs)
        with self.reviews.provider.session() as session:
            kept = session.get_one(User, (user.tenant_id, user.user_id))
            for name, value in values.items():
                setattr(kept, name, value)
        caller = self.reviews.provider.caller(*scopes, user=user)
        caller.user = user
        return caller

    def agent(self, external_id: str = "a-7", **values: Any) -> Any:
        return self.caller("agent", scopes=(*DISPUTES, "reviews:own"), agent=external_id, **values)

    def manager(self, role: str = "qm_manager", *slugs: str) -> Any:
        scopes = (*DISPUTES, "interactions:read", "reviews:read", "reviews:write", "reports:read")
        return self.caller(role, *slugs, scopes=scopes)

    @property
    def ended_month(self) -> datetime:
        """A moment of a month that has ended, of which a client's people may read."""
        return self.reviews.now - timedelta(days=40)

    def stakeholder(self, slug: str = "northwind") -> Any:
        """Return one of the client's people, and make its month large enough to be read."""
        for _ in range(MIN_SHOWN):
            self.reviews.interaction(slug, started_at=self.ended_month)
        return self.caller("client_stakeholder", slug, scopes=(*DISPUTES, "reports:read"))

    def settings(self, **rules: Any) -> None:
        admin = self.reviews.provider.caller("clients:write", "clients:read")
        sent = admin.patch("/v1/clients/northwind", json={"settings": {"disputes": rules}})
        assert sent.status_code == 200, sent.json

    def published(self, evaluation: str, at: Any, created_at: Any = None) -> None:
        """Move the publication of an evaluation, and when it was made."""
        moved = {"published_at": at, "created_at": created_at or at}
        with self.reviews.provider.session() as session:
            session.execute(update(Evaluation).where(Evaluation.evaluation_id == evaluation).values(**moved))


def opened(caller: Any, evaluation: str, *answers: Any) -> Any:
    return caller.post(f"/v1/evaluations/{evaluation}/disputes", json={"answers": list(answers) or [CHECKED]})


def decided(caller: Any, dispute: str, *answers: Any, **more: Any) -> Any:
    body = {"answers": list(answers), "comment": "We listened again.", **more}
    return caller.post(f"/v1/disputes/{dispute}/decide", json=body)


def outcome(question: str, said: str, answer: Any = None) -> dict[str, Any]:
    return {"question": question, "outcome": said, "answer": answer}
