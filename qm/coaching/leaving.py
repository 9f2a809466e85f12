"""Plans of agents who leave are closed, and name nobody any more."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.coaching.models import CoachingPlan
from tenants import audit
from tenants.changes import AccessChange, Change, EventsStored
from tenants.clients import every_client
from tenants.models import User, utc_now


def close_plans(session: Session, change: Change | AccessChange | EventsStored) -> None:
    """Close the plans of a person who was disabled or removed; take the name of one who was removed off them.

    Nothing is measured of a plan that ends like that.
    """
    if not isinstance(change, AccessChange):
        return
    user = session.scalars(select(User).where(User.user_id == change.user_id)).one()
    if user.disabled_at is None:
        return
    with every_client(session):
        theirs = select(CoachingPlan).where(CoachingPlan.user_id == user.user_id).with_for_update()
        for plan in session.scalars(theirs.execution_options(populate_existing=True)).all():
            if user.agent is None:
                plan.agent_name = user.name
            if plan.closed_at is None:
                plan.closed_at, plan.outcome, plan.measured = utc_now(), "left", []
                plan.revision += 1
                subject = f"coaching:{plan.plan_id}"
                audit.record(session, "coaching.closed", subject, client_id=plan.client_id, outcome="left")
        session.flush()
