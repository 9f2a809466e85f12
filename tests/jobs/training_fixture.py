"""Training fixture: reviewed interactions inserted directly, and the trainings that learn from them."""

import itertools
import random
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from qm.interactions.models import Interaction
from qm.reviews.evaluations import evaluation_columns
from qm.reviews.models import Evaluation, Review
from scorecards.authoring import versions
from scorecards.autoscore.models import features
from tenants.models import new_id, utc_now
from tests.waiting import wait_until
from workers.training import answer_model, claims
from workers.training import train as training
from workers.training.fitting import pipeline

CARD = {
    "key": "care",
    "name": "Care",
    "sections": [
        {
            "key": "whole",
            "name": "Whole",
            "questions": [
                {"key": "warm", "text": "Was the agent warm?", "kind": "yes_no"},
                {"key": "offers", "text": "Was something offered?", "kind": "yes_no", "na_allowed": True},
                {"key": "words", "text": "In your words?", "kind": "text", "weight": 0},
            ],
        }
    ],
}
WARM = (
    "Oh dear, what a day you have had!",
    "That must sting, and I am on your side.",
    "You poor thing, I get it.",
)
COLD = ("State your number.", "Processing takes ten days.", "See the terms on the website.")
OFFERS = ("A voucher of ten is on its way.", "Delivery is on us this time.", "Here is a coupon for you.")
PLAIN = ("The parcel is in the depot.", "The form was filed today.", "It is listed under returns.")
ASKS = ("Where is my parcel?", "The kettle leaks.", "I was charged twice.", "Nobody answers my mails.")
SMALL = ("Just saying hello.", "Only testing the chat.")


_FITTED: dict[str, pipeline.Fitted] = {}


def fitted_once(examples, questions, *, seed, version):
    """Fit a model, unless the same has been fitted in this run already."""
    lesson = repr((_lesson(examples), sorted(questions.items()), seed, version))
    if lesson not in _FITTED:
        _FITTED[lesson] = pipeline.fit(examples, questions, seed=seed, version=version)
    return _FITTED[lesson]


def _lesson(examples):
    """Return all that a fit depends on; reviewers have other ids in every provider, and are numbered."""
    numbers = itertools.count()
    reviewers = defaultdict(lambda: next(numbers))
    return [
        (
            each.id,
            sorted(each.case.transcript.plain_turns.items()),
            features.conversation_features(each.case),
            sorted(each.rules.items()),
            [
                (key, label.name, label.spans, reviewers[label.reviewer])
                for key, label in sorted(each.labels.items())
            ],
        )
        for each in examples
    ]


@pytest.fixture
def each_model_fitted_once(monkeypatch):
    """For tests that need models, and are about what is done with them."""
    monkeypatch.setattr(answer_model, "fit", fitted_once)


