"""What a client's own people read of single evaluations: published ones, of months that they read reports of.

As in their reports, a month has to have ended in the client's time zone, and fewer than five interactions of
one are kept back. They see nobody of the provider: who handled or reviewed something is left out, and names
are masked (`handler_names.py`) in what was said, and in what people wrote about it.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from qm.disclosure import MIN_SHOWN, is_small
from qm.interactions.models import Interaction
from qm.interactions.redaction.redactor import Redactor
from qm.reviews.blindness import visible_evaluations
from qm.reviews.handler_names import handler_names, staff_names
from qm.reviews.models import Evaluation
from tenants.clients import DEFAULT_SETTINGS, time_zone_of
from tenants.credentials import Actor
from tenants.days import day_of, start_of
from tenants.http.faults import NotFound
from tenants.models import Client
from tenants.roles import CLIENT_ROLE

INTERNAL: Mapping[str, Any] = {"edit_reason": None, "void_reason": None, "override_reasons": {}}
"""What of an evaluation is the provider's own business, and what stands in its place."""
_TEXTS = ("text", "quoted")
_WRITTEN = frozenset({"note", "comment", "appeal"})
"""The properties that people write in their own words."""


def reads_for_client(actor: Actor) -> bool:
    """Whether somebody reads as one of the client's own people."""
    return not actor.sees_agents and "reports:read" in actor.scopes


def select_client_evaluations(
    session: Session, actor: Actor, client: Client, month: date, now: datetime
) -> Select[Evaluation]:
    """Return the statement of what is published of the interactions that began in a month, in no order.

    Raises
    ------
    NotFound
        For a month that has not ended, or has too few interactions; where the client's setting
        `disputes` says `by_client: false`.
    """
    zone = time_zone_of(client)
    first = month.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    began = (
        Interaction.tenant_id == client.tenant_id,
        Interaction.client_id == client.client_id,
        Interaction.started_at >= start_of(first, zone),
        Interaction.started_at < start_of(following, zone),
    )
    counted = select(Interaction.interaction_id).where(*began, Interaction.part_agent == "").limit(MIN_SHOWN)
    if (
        not _reads(client)
        or following > day_of(now, zone)
        or is_small(session.scalar(select(func.count()).select_from(counted.subquery())))
    ):
        raise NotFound("evaluation")
    return (
        select(Evaluation)
        .join(
            Interaction,
            (Interaction.tenant_id == Evaluation.tenant_id)
            & (Interaction.interaction_id == Evaluation.interaction_id),
        )
        .where(
            *began,
            Evaluation.kind == "human",
            Evaluation.superseded_at.is_(None),
            Evaluation.published_at <= now,
            visible_evaluations(actor),
        )
    )


def _reads(client: Client) -> bool:
    """Whether the client's own people may read evaluations, by its setting `disputes`."""
    return bool(client.settings.get("disputes", {}).get("by_client", True))


def get_client_evaluation(
    session: Session, actor: Actor, evaluation_id: uuid.UUID, now: datetime
) -> Evaluation:
    """Return an evaluation that one of the client's own people may read."""
    place = session.execute(
        select(Client, Interaction.started_at)
        .join(Interaction, Interaction.client_id == Client.client_id)
        .join(Evaluation, Evaluation.interaction_id == Interaction.interaction_id)
        .where(Evaluation.evaluation_id == evaluation_id)
    ).one_or_none()
    if place is None:
        raise NotFound("evaluation")
    client, started_at = place
    month = day_of(started_at, time_zone_of(client))
    wanted = select_client_evaluations(session, actor, client, month, now)
    found = session.scalars(wanted.where(Evaluation.evaluation_id == evaluation_id)).one_or_none()
    if found is None:
        raise NotFound("evaluation")
    return found


def select_published_to_client(actor: Actor) -> Select[Evaluation]:
    """Return the statement of what was ever published to clients' own people, superseded versions included.

    The months are those of `select_client_evaluations`, for every client that is visible.
    """
    zone = func.coalesce(Client.settings["time_zone"].astext, DEFAULT_SETTINGS["time_zone"])
    other = aliased(Interaction)
    enough = (
        select(other.interaction_id)
        .where(
            other.tenant_id == Interaction.tenant_id,
            other.client_id == Interaction.client_id,
            other.part_agent == "",
            _month(zone, other.started_at) == _month(zone, Interaction.started_at),
        )
        .offset(MIN_SHOWN - 1)
        .exists()
    )
    return (
        select(Evaluation)
        .join(
            Interaction,
            (Interaction.tenant_id == Evaluation.tenant_id)
            & (Interaction.interaction_id == Evaluation.interaction_id),
        )
        .join(
            Client,
            (Client.tenant_id == Evaluation.tenant_id) & (Client.client_id == Evaluation.client_id),
        )
        .where(
            Evaluation.kind == "human",
            Evaluation.published_at <= func.now(),
            Client.settings["disputes"]["by_client"].astext.is_distinct_from("false"),
            _month(zone, Interaction.started_at) < _month(zone, func.now()),
            enough,
            visible_evaluations(actor),
        )
    )


def _month(zone: ColumnElement[str], moment: Any) -> ColumnElement[datetime]:
    return func.date_trunc("month", func.timezone(zone, moment))


def readable_from(client: Client, interaction: Interaction) -> datetime:
    """Return from when on a client's people may read what is published of an interaction: the next month."""
    zone = time_zone_of(client)
    first = day_of(interaction.started_at, zone).replace(day=1)
    return start_of((first + timedelta(days=31)).replace(day=1), zone)


def without_agents(session: Session, interaction: Interaction) -> list[dict[str, Any]]:
    """Return the turns of an interaction without who spoke for the provider: no ids, names masked."""
    return each_without_agents(session, [interaction])[interaction.interaction_id]


def each_without_agents(
    session: Session, interactions: Sequence[Interaction]
) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """Return the turns of several interactions so, in each the names of its own handlers masked."""
    names = handler_names(session, interactions) if interactions else {}
    return {
        each.interaction_id: _anonymous(each, Redactor(names[each.interaction_id])) for each in interactions
    }


def _anonymous(interaction: Interaction, redactor: Redactor) -> list[dict[str, Any]]:
    return [
        {
            **turn,
            "agent": None,
            **{name: redactor.redact(turn[name])[0] for name in _TEXTS if turn.get(name)},
        }
        for turn in interaction.turns
    ]


def redactor_of_speech(session: Session, interactions: Sequence[Any]) -> Redactor:
    """Return what masks in the words of interactions the names of those who handled them.

    Not those of everybody: "Will do" stays where somebody is called Will.
    """
    return Redactor(sorted(set().union(*handler_names(session, interactions).values())))


def without_names(session: Session, actor: Actor, interactions: Sequence[Any], body: Any) -> Any:
    """Return what is told of interactions as the reader may have it, wherever people wrote something in it.

    For a client's own people the names of the provider's people are masked: of those who handled the
    interactions, as they were pushed, and of everybody who signs in.
    """
    if actor.role != CLIENT_ROLE:
        return body
    handled = set().union(*handler_names(session, interactions).values())
    return _masked(body, Redactor(sorted(handled.union(staff_names(session)))))


def _masked(body: Any, redactor: Redactor) -> Any:
    if isinstance(body, Mapping):
        return {
            key: redactor.redact(value)[0]
            if key in _WRITTEN and isinstance(value, str)
            else _masked(value, redactor)
            for key, value in body.items()
        }
    return [_masked(each, redactor) for each in body] if isinstance(body, list | tuple) else body
