"""Interactions with reasons, words, customers and outcomes, written straight into the tables."""

import random
import time
from datetime import timedelta

from sqlalchemy import update

from qm.facts.models import InteractionFacts
from qm.friction.keeping import keep_friction
from qm.interactions.models import Interaction
from scorecards.authoring import versions
from tenants.isolation import Scope
from tenants.models import utc_now
from tests.api.reports.test_reports import ReportData

SORRY = "I apologise for the trouble."
THEMES = {
    "themes": [
        {"key": "late", "name": "Late delivery", "tags": ["late_delivery"], "phrases": ["not arrived"]},
        {"key": "card", "name": "Card refused", "phrases": ["credit card", "card"]},
    ],
    "ignored": ["vip"],
}


class Contacts(ReportData):
    """Writes interactions as they are after scoring, and keeps their friction."""

    def contact(self, said="Hello", *, sorry=False, seconds=None, shift=None, empathy=None, **given):
        """Store one scored interaction; `given` are columns of the interaction or the facts, and `tags`."""
        facts = {name: given.pop(name) for name in [*given] if name in InteractionFacts.__table__.c}
        kept = {name: given.pop(name) for name in ("day", "p") if name in given}
        day = facts.pop("day", kept.pop("day", 0))
        (interaction_id,) = self.scored(empathy, day=day, shift=shift, **facts, **kept)
        turns = [
            {"speaker": "customer", "text": said, "at": None, "agent": None},
            {"speaker": "agent", "text": SORRY if sorry else "Let me look.", "at": None, "agent": "a-1"},
        ]
        details = {"tags": given.pop("tags", []), "handling": {"handle_seconds": seconds}, "custom": {}}
        details["handling"] |= given.pop("handling", {})
        with self.provider.session() as session:
            which = Interaction.interaction_id == interaction_id
            values = {"turns": turns, "details": details, **given}
            session.execute(update(Interaction).where(which).values(**values))
        return interaction_id

    def themes(self, body=THEMES):
        with self.provider.session() as session:
            client = session.merge(self.client)
            versions.put_in_force(session, client, kind="friction_themes", key="default", body=body)

    def keep(self, services, *, find=True):
        scope = Scope(self.client.tenant_id, (self.client.client_id,))
        later = utc_now() + timedelta(minutes=5)
        return keep_friction(services.engine, scope, later, until=time.monotonic() + 60, find=find)

    @staticmethod
    def outcome(draw):
        """Return what came of it, of some interactions a part."""
        chosen = {
            "csat": draw.randint(1, 5),
            "nps": draw.randint(0, 10),
            "first_contact": draw.random() < 0.6,
            "resolved": True,
            "reopened": draw.random() < 0.3,
        }
        return {name: value for name, value in chosen.items() if draw.random() < 0.7}

    def random_contacts(self, seed, n=160):
        """Store contacts of all kinds, of which the later ones are more often about cards."""
        draw = random.Random(seed)
        for number in range(n):
            day = 27 * number // n
            said = draw.choice(
                [
                    "My credit card was refused",
                    "Where is it? It has not arrived!",
                    "How do I log in",
                    *["The card is blocked"] * (3 if day > 13 else 0),
                ]
            )
            self.contact(
                said,
                sorry=draw.random() < (0.8 if "card" in said else 0.2),
                seconds=draw.choice([None, draw.randint(60, 1800)]),
                shift=draw.choice([None, round(draw.uniform(-1, 1), 4)]),
                intent=draw.choice([None, None, "late_delivery", "refund"]),
                tags=draw.choice([[], ["vip"], ["returns"]]),
                customer=draw.choice([None, *(f"c-{each}" for each in range(40))]),
                outcome=self.outcome(draw),
                status=[{"at": "2026-07-30T00:00:00Z", "to": draw.choice(["open", "resolved", "reopened"])}],
                empathy=draw.choice([None, *(draw.randint(0, 100) for _ in range(6))]),
                day=day,
                channel=draw.choice(["chat", "email"]),
            )
