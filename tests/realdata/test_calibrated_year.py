"""A year of a labelled brand through the API: pushed, calibrated, reviewed by scripted people, reported.

Every reviewer has an answer to every question of every dialogue, so how severe they are and what the expert
would say of all dialogues is known. Sessions must recover the one, and the corrected report the other.
"""

import json
from datetime import datetime, timedelta

import numpy as np
import pytest

from qm.calibration.reviewer_severity import load_reviewer_severity
from scorecards.authoring.bundle_import import load_bundle
from scorecards.definitions.form import Form
from scorecards.scoring.scoring import score
from tenants.models import utc_now
from tests.pure.calibration.scripted_reviewers import EXPERT, REVIEWERS, SHARES, answered
from tests.realdata import maia
from tests.realdata.brand_definitions import BRANDS, bundle
from tests.realdata.data_folder import DATA, needed
from tests.realdata.end_to_end import read_labels
from workers import context as worker_context
from workers.scoring.job import score_tenant

pytestmark = [needed("maia"), pytest.mark.slow]
BRAND = next(each for each in BRANDS if each.slug == "client-02-brazilian")
TIMES, RATE, SESSIONS = 4, 0.4, 4
SEED = 11
SCOPES = ("clients:read", "reviews:read", "reviews:write", "interactions:read", "calibration:read")
SCOPES = (*SCOPES, "calibration:write")


def later(payload, name, days):
    """Return a dialogue as another one, that much later."""
    moved = json.loads(json.dumps(payload))
    for each in (moved, *moved["turns"], *moved["status"]):
        for key in ("at", "started_at", "ended_at"):
            if key in each:
                each[key] = (datetime.fromisoformat(each[key]) + timedelta(days=days)).isoformat()
    return moved | {"external_id": name}


