"""Golden items are set from evaluations and retired here."""

import uuid
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from qm.interactions.queries import lock_interaction
from qm.reviews.blindness import visible_evaluations
from qm.reviews.models import Evaluation, Review
from qm.reviews.quality_check_models import GoldenItem
from qm.reviews.reviewed_words import words_of
from tenants import audit
from tenants.credentials import Actor
from tenants.http.faults import Conflict, Fault, Invalid, NotFound
from tenants.models import Client


def select_items(client: Client, *, retired: bool | None = None) -> Select[GoldenItem]:
    """Return the statement of the golden items of a client, all of them or those in use or retired."""
    statement = select(GoldenItem).where(
        GoldenItem.tenant_id == client.tenant_id, GoldenItem.client_id == client.client_id
    )
    if retired is None:
        return statement
    return statement.where(GoldenItem.retired_at.is_not(None) if retired else GoldenItem.retired_at.is_(None))


def load_item(session: Session, golden_item_id: uuid.UUID) -> GoldenItem:
    """Return the golden item with this id, locked."""
    wanted = select(GoldenItem).where(GoldenItem.golden_item_id == golden_item_id).with_for_update()
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise NotFound("golden item")
    return found


def set_item(
    session: Session,
    actor: Actor,
    client: Client,
    *,
    evaluation_id: uuid.UUID,
    note: str | None,
    now: datetime,
) -> GoldenItem:
    """Keep what an evaluation answers as the known answer to its interaction.

    Raises
    ------
    Invalid
        When the client has no such evaluation, or it is superseded, void or without a scorecard.
    Conflict
        When the interaction is a golden item already, or its transcript is no longer kept.
    """
    evaluation = _usable(session, actor, client, evaluation_id)
    interaction = lock_interaction(session, evaluation.interaction_id)
    if not interaction.turns:
        detail = "The transcript is no longer kept: nobody could answer this again."
        raise Conflict(detail, "transcript_deleted")
    in_use = select_items(client, retired=False).where(
        GoldenItem.interaction_id == interaction.interaction_id
    )
    if session.scalars(in_use).one_or_none() is not None:
        raise Conflict("This interaction is a golden item already; retire it first.", "already_golden")
    made = GoldenItem(
        tenant_id=client.tenant_id,
        client_id=client.client_id,
        interaction_id=interaction.interaction_id,
        evaluation_id=evaluation.evaluation_id,
        scorecard_id=evaluation.scorecard_id,
        answers=list(evaluation.answers),
        score=evaluation.score,
        words=words_of(session, interaction.interaction_id),
        note=note,
        set_by=actor.user_id,
        created_at=now,
    )
    session.add(made)
    session.flush()
    audit.record(
        session,
        "golden_item.set",
        f"golden_item:{made.golden_item_id}",
        client_id=client.client_id,
        interaction=made.interaction_id,
        evaluation=made.evaluation_id,
        note=note,
    )
    return made


def _usable(session: Session, actor: Actor, client: Client, evaluation_id: uuid.UUID) -> Evaluation:
    found = session.scalars(
        select(Evaluation).where(
            Evaluation.evaluation_id == evaluation_id,
            Evaluation.client_id == client.client_id,
            visible_evaluations(actor),
        )
    ).one_or_none()
    if found is None:
        detail = "This client has no such evaluation."
        raise Invalid([Fault("/evaluation", "unknown_evaluation", detail)])
    if found.kind not in {"human", "automatic"} or found.superseded_at is not None:
        detail = "The known answer is a present evaluation by a reviewer, or by the machine."
        raise Invalid([Fault("/evaluation", "not_usable", detail)])
    if found.scorecard_id is None or not _answers_all(found):
        detail = "This evaluation leaves questions open: a known answer has none."
        raise Invalid([Fault("/evaluation", "not_usable", detail)])
    return found


def _answers_all(evaluation: Evaluation) -> bool:
    return bool(evaluation.answers) and not any(each.get("abstained") for each in evaluation.answers)


def retire_item(session: Session, golden_item_id: uuid.UUID, *, reason: str, now: datetime) -> GoldenItem:
    """Offer a golden item to nobody any more; what was answered counts, who holds it goes on.

    Raises
    ------
    Conflict
        When it is retired already.
    """
    item = load_item(session, golden_item_id)
    if item.retired_at is not None:
        raise Conflict("This golden item is retired already.", "already_retired")
    item.retired_at, item.retire_reason = now, reason
    waiting = select(Review).where(
        Review.interaction_id == item.interaction_id,
        Review.quality_check == "golden",
        Review.state == "queued",
    )
    for review in session.scalars(waiting.order_by(Review.review_id).with_for_update()).all():
        review.state = "cancelled"
        review.revision += 1
    session.flush()
    audit.record(
        session,
        "golden_item.retired",
        f"golden_item:{item.golden_item_id}",
        client_id=item.client_id,
        reason=reason,
    )
    return item
