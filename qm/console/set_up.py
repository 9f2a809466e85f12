"""What there is to set up before the first report: a list that ticks itself."""

from dataclasses import dataclass

from flask import current_app, request
from flask_babel import gettext
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from qm.facts.models import DailyRollup
from qm.interactions.models import Interaction
from qm.reviews.models import Review
from scorecards.authoring.models import Definition
from tenants.models import Client, User


@dataclass(frozen=True, slots=True)
class Step:
    """A step: what to do, why, whether it is done, and the page for it; None where there is none."""

    name: str
    why: str
    done: bool
    address: str | None


def steps(session: Session) -> list[Step]:
    """Return the steps in the order in which they are done."""
    slug = session.scalar(select(Client.slug).order_by(Client.created_at).limit(1))

    def of_client(page: str) -> str | None:
        return None if slug is None else _page(f"/clients/{slug}/{page}")

    def in_force(kind: str) -> bool:
        return _any(session, Definition.kind == kind, Definition.state != "draft")

    people = session.scalar(select(func.count()).select_from(User).where(User.disabled_at.is_(None))) or 0
    return [
        Step(
            gettext("Make the first client"),
            gettext("A brand that you serve; everything else belongs to one."),
            slug is not None,
            _page("/clients"),
        ),
        Step(
            gettext("Put a scorecard in force"),
            gettext("It says what good means. A template is a good beginning."),
            in_force("scorecard"),
            of_client("scorecards"),
        ),
        Step(
            gettext("Put an SLA policy in force"),
            gettext("What is promised, in which hours."),
            in_force("sla_policy"),
            of_client("sla-policy"),
        ),
        Step(
            gettext("Put a sampling policy in force"),
            gettext("It says how likely each interaction is to be reviewed; without one nothing is drawn."),
            in_force("sampling_policy"),
            of_client("sampling"),
        ),
        Step(
            gettext("Receive the first interaction"),
            gettext("Push it by the API, or import a file."),
            _any(session, Interaction.interaction_id.is_not(None)),
            _page("/integrations") or "/docs",
        ),
        Step(
            gettext("Invite people"),
            gettext("Reviewers first: the number rests on what they say."),
            people > 1,
            _page("/people"),
        ),
        Step(
            gettext("Have the first review done"),
            gettext(
                "A reviewer finds what was drawn on their first page. With few interactions nothing may be"
                " drawn yet: ask for a review on the page of an interaction."
            ),
            _any(session, Review.state == "submitted"),
            _page("/reviews"),
        ),
        Step(
            gettext("Read the first report"),
            gettext("It fills as interactions are scored and reviewed."),
            _any(session, DailyRollup.scored > 0),
            _page("/reports"),
        ),
    ]


def _any(session: Session, *conditions: ColumnElement[bool]) -> bool:
    return bool(session.scalar(select(exists().where(*conditions))))


def _page(path: str) -> str | None:
    """Return the address if there is a page at it."""
    try:
        current_app.url_map.bind(request.host).match(path, "GET")
    except HTTPException:
        return None
    return path
