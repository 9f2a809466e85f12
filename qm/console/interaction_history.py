"""What became of an interaction, in order: pushes, later facts, judgements, reviews."""

from datetime import datetime

from flask_babel import gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from qm.console.formatting import words
from qm.interactions.events import events_of
from qm.interactions.models import Interaction
from qm.reviews.blindness import visible_evaluations
from qm.reviews.models import Evaluation, Review
from qm.reviews.quality_checks import hides_check
from qm.reviews.queue import visible_reviews
from tenants.credentials import Actor
from tenants.users import people_by_id

Moment = tuple[datetime, str]


def history(session: Session, actor: Actor, interaction: Interaction, *, in_list: bool) -> list[Moment]:
    """Return moments with what happened then, oldest first, of what the caller may see."""
    found: list[Moment] = [
        (interaction.started_at, gettext("It began")),
        (interaction.received_at, gettext("It was received here")),
    ]
    if interaction.ended_at is not None:
        found.append((interaction.ended_at, gettext("It ended")))
    found += [
        (event.received_at, gettext("A later fact arrived: %(kind)s", kind=words(event.kind)))
        for event in events_of(session, interaction)
    ]
    found += _judgements(session, actor, interaction, in_list=in_list)
    if "reviews:read" in actor.scopes:
        found += _reviews(session, actor, interaction)
    return sorted(found, key=lambda each: each[0])


def _judgements(session: Session, actor: Actor, interaction: Interaction, *, in_list: bool) -> list[Moment]:
    columns = (Evaluation.kind, Evaluation.reviewer_id, Evaluation.created_at, Evaluation.superseded_at)
    rows = session.execute(
        select(*columns).where(
            Evaluation.interaction_id == interaction.interaction_id,
            or_(visible_evaluations(actor, in_list=in_list), Evaluation.reviewer_id == actor.user_id),
        )
    ).all()
    people = people_by_id(session, (row.reviewer_id for row in rows)) if actor.sees_agents else {}
    found = []
    for row in rows:
        who = people.get(row.reviewer_id, {}).get("name") or gettext("a reviewer")
        whose = gettext("the machine") if row.kind == "automatic" else who
        found.append((row.created_at, gettext("Evaluated by %(who)s", who=whose)))
        if row.superseded_at is not None:
            words = gettext("The evaluation by %(who)s was superseded", who=whose)
            found.append((row.superseded_at, words))
    return found


def _reviews(session: Session, actor: Actor, interaction: Interaction) -> list[Moment]:
    wanted = select(Review).where(Review.interaction_id == interaction.interaction_id, visible_reviews(actor))
    reviews = session.scalars(wanted).all()
    people = people_by_id(session, (review.reviewer_id for review in reviews))
    found = []
    for review in reviews:
        who = people.get(review.reviewer_id, {}).get("name") or gettext("somebody")
        picked = review.targeted and not hides_check(actor, review)
        begun = gettext("Picked by hand for a review") if picked else gettext("Drawn for a review")
        if review.quality_check is not None and picked:
            begun = gettext("Chosen to check a reviewer")
        found.append((review.created_at, begun))
        if review.claimed_at is not None:
            found.append((review.claimed_at, gettext("The review was taken by %(who)s", who=who)))
        if review.finished_at is not None:
            words = gettext("The review was %(state)s by %(who)s", state=review.state, who=who)
            found.append((review.finished_at, words))
    return found
