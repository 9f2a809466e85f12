"""The one thing that a manager does first, of all that waits for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext
from sqlalchemy import func
from sqlalchemy.orm import Session

from qm.calibration.blindness import select_sessions
from qm.calibration.models import Calibration
from qm.console.alerts import Alert
from qm.console.formatting import day
from tenants.credentials import Actor
from tenants.models import Client


@dataclass(frozen=True, slots=True)
class FirstThing:
    """What to do first: why, and the link that begins it."""

    why: str
    deed: str
    address: str


def next_calibration(session: Session, actor: Actor, now: datetime) -> Calibration | None:
    """Return the running session that ends next; None where none runs that has an end."""
    open_sessions = select_sessions(actor, now).where(
        Calibration.closed_at.is_(None), func.coalesce(Calibration.deadline > now, False)
    )
    return session.scalars(
        open_sessions.order_by(Calibration.deadline, Calibration.calibration_id).limit(1)
    ).one_or_none()


def first_thing(
    *,
    clients: Sequence[Client],
    fired: Sequence[Alert],
    disputes: int,
    numbers: Sequence[tuple[Client, Mapping[str, Any] | None]],
    calibration: Calibration | None,
    waiting: int,
) -> FirstThing | None:
    """Return what comes first; None where nothing waits.

    What harms a customer now, then people who wait for an answer, then the numbers: too little that is drawn
    keeps one from ever becoming good enough, an end that nears keeps answers out of a session.
    """
    if not clients:
        why, deed = gettext("There is no client yet."), gettext("Make the first client")
        return FirstThing(why, deed, url_for("console.clients_new"))
    if fired:
        why = f"{fired[0].client.name}: {fired[0].words}."
        return FirstThing(why, gettext("Look at it"), fired[0].address)
    if disputes:
        why = ngettext(
            "%(num)d dispute waits for a decision.", "%(num)d disputes wait for a decision.", disputes
        )
        return FirstThing(why, gettext("Decide"), url_for("console.disputes", state="open"))
    return _of_numbers(numbers) or _of_sessions(calibration) or _of_reviews(waiting)


def _of_numbers(numbers: Sequence[tuple[Client, Mapping[str, Any] | None]]) -> FirstThing | None:
    for client, health in numbers:
        if health and not health["good_enough"] and health["missing"] > (health["sample"]["waiting"] or 0):
            why = gettext(
                "The number of %(client)s can never be good enough with what is drawn.", client=client.name
            )
            return FirstThing(why, gettext("Draw more"), url_for("console.sampling", client=client.slug))
    return None


def _of_sessions(calibration: Calibration | None) -> FirstThing | None:
    if calibration is None or calibration.deadline is None:
        return None
    why = gettext(
        "The calibration “%(name)s” ends on %(day)s.", name=calibration.name, day=day(calibration.deadline)
    )
    address = url_for("console.calibrations_session", calibration_id=calibration.calibration_id)
    return FirstThing(why, gettext("Open the session"), address)


def _of_reviews(waiting: int) -> FirstThing | None:
    if not waiting:
        return None
    why = ngettext("%(num)d review waits for you.", "%(num)d reviews wait for you.", waiting)
    return FirstThing(why, gettext("Go to the reviews"), url_for("console.reviews"))
