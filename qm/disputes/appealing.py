"""Appealing a decision: the second level, decided by somebody else; and taking back what waits."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from qm.disputes.access import get_dispute, in_force
from qm.disputes.deciders import check_appealable
from qm.disputes.models import WAITING, Dispute
from qm.disputes.opening import rules_for
from qm.interactions.queries import lock_interaction
from tenants import audit
from tenants.credentials import Actor
from tenants.http.faults import Conflict


def appeal(session: Session, actor: Actor, dispute_id: uuid.UUID, *, comment: str, now: datetime) -> Dispute:
    """Ask for a second decision; for whoever opened the dispute, as long as the window is open.

    Raises
    ------
    NotFound
        When the caller may not see it.
    Conflict
        When it is not theirs, not decided, or decided twice; when nothing is in force any more, the window is
        over, or nobody else is there to decide.
    """
    dispute = locked_dispute(session, actor, dispute_id)
    if dispute.initiator_id != actor.user_id:
        raise Conflict("Only the person who opened a dispute appeals its decision.", "not_initiator")
    if dispute.state != "decided" or dispute.decided_at is None:
        raise Conflict(_REFUSED[dispute.state], "not_appealable")
    if dispute.appealed_at is not None:
        raise Conflict("You have appealed it and taken that back: the decision stands.", "not_appealable")
    evaluation = in_force(session, [dispute]).get(dispute_id)
    if evaluation is None:
        raise Conflict("Its evaluation counts nowhere any more.", "evaluation_void")
    rules = rules_for(session, evaluation)
    if now > rules.disputable_until(dispute.decided_at):
        raise Conflict(f"A decision may be appealed for {rules.days} days; they are over.", "window_over")
    check_appealable(session, dispute)
    dispute.state, dispute.appealed_at, dispute.appeal = "appealed", now, comment
    session.flush()
    audit.record(
        session,
        "dispute.appealed",
        f"dispute:{dispute_id}",
        client_id=dispute.client_id,
        interaction=dispute.interaction_id,
    )
    return dispute


def withdraw(session: Session, actor: Actor, dispute_id: uuid.UUID, *, now: datetime) -> Dispute:
    """Take a dispute back that nobody has decided, or an appeal: then the first decision stands.

    For whoever opened it, as long as it waits, also where its evaluation counts nowhere any more.

    Raises
    ------
    NotFound
        When the caller may not see it.
    Conflict
        When it is not theirs, decided, or withdrawn already.
    """
    dispute = locked_dispute(session, actor, dispute_id)
    if dispute.initiator_id != actor.user_id:
        raise Conflict("Only the person who opened a dispute takes it back.", "not_initiator")
    if dispute.state == "withdrawn":
        raise Conflict("You have taken it back already.", "dispute_withdrawn")
    if dispute.state not in WAITING:
        raise Conflict("It is decided already: what is decided is not taken back.", "already_decided")
    was_appealed = dispute.state == "appealed"
    dispute.state, dispute.withdrawn_at = "decided" if was_appealed else "withdrawn", now
    session.flush()
    audit.record(
        session,
        "dispute.withdrawn",
        f"dispute:{dispute_id}",
        client_id=dispute.client_id,
        interaction=dispute.interaction_id,
        appeal=was_appealed,
    )
    return dispute


_REFUSED = {
    "open": "It has not been decided yet.",
    "appealed": "It has been appealed already: wait for the second decision.",
    "settled": "It has been decided twice; the second decision is final.",
    "withdrawn": "You have taken it back: nothing was decided.",
}


def locked_dispute(session: Session, actor: Actor, dispute_id: uuid.UUID) -> Dispute:
    """Return a dispute and lock it, after its interaction."""
    found = get_dispute(session, actor, dispute_id)
    lock_interaction(session, found.interaction_id)
    session.refresh(found, with_for_update=True)
    return found