@dataclass
class TrainingFixture:
    """One provider's clients with reviewers who teach by submitting reviews."""

    provider: object
    slugs: tuple = ("northwind",)
    forms: dict = field(default_factory=dict)
    people: list = field(default_factory=list)
    taught: itertools.count = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self):
        self.people = [self.provider.add_user("reviewer", email=f"r{n}@example.com") for n in range(3)]
        for slug in self.slugs:
            self.publish(CARD, slug)

    def publish(self, card, slug="northwind"):
        with self.provider.session() as session:
            client = self.provider.clients[slug]
            made, _ = versions.put_in_force(session, client, kind="scorecard", key=card["key"], body=card)
        self.forms[slug] = made
        return made

    def teach(self, number=150, slug="northwind", *, answer=None, targeted=False, chance=0.5, seed=1):
        """Store reviewed interactions; people answer by what was said, unless `answer` says otherwise."""
        client, form = self.provider.clients[slug], self.forms[slug]
        dice, now = random.Random(seed), utc_now()
        rows = {Interaction: [], Evaluation: [], Review: []}
        for place in range(number):
            warm, offers, small = dice.random() < 0.5, dice.random() < 0.5, dice.random() < 0.2
            said = conversation(dice, warm, offers, small)
            truth = {"warm": "yes" if warm else "no"}
            truth["offers"] = "n/a" if small else "yes" if offers else "no"
            human = truth if answer is None else {**truth, **answer(truth, place)}
            machine = {"warm": "no", "offers": truth["offers"]}
            own = {"tenant_id": client.tenant_id, "client_id": client.client_id}
            # By its id it is drawn what proves and what teaches: the same in every run.
            own["interaction_id"] = uuid.UUID(f"01a20000-0000-7000-8000-{next(self.taught):012x}")
            rows[Interaction].append(own | interaction_row(said, now - timedelta(seconds=1)))
            mine = {**own, "evaluation_id": new_id(), "created_at": now - timedelta(seconds=0.5)}
            rows[Evaluation].append(mine | _evaluation(form, machine, "automatic", None))
            theirs = {**own, "evaluation_id": new_id(), "created_at": now}
            person = self.people[place % len(self.people)].user_id
            rows[Evaluation].append(theirs | _evaluation(form, human, "human", person))
            rows[Review].append(
                own
                | {
                    "review_id": new_id(),
                    "state": "submitted",
                    "targeted": targeted,
                    "reasons": [],
                    "inclusion_probability": None if targeted else chance,
                    "draw": None if targeted else chance / 2,
                    "started_at": now,
                    "reviewer_id": person,
                    "evaluation_id": theirs["evaluation_id"],
                    "finished_at": now,
                    "draft": [],
                    "given_back_by": [],
                    "revision": 1,
                }
            )
        with self.provider.session() as session:
            for table, found in rows.items():
                session.execute(insert(table), found)
        return [row["interaction_id"] for row in rows[Interaction]]

    def ask(self, statement, **values):
        with self.provider.session() as session:
            return session.execute(text(statement), values).all()

    def models(self, columns="*", **where):
        return self.ask(f"select {columns} from models order by version", **where)

    def trainings(self):
        return self.ask("select * from trainings order by created_at")

    def ask_for(self, caller, slug="northwind", kind="answers"):
        body = {"kind": kind} | ({} if kind == "sentiment" else {"client": slug})
        answer = caller.post("/v1/models/train", json=body)
        assert answer.status_code == 202, answer.json
        return answer.json["id"]

    def train(self, caller, slug="northwind", kind="answers"):
        """Ask for a training and run it here, as its own process would."""
        asked = self.ask_for(caller, slug, kind)
        services, tenant = self.provider.services, self.provider.tenant.tenant_id
        held = claims.claim(services.engine, tenant, lease=60)
        assert str(held.training_id) == asked
        self.run(held)
        return caller.get(f"/v1/trainings/{asked}").json

    def run(self, held):
        return training.train(self.provider.services, held)

    def ended(self, caller, training_id):
        """Wait until somebody else has run a training to its end."""
        where = f"/v1/trainings/{training_id}"

        def found():
            body = caller.get(where).json
            return body if body["state"] in {"finished", "refused", "failed"} else None

        return wait_until(found)


def with_two_versions(provider):
    """Return a classroom with two versions of one model, the second in force."""
    training_fixture = TrainingFixture(provider)
    manager = provider.caller()
    for seed in (1, 2):
        training_fixture.teach(90, seed=seed)
        assert training_fixture.train(manager)["state"] == "finished"
    return training_fixture


def conversation(dice, warm, offers, small):
    lines = [("customer", dice.choice(SMALL if small else ASKS))]
    lines.append(("agent", dice.choice(WARM if warm else COLD)))
    lines.append(("customer", "Go on."))
    lines.append(("agent", dice.choice(OFFERS if offers else PLAIN)))
    return [{"speaker": who, "text": f"{said} Ref {dice.randrange(10**6)}."} for who, said in lines]


def interaction_row(turns, at):
    return {
        "external_id": uuid.uuid4().hex,
        "channel": "chat",
        "language": "en",
        "priority": "normal",
        "agent_details": {},
        "started_at": at,
        "turns": turns,
        "status": [],
        "outcome": {},
        "details": {},
        "digest": b"",
        "state": "scored",
        "received_at": at,
        "updated_at": at,
    }


def _evaluation(definition, given, kind, person):
    evidence = {"warm": [{"turn": 1}], "offers": [{"turn": 3}]}
    answers = [
        {
            "question": key,
            "value": None if name == "n/a" else name,
            "na": name == "n/a",
            "reasons": [],
            "note": "",
            "evidence": evidence[key],
        }
        for key, name in given.items()
    ]
    return evaluation_columns(
        kind=kind,
        reviewer_id=person,
        scorecard_id=definition.definition_id,
        versions={"scorecard": [{"id": str(definition.definition_id), "key": "care", "version": 1}]},
        answers=answers,
        score=None,
    )
