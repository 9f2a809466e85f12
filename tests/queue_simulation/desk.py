"""The database of a simulated client, and people who work its real queue."""

import uuid
from datetime import UTC, date, datetime, timedelta

import numpy as np
from sqlalchemy import insert, update

from qm.facts.models import COUNTED, MEASURED, InteractionFacts
from qm.interactions.models import Interaction
from qm.privacy.erasure import erase_interaction
from qm.reviews import queue, submission
from qm.reviews.models import Review
from qm.reviews.reviewed_words import outdate_reviews
from qm.sampling.drawn_reviews import store_draws
from scorecards.authoring import versions
from scorecards.definitions.form import AREAS, PILLARS
from tenants.credentials import Actor
from tests.queue_simulation.world import CHANNELS, MEASURES, PASS_MARK

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
POLICY = uuid.UUID(int=1)
TURNS = [
    {"speaker": "customer", "text": "Where is my order?", "at": "2026-06-01T08:00:00Z"},
    {"speaker": "agent", "text": "I can hear how maddening this is.", "at": "2026-06-01T08:01:00Z"},
]
PLACE = [{"turn": 1, "start": 0, "end": 10}]
SCORECARD = {
    "key": "care",
    "name": "Care",
    "pass_mark": PASS_MARK,
    "sections": [
        *(
            {
                "key": pillar,
                "name": pillar,
                "pillar": pillar,
                "questions": [
                    {
                        "key": f"q_{pillar}",
                        "text": "How well?",
                        "kind": "scale",
                        "options": [
                            {"key": f"o{step}", "label": f"{step} of 10", "value": step / 10}
                            for step in range(11)
                        ],
                    }
                ],
            }
            for pillar in PILLARS
        ),
        {
            "key": "process",
            "name": "Process",
            "questions": [
                {
                    "key": f"q_{area}",
                    "text": "Right?",
                    "kind": "yes_no",
                    "critical": {"rule": "fail_form" if area == "customer" else "flag", "area": area}
                    | {"options": ["no"]},
                }
                for area in AREAS
            ],
        },
    ],
}


def day_of(number):
    """Return the date of a simulated day."""
    return (MONDAY + timedelta(days=int(number))).date()


class Desk:
    """One provider with one client, people who review and a manager; each repeat is rolled back."""

    def __init__(self, provider, slug="northwind", reviewers=8):
        self.provider, self.client = provider, provider.clients[slug]
        with provider.session() as session:
            versions.put_in_force(session, self.client, kind="scorecard", key="care", body=SCORECARD)
        self.reviewers = [self._actor("reviewer", number) for number in range(reviewers)]
        self.manager = self._actor("qm_manager", 0)

    def _actor(self, role, number):
        user = self.provider.add_user(role, email=f"{role}-{number}@example.com")
        with self.provider.session() as session:
            scope = session.info["scope"]
        scopes = frozenset({"reviews:write"})
        return Actor(user.user_id, user.user_id, role, user.name, scopes, scope, bound=False)


class Books:
    """The rows of one repeat: the interactions of a world, written as they arrive."""

    def __init__(self, session, desk, world):
        self.session, self.desk, self.world = session, desk, world
        self.ids = [uuid.uuid4() for _ in world.day]
        self.number = {each: place for place, each in enumerate(self.ids)}
        self.p = world.p.copy()
        self.received = np.array(
            [MONDAY + timedelta(days=int(each), hours=9) for each in world.day], dtype=object
        )
        self.alive = np.ones(world.day.size, dtype=bool)
        self.owner = {"tenant_id": desk.client.tenant_id, "client_id": desk.client.client_id}

    def arrive(self, day):
        """Store the interactions of a day as scored, and queue those that are drawn."""
        places = np.flatnonzero(self.world.day == day)
        at = MONDAY + timedelta(days=int(day), hours=9)
        if places.size:
            self.session.execute(
                insert(Interaction.__table__), [self._interaction(place, at) for place in places]
            )
        self.store(places, at)

    def store(self, places, at):
        """Store facts, and queue or update the reviews of what is drawn, as the scoring job does."""
        rows = [self._facts(place) for place in places]
        reasons = [["base_rate"]] * len(rows)
        store_draws(self.session, self.owner["client_id"], None, rows, reasons, now=at)

    def raise_probability(self, places, p, at):
        """Take in later facts that raise the probability."""
        higher = np.maximum(self.p[places], p)
        self.received[places] = np.where(higher > self.p[places], at, self.received[places])
        self.p[places] = higher
        self.store(places, at)

    def push_again(self, places, at):
        """Change the words of interactions."""
        ids = [self.ids[place] for place in places]
        turns = [*TURNS, {"speaker": "customer", "text": "One more thing.", "at": at.isoformat()}]
        self.session.execute(
            update(Interaction)
            .where(Interaction.interaction_id.in_(ids))
            .values(turns=turns)
            .execution_options(synchronize_session=False)
        )
        self.session.expire_all()
        outdate_reviews(self.session, ids)
        # The real clock is far beyond the simulated days.
        self.session.execute(
            update(Review)
            .where(Review.interaction_id.in_(ids), Review.created_at > at + timedelta(days=60))
            .values(created_at=at, arrived_at=at)
            .execution_options(synchronize_session=False)
        )

    def erase(self, places):
        """Erase interactions with all that belongs to them."""
        for place in places:
            erase_interaction(self.session, self.ids[place])
            self.alive[place] = False

    def submit(self, actor, review, now):
        """Submit what this reviewer says of the interaction, and check how it is scored."""
        place = self.number[review.interaction_id]
        held = queue.get_claimed_review(self.session, actor, review.review_id)
        submission.submit(self.session, held, answers=self.answers(place), now=now)

    def answers(self, place):
        pillars = zip(PILLARS, self.world.options[place], strict=True)
        areas = zip(AREAS, self.world.failed[place], strict=True)
        return [
            *({"question": f"q_{key}", "value": f"o{step}", "evidence": PLACE} for key, step in pillars),
            *(
                {"question": f"q_{key}", "value": "no" if bad else "yes", "evidence": PLACE}
                for key, bad in areas
            ),
        ]

    def _interaction(self, place, at):
        return {
            **self.owner,
            "interaction_id": self.ids[place],
            "external_id": str(self.ids[place]),
            "channel": CHANNELS[self.world.channel[place]],
            "language": "en",
            "priority": "normal",
            "agent": f"a-{self.world.agent[place]}",
            "agent_details": {},
            "started_at": at,
            "received_at": at,
            "turns": TURNS,
            "status": [],
            "outcome": {},
            "details": {},
            "digest": b"",
            "state": "scored",
        }

    def _facts(self, place):
        arrived: date = day_of(self.world.day[place])
        machine = dict(zip(MEASURES, map(float, self.world.machine[place]), strict=True))
        return {
            **dict.fromkeys(column.name for column in InteractionFacts.__table__.columns),
            **dict.fromkeys(MEASURED),
            **dict.fromkeys(COUNTED, 0),
            **self.owner,
            **machine,
            "interaction_id": self.ids[place],
            "day": arrived,
            "drawable_since": self.received[place],
            "started_at": MONDAY + timedelta(days=int(self.world.day[place]), hours=9),
            "channel": CHANNELS[self.world.channel[place]],
            "priority": "normal",
            "agent": f"a-{self.world.agent[place]}",
            "peak_distress": 0.0,
            "clocks": [],
            "scored": 1,
            "judged": 1,
            "rate": float(self.p[place]),
            "draw": float(self.world.draw[place]),
            "policy_id": POLICY,
        }
