"""The page on which a manager sees who has how much to review, and gives reviews to others."""

from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from qm.console.blueprint import blueprint
from qm.console.forms import attempt, end_of_day
from qm.console.page_access import page
from qm.console.pages.review_shown import why_here
from qm.console.rendering import render
from qm.reviews import queue
from qm.reviews.models import Review
from qm.reviews.representations import review_summaries
from qm.reviews.waiting import count_picked
from qm.reviews.workload import workload
from tenants.access import actor, person, session
from tenants.http.faults import Fault, Invalid
from tenants.models import utc_now

_LISTED = 100


@blueprint.route("/workload", endpoint="workload")
@page("reviews:write")
def show_workload() -> Any:
    """Show the load of everybody who reviews."""
    return _page()


@blueprint.route("/workload/<uuid:review_id>", methods=["POST"], endpoint="workload_reassign")
@page("reviews:write")
def reassign_review(review_id: UUID) -> Any:
    """Keep a review for another person, or give it back to the queue."""
    with attempt() as tried:
        wanted, due_at = _person_typed(), end_of_day("due")
        if wanted is None:
            queue.release(session(), person(), review_id)
        else:
            queue.reassign(session(), person(), review_id, user_id=wanted, due_at=due_at)
    if tried.failed:
        return _page(review_id, tried.faults), 422
    flash(gettext("Done."))
    return make_response(redirect(url_for("console.workload"), 303))


def _person_typed() -> UUID | None:
    wanted = request.form.get("user", "")
    try:
        return UUID(wanted) if wanted else None
    except ValueError as error:
        raise Invalid([Fault("/user", "unknown_user", gettext("Choose a person."))]) from error


def _page(refused: UUID | None = None, faults: list[Fault] | None = None) -> str:
    load = workload(session(), actor(), utc_now())
    of_person = request.args.get("person", "")
    wanted = select(Review).where(Review.state.in_(("claimed", "queued")), Review.reviewer_id.is_not(None))
    if any(str(each["user"]["id"]) == of_person for each in load["people"]):
        wanted = wanted.where(Review.reviewer_id == UUID(of_person))
    reviews = session().scalars(wanted.order_by(Review.created_at, Review.review_id).limit(_LISTED)).all()
    return render(
        "workload/workload.html",
        load=load,
        picked=count_picked(session()),
        reviews=review_summaries(session(), actor(), reviews),
        people=[each["user"] for each in load["people"]],
        why=why_here,
        of_person=of_person,
        refused=refused,
        faults=faults or [],
        now=utc_now(),
    )
