"""The quality of everybody who reviews, for managers; of themselves, for everybody else."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.reviewer_quality.access import checks_reviewers
from qm.reviewer_quality.check_loading import load_checks, load_work
from qm.reviewer_quality.figures import Work, reviewer_figures
from tenants.credentials import Actor
from tenants.http.faults import Fault, Invalid
from tenants.models import Client, User

USUAL_DAYS = 90


def quality_report(
    session: Session,
    actor: Actor,
    *,
    first: date | None,
    last: date | None,
    client: Client | None,
    now: datetime,
) -> dict[str, Any]:
    """Return the figures of each person by name: nobody is ranked, and intervals mostly overlap.

    Raises
    ------
    Invalid
        For a period that ends before it begins.
    """
    last = last or now.date()
    first = first or last - timedelta(days=USUAL_DAYS - 1)
    if first > last:
        raise Invalid([Fault("/query/from", "after_to", f"The period ends before it begins: {last}.")])
    checks = load_checks(session, first=first, last=last, client=client)
    work = load_work(session, first=first, last=last, client=client)
    sees_all = checks_reviewers(actor)
    wanted = checks.keys() | work.keys() if sees_all else _only(actor)
    people = session.scalars(
        select(User).where(User.user_id.in_(list(wanted))).order_by(User.name, User.user_id)
    )
    return {
        "from": first,
        "to": last,
        "everybody": sees_all,
        "reviewers": [
            {
                "user": {"id": user.user_id, "name": user.name},
                **reviewer_figures(checks.get(user.user_id, ()), work.get(user.user_id, Work())),
            }
            for user in people
        ],
    }


def _only(actor: Actor) -> set[uuid.UUID]:
    return set() if actor.user_id is None else {actor.user_id}
