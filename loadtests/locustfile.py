"""Load on a running QM: integrators push, managers read reports, reviewers review.

    QM_KEY=... QM_CLIENT=northwind locust -f loadtests/locustfile.py --host http://127.0.0.1:8000

QM_KEY needs the scopes of a provider's staff. Reviews need a key that belongs to a person:
QM_REVIEWER_KEY; without it nobody reviews.
"""

import itertools
import os
import random
import uuid
from typing import Any

from conversations import interactions, ndjson
from locust import HttpUser, between, task

CLIENT = os.environ.get("QM_CLIENT", "northwind")
KEY = os.environ.get("QM_KEY", "")
REVIEWER_KEY = os.environ.get("QM_REVIEWER_KEY", "")
REPORTS = ("overview", "empathy", "sla")
BULK_SIZE = 200
_RUN = uuid.uuid4().hex[:8]
_numbers = itertools.count()


class _ApiUser(HttpUser):
    abstract = True
    key = KEY

    def on_start(self) -> None:
        self.client.headers["Authorization"] = f"Bearer {self.key}"

    def new_interactions(self, count: int) -> list[dict[str, Any]]:
        number = next(_numbers)
        return interactions(count, seed=number, prefix=f"{_RUN}-{number}-")


class Integrator(_ApiUser):
    """Pushes interactions as they are closed, one at a time, and sometimes in bulk."""

    weight = 6
    wait_time = between(0.1, 0.5)

    @task(20)
    def push_one(self) -> None:
        """Push one interaction."""
        self.client.post(
            f"/v1/clients/{CLIENT}/interactions", json=self.new_interactions(1)[0], name="push one"
        )

    @task(1)
    def push_many(self) -> None:
        """Push an export of another system."""
        self.client.post(
            f"/v1/clients/{CLIENT}/interactions/bulk",
            data=ndjson(self.new_interactions(BULK_SIZE)),
            headers={"Content-Type": "application/x-ndjson"},
            name=f"push {BULK_SIZE}",
        )


class QualityManager(_ApiUser):
    """Reads lists, single interactions and reports."""

    weight = 2
    wait_time = between(1, 5)

    @task(3)
    def read_report(self) -> None:
        """Read one of the reports."""
        report = random.choice(REPORTS)
        self.client.get(f"/v1/clients/{CLIENT}/reports/{report}", name=f"report {report}")

    @task(2)
    def read_list(self) -> None:
        """Read a list, and one interaction of it."""
        filters = random.choice(("", "&channel=chat", "&charged=true", "&score_lt=70"))
        found = self.client.get(f"/v1/clients/{CLIENT}/interactions?limit=50{filters}", name="list")
        if found.ok and found.json()["data"]:
            chosen = random.choice(found.json()["data"])["id"]
            self.client.get(f"/v1/interactions/{chosen}", name="one interaction")


class Reviewer(_ApiUser):
    """Takes the next interaction sampled for review, judges it and submits."""

    weight = 1 if REVIEWER_KEY else 0
    key = REVIEWER_KEY
    wait_time = between(2, 8)

    @task
    def review(self) -> None:
        """Take the next review and submit it."""
        taken = self.client.post("/v1/reviews/next", json={}, name="next review")
        if taken.status_code != 200:  # 204: nothing is queued
            return
        review = taken.json()
        answers = [_answer(question) for question in _questions(review)]
        self.client.post(
            f"/v1/reviews/{review['id']}/submit", json={"answers": answers}, name="submit review"
        )


def _questions(review: dict[str, Any]) -> list[dict[str, Any]]:
    sections = review["scorecard"]["body"]["sections"]
    return [question for section in sections for question in section["questions"]]


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    """Answer a question at random: mostly yes, sometimes not applicable."""
    key = question["key"]
    if question.get("na_allowed") and random.random() < 0.2:
        return {"question": key, "na": True}
    keys = [option["key"] for option in question.get("options") or ()]
    value = (
        random.choice(keys)
        if question["kind"] in {"scale", "single"}
        else random.choice(("yes", "yes", "no"))
    )
    return {"question": key, "value": value, "evidence": [{"turn": 1}]}
