"""What fired at the clients that somebody looks after: each a count, a sentence and where to look."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import get_timezone, ngettext
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from qm.facts.models import InteractionFacts
from qm.interactions.models import Interaction
from qm.learning.models import GateMove
from qm.reviews.blindness import visible_evaluations
from qm.reviews.models import Evaluation
from scorecards.sla.policy import TARGETS
from tenants.credentials import Actor
from tenants.days import start_of
from tenants.models import Client

OF_LATE = timedelta(days=7)
SOON = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that somebody should look at: at which client, what, and where."""

    client: Client
    words: str
    address: str


def alerts(session: Session, actor: Actor, clients: Sequence[Client], now: datetime) -> Iterator[Alert]:
    """Yield what fired: critical answers, clocks that run out, gates that fell, interactions set aside."""
    counts = {
        "critical": _critical(session, actor, now),
        "late": _due(session, lambda due: due < now),
        "soon": _due(session, lambda due: and_(due >= now, due < now + SOON)),
        "fallen": _fallen(session, now),
        "dead": _count(session, Interaction, Interaction.state == "dead"),
    }
    for client in clients:
        for kind, found in counts.items():
            if found.get(client.client_id):
                yield _alert(client, kind, found[client.client_id], now)


def _alert(client: Client, kind: str, n: int, now: datetime) -> Alert:
    days = OF_LATE.days
    words = {
        "critical": ngettext(
            "%(num)d evaluation with a critical answer in the last %(days)d days",
            "%(num)d evaluations with critical answers in the last %(days)d days",
            n,
            days=days,
        ),
        "late": ngettext(
            "%(num)d interaction is past its SLA and still open",
            "%(num)d interactions are past their SLA and still open",
            n,
        ),
        "soon": ngettext(
            "%(num)d interaction runs out of time within 4 hours",
            "%(num)d interactions run out of time within 4 hours",
            n,
        ),
        "fallen": ngettext(
            "The machine lost the right to answer %(num)d question by itself",
            "The machine lost the right to answer %(num)d questions by itself",
            n,
        ),
        "dead": ngettext(
            "%(num)d interaction could not be scored and is set aside",
            "%(num)d interactions could not be scored and are set aside",
            n,
        ),
    }[kind]
    interactions = "console.interactions_of_client"
    address = {
        "critical": url_for(
            "console.interactions_evaluations",
            client=client.slug,
            critical="true",
            in_force="true",
            updated_since=_since(now).date().isoformat(),
        ),
        "late": url_for(interactions, client=client.slug, sla="breached"),
        "soon": url_for(interactions, client=client.slug, sla="running"),
        "fallen": f"/clients/{client.slug}/machine",
        "dead": url_for("console.interactions_dead", client=client.slug),
    }[kind]
    return Alert(client, words, address)


def _since(now: datetime) -> datetime:
    """Return the beginning of the reader's day a week ago: what is counted is what the list shows."""
    zone = ZoneInfo(str(get_timezone()))
    return start_of((now - OF_LATE).astimezone(zone).date(), zone).astimezone(zone)


def _critical(session: Session, actor: Actor, now: datetime) -> Mapping[uuid.UUID, int]:
    return _count(
        session,
        Evaluation,
        Evaluation.updated_at >= _since(now),
        Evaluation.superseded_at.is_(None),
        func.jsonb_array_length(Evaluation.critical) > 0,
        visible_evaluations(actor, in_list=True),
    )


def _due(session: Session, is_wanted: Any) -> Mapping[uuid.UUID, int]:
    due = or_(*(is_wanted(getattr(InteractionFacts, f"{clock}_due")) for clock in TARGETS))
    return _count(session, InteractionFacts, due)


def _fallen(session: Session, now: datetime) -> Mapping[uuid.UUID, int]:
    """Count the gates that fell by themselves: who holds one back knows it, and is not alarmed."""
    return _count(
        session,
        GateMove,
        GateMove.at >= now - OF_LATE,
        GateMove.from_state == "automatic",
        GateMove.to_state != "automatic",
        GateMove.cause != "capped",
    )


def _count(session: Session, table: Any, *conditions: ColumnElement[bool]) -> Mapping[uuid.UUID, int]:
    """Return how many rows there are of each client."""
    found = select(table.client_id, func.count().label("n")).where(*conditions).group_by(table.client_id)
    return {row.client_id: row.n for row in session.execute(found)}
