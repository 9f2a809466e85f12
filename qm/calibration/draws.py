"""The interactions of a session: a seeded random draw of a period, those of past reviews, or picked by id."""

import secrets
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, Text, cast, exists, func, literal, select
from sqlalchemy.orm import Session, aliased

from qm.calibration.models import CalibrationItem
from qm.interactions.models import Interaction
from qm.reviews.blindness import OPEN
from qm.reviews.definitions_in_force import definitions_in_force
from qm.reviews.models import Evaluation, Review
from qm.reviews.reviewed_words import words
from scorecards.authoring.models import Definition
from tenants.clients import time_zone_of
from tenants.days import start_of
from tenants.http.faults import Fault, Invalid
from tenants.models import Client

MAX_ITEMS = 50


@dataclass(frozen=True, slots=True)
class ChosenItem:
    """An interaction, the version of the scorecard that it is answered under, and the digest of its words."""

    interaction_id: uuid.UUID
    scorecard: Definition
    words: bytes


def draw_items(
    session: Session,
    client: Client,
    *,
    first: date,
    last: date,
    count: int,
    reviewed: bool,
    channel: str | None = None,
    program: str | None = None,
    seed: str | None = None,
    under: datetime | None = None,
) -> tuple[list[ChosenItem], dict[str, Any]]:
    """Draw interactions of a period at random; return them, and how they were drawn.

    The order is that of the digests of seed and id, so the same seed draws the same again. What waits in the
    review queue is left out, for whoever sees the results may not review it any more. They are answered under
    the scorecards in force at `under`; without it, at the time of each.

    Raises
    ------
    Invalid
        When there are fewer than two.
    """
    seed = seed or secrets.token_hex(8)
    candidates = _candidates(client, first, last, reviewed=reviewed, channel=channel, program=program)
    rank = func.sha256(func.convert_to(literal(seed) + cast(Interaction.interaction_id, Text), "UTF8"))
    eligible = session.scalar(select(func.count()).select_from(candidates.subquery())) or 0
    # Some may have had no scorecard.
    rows = session.execute(candidates.order_by(rank).limit(4 * count)).all()
    items = (_item(session, row.Interaction, row.words, under) for row in rows)
    chosen = [item for item in items if item is not None]
    if len(chosen) < 2:
        what = "reviewed interactions" if reviewed else "interactions"
        detail = (
            f"There are fewer than two {what} of this period with a transcript and a scorecard that do not "
            "wait for a review."
        )
        raise Invalid([Fault("/draw", "too_few_interactions", detail)])
    recorded = {"from": first.isoformat(), "to": last.isoformat(), "count": count, "channel": channel}
    return chosen[:count], {**recorded, "program": program, "seed": seed, "eligible": eligible}


def _candidates(
    client: Client, first: date, last: date, *, reviewed: bool, channel: str | None, program: str | None
) -> Select[Any]:
    zone = time_zone_of(client)
    part, review, evaluation = aliased(Interaction), aliased(Review), aliased(Evaluation)
    several = exists(
        select(literal(1)).where(
            part.tenant_id == Interaction.tenant_id,
            part.client_id == Interaction.client_id,
            part.external_id == Interaction.external_id,
            part.part_agent != "",
            Interaction.part_agent == "",
        )
    )
    waiting = exists(
        select(literal(1)).where(review.interaction_id == Interaction.interaction_id, review.state.in_(OPEN))
    )
    by_people = exists(
        select(literal(1)).where(
            evaluation.interaction_id == Interaction.interaction_id,
            evaluation.kind == "human",
            evaluation.superseded_at.is_(None),
        )
    )
    statement = select(Interaction, words.label("words")).where(
        Interaction.tenant_id == client.tenant_id,
        Interaction.client_id == client.client_id,
        Interaction.started_at >= start_of(first, zone),
        Interaction.started_at < start_of(last + timedelta(days=1), zone),
        Interaction.turns != [],
        Interaction.state == "scored",
        ~several,
        ~waiting,
    )
    filters: Mapping[Any, str | None] = {Interaction.channel: channel, Interaction.program: program}
    for column, value in filters.items():
        statement = statement if value is None else statement.where(column == value)
    return statement.where(by_people) if reviewed else statement


def ids_of_named(session: Session, client: Client, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the ids of interactions that people named by external id, each with its name.

    A conversation that several agents shared is each of its parts. What is no external id stays as it is.
    """
    found = defaultdict[str, list[str]](list)
    rows = session.execute(
        select(Interaction.external_id, Interaction.interaction_id, Interaction.part_agent)
        .where(Interaction.client_id == client.client_id, Interaction.external_id.in_(names))
        .order_by(Interaction.external_id, Interaction.part_agent.desc())
    )
    for row in rows:
        # The whole comes after its parts, and is judged in them.
        if row.part_agent or row.external_id not in found:
            found[row.external_id].append(str(row.interaction_id))
    return [(name, each) for name in names for each in found.get(name, [name])]


def flagged_interactions(session: Session, client: Client, *, most: int = 30) -> Sequence[Interaction]:
    """Return what reviewers flagged for calibration and no session has asked yet, newest first."""
    flagged = exists(
        select(literal(1)).where(
            Review.tenant_id == Interaction.tenant_id,
            Review.interaction_id == Interaction.interaction_id,
            Review.flagged,
        )
    )
    asked = exists(
        select(literal(1)).where(
            CalibrationItem.tenant_id == Interaction.tenant_id,
            CalibrationItem.interaction_id == Interaction.interaction_id,
        )
    )
    wanted = select(Interaction).where(
        Interaction.client_id == client.client_id, Interaction.turns != [], flagged, ~asked
    )
    order = (Interaction.started_at.desc(), Interaction.interaction_id)
    return session.scalars(wanted.order_by(*order).limit(most)).all()


def pick_items(
    session: Session, client: Client, ids: Sequence[uuid.UUID], under: datetime | None = None
) -> list[ChosenItem]:
    """Return picked interactions, in this order.

    Raises
    ------
    Invalid
        With a fault for each that does not exist, is named twice, or cannot be answered.
    """
    rows = session.execute(
        select(Interaction, words.label("words")).where(
            Interaction.client_id == client.client_id, Interaction.interaction_id.in_(ids)
        )
    )
    found = {row.Interaction.interaction_id: row for row in rows}
    chosen: list[ChosenItem] = []
    faults: list[Fault] = []
    for place, interaction_id in enumerate(ids):
        row = found.get(interaction_id)
        item = _item(session, row.Interaction, row.words, under) if row and row.Interaction.turns else None
        if row is None:
            faults.append(Fault(f"/interactions/{place}", "unknown_interaction", "No such interaction."))
        elif interaction_id in ids[:place]:
            faults.append(Fault(f"/interactions/{place}", "duplicate", "It is picked twice."))
        elif item is None:
            detail = "Its transcript is no longer kept, or no scorecard was in force for it."
            faults.append(Fault(f"/interactions/{place}", "cannot_be_answered", detail))
        else:
            chosen.append(item)
    if faults:
        raise Invalid(faults)
    return chosen


def _item(
    session: Session, interaction: Interaction, digest: bytes, under: datetime | None
) -> ChosenItem | None:
    scorecard = definitions_in_force(
        session,
        client_id=interaction.client_id,
        at=under or interaction.started_at,
        channel=interaction.channel,
        program=interaction.program,
    ).scorecard
    return None if scorecard is None else ChosenItem(interaction.interaction_id, scorecard, digest)
