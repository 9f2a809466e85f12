"""Who has been shown an evaluation of an interaction: they can no longer judge it blind.

What is shown to a person who may review is noted before the answer is given, unless they have submitted a
review of the interaction themselves. Such a person is offered no review of it, and none can be assigned to
them. Where several agents spoke, what the machine says of the whole is shown of every part.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Uuid, exists, literal, select, text
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from tenants.credentials import Actor
from tenants.isolation import Base, ClientOwned, before_commit
from tenants.models import Moment, utc_now
from tenants.roles import ROLES

_PENDING = "readings"
# The interactions are locked as whoever erases them does, in one order.
_STORE = text("""
    insert into evaluation_readings (tenant_id, client_id, interaction_id, user_id, read_at)
    select i.tenant_id, i.client_id, i.interaction_id, :reader, now()
    from (
        select tenant_id, client_id, interaction_id from interactions
        where interaction_id in (
            select unnest(cast(:ids as uuid[]))
            union
            select part.interaction_id
            from interactions whole
            join interactions part using (tenant_id, client_id, external_id)
            where whole.interaction_id = any(cast(:ids as uuid[]))
                and whole.part_agent = '' and part.part_agent <> ''
        )
        order by interaction_id for key share
    ) i
    where not exists (
        select from reviews r
        where r.tenant_id = i.tenant_id and r.interaction_id = i.interaction_id
            and r.reviewer_id = :reader and r.state = 'submitted'
    )
    on conflict do nothing
""")


class EvaluationReading(ClientOwned, Base):
    """A person who has been shown an evaluation, a score or a finding of an interaction, and since when."""

    __tablename__ = "evaluation_readings"

    interaction_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    read_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "client_id"],
            ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"]),
    )


def may_review(actor: Actor) -> bool:
    """Whether the caller is a person whose role reviews."""
    return actor.role is not None and "reviews:write" in ROLES[actor.role]


def note_readings(session: Session, actor: Actor | None, interaction_ids: Iterable[uuid.UUID]) -> None:
    """Note that this caller is shown evaluations of these interactions; machines and others do not review."""
    if actor is None or actor.user_id is None or not may_review(actor):
        return
    shown = set(interaction_ids)
    if not shown:
        return
    pending: set[uuid.UUID] | None = session.info.get(_PENDING)
    if pending is None:
        pending = session.info[_PENDING] = set()
        reader = actor.user_id
        before_commit(session, lambda writer: _store(writer, reader))
    pending |= shown


def _store(session: Session, reader: uuid.UUID) -> None:
    shown: set[uuid.UUID] = session.info.pop(_PENDING)
    session.execute(_STORE, {"reader": reader, "ids": list(shown)})


def has_seen(
    user_id: uuid.UUID | None, interaction_id: ColumnElement[uuid.UUID] | InstrumentedAttribute[uuid.UUID]
) -> ColumnElement[bool]:
    """Return the condition that a person has been shown an evaluation of an interaction before judging it.

    An offset has it looked up for each interaction: joined, PostgreSQL reads all that the person was shown.
    """
    return exists(
        select(literal(1))
        .select_from(EvaluationReading)
        .where(EvaluationReading.interaction_id == interaction_id, EvaluationReading.user_id == user_id)
        .offset(0)
    )
