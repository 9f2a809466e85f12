"""A desk for tests of quality checks: a manager, two reviewers, golden items, and what is answered."""

from dataclasses import dataclass
from typing import Any

from tests.api.review_api import GOOD

OTHER = [{**GOOD[0], "value": "no"}, GOOD[2]]
"""Two questions are answered by both; one of them otherwise than in `GOOD`."""


@dataclass
class QualityDesk:
    """A client that checks its reviewers as often as a test says, by golden items or by second looks."""

    reviews: Any

    def __post_init__(self):
        provider = self.reviews.provider
        user = self.reviews.person("qm_manager")
        scopes = ("clients:read", "clients:write", "interactions:read", "reviews:read", "reviews:write")
        self.manager = provider.caller(*scopes, "reviews:own", "reports:read", user=user)
        self.manager.user = user
        self.ada, self.ben = self.reviews.reviewer(), self.reviews.reviewer()

    def rates(self, golden=0.0, again=0.0):
        settings = {"golden_rate": golden, "re_review_rate": again}
        with self.reviews.provider.session() as session:
            client = session.merge(self.reviews.provider.clients["northwind"])
            client.settings = {**client.settings, **settings}

    def next(self, caller):
        return caller.post("/v1/reviews/next")

    def submit(self, caller, review, answers=GOOD):
        return caller.post(f"/v1/reviews/{review['id']}/submit", json={"answers": answers})

    def work(self, caller, answers=GOOD):
        """Claim and submit; return the review as it was claimed."""
        claimed = self.next(caller)
        assert claimed.status_code == 200
        done = self.submit(caller, claimed.json, answers)
        assert done.status_code == 200, done.json
        return claimed.json

    def reviewed(self, caller, number=1):
        """Have somebody review drawn interactions; return their reviews."""
        for _ in range(number):
            self.reviews.drawn()
        return [self.work(caller) for _ in range(number)]

    def golden(self, number=1):
        """Make golden items of what a third person reviewed."""
        self.rates()
        found = [
            self.manager.post(
                "/v1/clients/northwind/golden-items",
                json={"evaluation": self.reviews_of(review)["evaluation_id"], "note": "Hears the customer."},
            )
            for review in self.reviewed(self.reviews.reviewer(), number)
        ]
        assert {each.status_code for each in found} == {201}, found[0].json
        return [each.json for each in found]

    def reviews_of(self, review):
        return self.manager.get(f"/v1/reviews/{review['id']}").json

    def check(self, caller, answers=None):
        """Claim reviews until one of them is a check, and answer that; return it as it was claimed."""
        for _ in range(40):
            claimed = self.next(caller).json
            is_check = self.reviews_of(claimed)["quality_check"] is not None
            done = self.submit(caller, claimed, (answers or GOOD) if is_check else GOOD)
            assert done.status_code == 200, done.json
            if is_check:
                return claimed
        raise AssertionError("no check was offered")

    def quality(self, caller, user=None, **arguments):
        answer = caller.get("/v1/reviewers/quality", query_string=arguments)
        assert answer.status_code == 200, answer.json
        if user is None:
            return answer.json
        return next(each for each in answer.json["reviewers"] if each["user"]["id"] == str(user.user_id))
