"""Every address that can be read: whoever is shown what the machine said is noted as having seen it."""

import pytest
from sqlalchemy import insert, select, update

from qm.facts.models import InteractionFacts
from qm.reviews.models import Evaluation, Review
from qm.reviews.readings import EvaluationReading
from tenants.roles import ROLES
from tests.api.review_api import GOOD, MACHINE, ReviewFixture

SCORES = {"waiting": 41.5, "undrawn": 42.5, "reviewed": 43.5}


class Judged:
    """Three interactions whose machine's scores and reasons occur nowhere else."""

    def __init__(self, provider):
        self.desk, self.provider = ReviewFixture(provider), provider
        self.desk.publish("northwind")
        self.rows, self.evaluations = {}, {}
        for name in SCORES:
            self.rows[name] = self.desk.interaction(agent_details={"name": "Ada", "team": "Blue"})
            self.evaluations[name] = self.desk.judged(self.rows[name]).evaluation_id
        waiting = self.desk.review_of(self.rows["waiting"])
        self._make_recognizable()
        picked = self._review("reviewed")
        self.reviews = {"waiting": waiting.review_id, "reviewed": picked}

    def _make_recognizable(self):
        with self.provider.session() as session:
            for name, score in SCORES.items():
                answers = [{**each, "confidence": 0.95, "reason": self.reason(name)} for each in MACHINE]
                answers[1]["value"] = "well"
                of_this = Evaluation.evaluation_id == self.evaluations[name]
                changed = {"answers": answers, "score": score, "empathy": 100.0}
                session.execute(update(Evaluation).where(of_this).values(**changed))
                session.execute(insert(InteractionFacts).values(**self._facts(name, score)))

    def _facts(self, name, score):
        row = self.rows[name]
        zeros = {
            column.name: {int: 0, float: 0.0, str: ""}.get(column.type.python_type)
            for column in InteractionFacts.__table__.columns
            if not column.nullable
        }
        known = {
            **self.desk._ids(row),
            "score": score,
            "empathy": 100.0,
            "judged": 1,
            "scored": 1,
            "charged": 1,
            "sampled": int(name != "undrawn"),
            "clocks": [],
            "channel": "chat",
            "agent": "a-7",
            "day": row.started_at.date(),
            "started_at": row.started_at,
            "drawable_since": row.started_at,
        }
        return {**{key: value for key, value in zeros.items() if value is not None}, **known}

    def _review(self, name):
        review = self.desk.review_of(self.rows[name], hours_ago=2)
        reviewer = self.desk.reviewer()
        assert reviewer.post("/v1/reviews/next").json["id"] == str(review.review_id)
        path = f"/v1/reviews/{review.review_id}"
        answers = [{**each, "value": "badly"} if each["question"] == "how" else each for each in GOOD]
        assert reviewer.post(f"{path}/submit", json={"answers": answers}).status_code == 200
        with self.provider.session() as session:
            session.execute(update(Review).values(draw=0.01))
        return review.review_id

    @staticmethod
    def reason(name):
        return f"zeugma-{name}"

    def shown_in(self, answer):
        return {name for name, score in SCORES.items() if str(score) in answer or self.reason(name) in answer}

    def noted(self, user):
        """Return of what it was noted that this person has seen it."""
        names = {row.interaction_id: name for name, row in self.rows.items()}
        with self.provider.session() as session:
            seen = session.scalars(select(EvaluationReading).where(EvaluationReading.user_id == user.user_id))
            return {names[each.interaction_id] for each in seen}

    def addresses(self, app):
        """Yield every address that can be read, with each of the three in it."""
        day = self.rows["undrawn"].started_at.date().isoformat()
        asked = {
            "overrides": f"from={day}&to={day}",
            "export_rows": "kind=evaluations",
            "interactions_shown": "show=evaluations",
        }
        for rule in app.url_map.iter_rules():
            if "GET" not in rule.methods or (
                not rule.rule.startswith("/v1") and "console." not in rule.endpoint
            ):
                continue
            for name, row in self.rows.items():
                ids = {
                    "client": "northwind",
                    "interaction_id": row.interaction_id,
                    "external_id": row.external_id,
                    "evaluation_id": self.evaluations[name],
                    "review_id": self.reviews.get(name),
                    "key": "care",
                    "scorecard": "care",
                    "question": "how",
                }
                if rule.arguments - {given for given, value in ids.items() if value}:
                    continue
                path = rule.build(ids, append_unknown=False)[1]
                yield path
                yield from (f"{path}?{more}" for end, more in asked.items() if rule.endpoint.endswith(end))
                if not rule.arguments & {"interaction_id", "external_id", "evaluation_id", "review_id"}:
                    break


@pytest.mark.parametrize("role", ["reviewer", "qm_manager"])
def test_what_the_machine_said_is_shown_nowhere_without_a_note(app, provider, visitor, role):
    judged = Judged(provider)
    shown, unnoted, user = set(), set(), None

    for path in sorted(set(judged.addresses(app))):
        if user is None:
            user = judged.desk.person(role)
            pages, calls = visitor(user=user), provider.caller(*ROLES[role], user=user)
        answer = (calls if path.startswith("/v1") else pages).get(path)
        # Pictures and PDF hold figures of whole periods.
        is_text = answer.mimetype not in {"image/png", "application/pdf"}
        seen = judged.shown_in(answer.text) if answer.status_code == 200 and is_text else set()
        noted = judged.noted(user)
        shown |= seen
        unnoted |= {f"{path}: {name}" for name in seen - noted}
        user = None if noted else user  # the next one has seen nothing yet

    assert shown
    assert sorted(unnoted) == []


@pytest.mark.parametrize("way", ["interactions", "kudos-proposals"])
def test_who_saw_a_score_in_a_list_does_not_judge_what_they_pick(provider, way):
    judged = Judged(provider)
    user = judged.desk.person("qm_manager")
    manager = provider.caller(*ROLES["qm_manager"], user=user)
    undrawn = judged.rows["undrawn"]
    shown = manager.get(f"/v1/clients/northwind/{way}").json["data"]

    assert str(undrawn.interaction_id) in {str(each.get("interaction", each.get("id"))) for each in shown}
    assert manager.post(f"/v1/interactions/{undrawn.interaction_id}/reviews").status_code == 201
    offered = manager.post("/v1/reviews/next")
    assert offered.json["interaction"]["external_id"] == judged.rows["waiting"].external_id
