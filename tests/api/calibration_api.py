"""A calibration desk for tests: people of both sides, sessions, and what they answer."""

from dataclasses import dataclass, field
from typing import Any

TAKING_PART = ("clients:read", "calibration:read", "calibration:write")
PLACE = [{"turn": 1, "start": 0, "end": 10}]


def said(hears="yes", how="well", checks="no"):
    """Return answers to the scorecard of these tests; `how` is asked after yes only."""
    found = [{"question": "hears", "value": hears, "evidence": PLACE}]
    if hears == "yes":
        found.append({"question": "how", "value": how, "evidence": PLACE})
    return [*found, {"question": "checks", "value": checks, "evidence": [{"turn": 0}]}]


@dataclass
class Desk:
    """A client's interactions, a manager, two reviewers and a stakeholder; each caller has its `user`."""

    reviews: Any
    callers: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        provider = self.reviews.provider
        for name, role in [
            ("manager", "qm_manager"),
            ("ada", "reviewer"),
            ("ben", "reviewer"),
            ("cleo", "client_stakeholder"),
        ]:
            bound = ("northwind",) if role == "client_stakeholder" else ()
            user = self.reviews.person(role, *bound)
            self.callers[name] = provider.caller(*self.scopes(role), user=user)
            self.callers[name].user = user

    @staticmethod
    def scopes(role):
        more = {
            "qm_manager": ("definitions:read", "definitions:write", "interactions:read", "reviews:read"),
            "reviewer": ("interactions:read", "reviews:read", "reviews:write"),
        }
        return (*TAKING_PART, *more.get(role, ()))

    def __getattr__(self, name):
        return self.callers[name]

    def judged(self, number=6, **changes):
        made = [self.reviews.interaction(**changes) for _ in range(number)]
        for each in made:
            self.reviews.judged(each)
        return made

    def body(self, interactions, *names, **changes):
        people = [str(self.callers[name].user.user_id) for name in names or ("ada", "ben", "cleo")]
        ids = [str(each.interaction_id) for each in interactions]
        return {
            "name": "November",
            "participants": people,
            "source": "picked",
            "interactions": ids,
        } | changes

    def make(self, interactions, *names, **changes):
        body = self.body(interactions, *names, **changes)
        answer = self.manager.post("/v1/clients/northwind/calibrations", json=body)
        assert answer.status_code == 201, answer.json
        return answer.json["id"]

    def answer(self, name, calibration, interaction, answers=None):
        path = f"/v1/calibrations/{calibration}/answers/{interaction.interaction_id}"
        return self.callers[name].put(path, json={"answers": answers or said()})

    def answer_all(self, name, calibration, interactions, answers=None):
        for place, each in enumerate(interactions):
            given = answers(place) if callable(answers) else answers
            assert self.answer(name, calibration, each, given).status_code == 200

    def results(self, name, calibration):
        return self.callers[name].get(f"/v1/calibrations/{calibration}/results")

    def close(self, calibration):
        assert self.manager.post(f"/v1/calibrations/{calibration}/close").status_code == 200
