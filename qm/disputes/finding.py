"""The list of disputes: what somebody may see, by its filters."""

import uuid
from datetime import datetime

from sqlalchemy import Select, exists, func, literal, select
from sqlalchemy.orm import Session

from qm.disputes.access import in_state, is_in_force, select_disputes
from qm.disputes.models import WAITING, Dispute, DisputeAnswer
from qm.interactions.models import Interaction
from tenants.clients import client_named
from tenants.credentials import Actor

ORDER = [Dispute.opened_at, Dispute.dispute_id]


def filtered(
    session: Session,
    actor: Actor,
    *,
    state: str | None = None,
    client: str | None = None,
    question: str | None = None,
    reviewer: uuid.UUID | None = None,
    agent: str | None = None,
    initiator: uuid.UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Select[Dispute]:
    """Return the statement of disputes by the filters of their list.

    Who may not see agents and reviewers finds nothing by them: a match would name them.
    """
    wanted = select_disputes(actor)
    if state is not None:
        wanted = wanted.where(in_state(state))
    if client is not None:
        wanted = wanted.where(Dispute.client_id == client_named(session, client).client_id)
    if question is not None:
        asked = select(literal(1)).where(
            DisputeAnswer.tenant_id == Dispute.tenant_id,
            DisputeAnswer.dispute_id == Dispute.dispute_id,
            DisputeAnswer.question == question,
        )
        wanted = wanted.where(exists(asked))
    for person, column in ((reviewer, Dispute.reviewer_id), (initiator, Dispute.initiator_id)):
        if person is not None:
            shown = actor.sees_agents or person == actor.user_id
            wanted = wanted.where(literal(shown), column == person)
    if agent is not None:
        handled = select(literal(1)).where(
            Interaction.tenant_id == Dispute.tenant_id,
            Interaction.interaction_id == Dispute.interaction_id,
            func.coalesce(func.nullif(Interaction.part_agent, ""), Interaction.agent) == agent,
        )
        wanted = wanted.where(literal(actor.sees_agents), exists(handled))
    if since is not None:
        wanted = wanted.where(Dispute.opened_at >= since)
    if until is not None:
        wanted = wanted.where(Dispute.opened_at < until)
    return wanted


def count_waiting(session: Session, actor: Actor) -> int:
    """Return how many disputes that somebody may see wait for a decision."""
    waiting = select_disputes(actor).where(Dispute.state.in_(WAITING), is_in_force())
    return session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