class Year:
    """A provider with a year of the brand's dialogues, and what everybody says of each."""

    def __init__(self, provider, services):
        self.provider, self.client = provider, provider.clients["northwind"]
        self.labels = read_labels(DATA / "maia", BRAND)
        loaded = bundle(BRAND) | {"sampling_policy": {"base_rate": RATE}}
        with provider.session() as session:
            load_bundle(session, self.client, text=json.dumps(loaded))
        self.form = Form.from_body(loaded["scorecards"][0])
        self.manager = self._person("qm_manager", 0)
        self.reviewers = [self._person("reviewer", number) for number in range(len(REVIEWERS))]
        generator = np.random.default_rng(SEED)
        self.said, self.dialogue = {}, {}
        payloads = []
        for payload in maia.interactions(self.labels.dialogues):
            for number in range(TIMES):
                name = f"{payload['external_id']}-{number}"
                payloads.append(later(payload, name, 90 * number))
                self.dialogue[name] = payload["external_id"]
                labelled = self.labels.answers[payload["external_id"]]
                truth = {key: each.value for key, each in labelled.items()}
                self.said[name] = [answered(generator, self.form, truth, each) for each in REVIEWERS]
        self._push(payloads, services)

    def _person(self, role, number):
        user = self.provider.add_user(role, email=f"{role}-{number}@example.com")
        caller = self.provider.caller(*SCOPES, user=user)
        caller.user = user
        return caller

    def _push(self, payloads, services):
        pusher = self.provider.caller("interactions:write")
        body = "\n".join(json.dumps(each) for each in payloads)
        sent = pusher.post(
            "/v1/clients/northwind/interactions/bulk", data=body, content_type="application/x-ndjson"
        )
        assert sent.json["rejected"] == 0, sent.json
        before = list(worker_context._current)
        worker_context.start(services)
        while score_tenant(str(self.provider.tenant.tenant_id)):
            pass
        worker_context._current[:] = before

    def answers(self, name, reviewer, turns):
        """Return what a reviewer says of a dialogue, as it is sent."""
        original = self.dialogue[name]
        stored = [turn["text"] for turn in turns]
        found = maia.submission(self.labels.dialogues[original], self.labels.answers[original], stored)
        for body in found:
            said = self.said[name][reviewer][body["question"]]
            body |= {"value": said.value, "na": said.na}
            body["evidence"] = [] if said.na else body["evidence"] or [{"turn": 0}]
        return found

    def calibrate(self):
        days = {"from": "2020-12-01", "to": "2022-06-30", "count": 12}
        people = [str(each.user.user_id) for each in self.reviewers]
        for number in range(SESSIONS):
            body = {
                "name": f"Session {number}",
                "participants": people,
                "draw": days | {"seed": f"{SEED}-{number}"},
                "reference": "expert",
                "expert": people[EXPERT],
            }
            made = self.manager.post("/v1/clients/northwind/calibrations", json=body)
            assert made.status_code == 201, made.json
            for place, reviewer in enumerate(self.reviewers):
                for item in made.json["items"]:
                    path = f"/v1/calibrations/{made.json['id']}/answers/{item['interaction']}"
                    asked = reviewer.get(path).json
                    answers = self.answers(item["external_id"], place, asked["turns"])
                    kept = reviewer.put(path, json={"answers": answers})
                    assert kept.status_code == 200, kept.json
            self.manager.post(f"/v1/calibrations/{made.json['id']}/close")

    def review(self):
        generator = np.random.default_rng(SEED)
        for place in generator.choice(len(REVIEWERS), 10_000, p=SHARES):
            reviewer = self.reviewers[place]
            claimed = reviewer.post("/v1/reviews/next")
            if claimed.status_code == 204:
                return
            review = claimed.json
            answers = self.answers(review["interaction"]["external_id"], place, review["turns"])
            done = reviewer.post(f"/v1/reviews/{review['id']}/submit", json={"answers": answers})
            assert done.status_code == 200, done.json

    def scores(self):
        """Return the score of every dialogue by every reviewer, and the empathy by the expert."""
        scored = [
            [score(self.form, each, channel="chat", intent=None) for each in said]
            for said in self.said.values()
        ]
        expert = [row[EXPERT].empathy for row in scored if row[EXPERT].empathy is not None]
        return np.array([[each.total for each in row] for row in scored], dtype=float), float(np.mean(expert))


def test_a_year_of_scripted_reviewers_is_recovered_and_corrected(make_provider, services):
    year = Year(make_provider("northwind"), services)
    year.calibrate()
    year.review()
    caller = year.provider.caller("reports:read", "clients:read", "clients:write")
    address = "/v1/clients/northwind/reports/empathy?from=2020-12-01&to=2022-06-30"

    plain = caller.get(address).json
    caller.patch("/v1/clients/northwind", json={"settings": {"severity_correction": True}})
    corrected = caller.get(address).json

    scores, truth = year.scores()
    known = np.nanmean(scores - scores[:, [EXPERT]], axis=0)
    with year.provider.session() as session:
        found = load_reviewer_severity(session, year.client, until=utc_now(), now=utc_now())
    for place in range(1, len(REVIEWERS)):
        interval = found.by_measure["score"].interval(found.places[year.reviewers[place].user.user_id])
        found_there = f"{interval.estimate:.1f} ({interval.low:.1f} to {interval.high:.1f})"
        print(f"reviewer {place}: {known[place]:.1f}, found {found_there}")
        assert interval.low <= known[place] <= interval.high
    for name, report in (("plain", plain), ("corrected", corrected)):
        number = report["empathy"]
        said = f"{number['estimate']} ({number['low']} to {number['high']}) of {truth:.1f}"
        print(f"{name}: {said}, {report['reviewed']} reviews")
    assert plain["empathy"]["high"] < truth
    assert corrected["empathy"]["low"] <= truth <= corrected["empathy"]["high"]
    assert corrected["corrected_for_severity"]["by"] > 0
    assert "severity" in corrected["method_note"]
