"""Asking agents to review their own work or a colleague's, and what became of it."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import ngettext
from sqlalchemy import select

from qm.console.blueprint import blueprint
from qm.console.client_pages import visible_clients
from qm.console.forms import attempt, end_of_day, load_values, see
from qm.console.page_access import page
from qm.console.rendering import render
from qm.reviews.agent_reviews import ask_agent, select_agent_reviews
from qm.reviews.models import Review
from qm.reviews.permissions import check_may_manage_queue
from qm.reviews.representations import review_summaries
from qm.reviews.schemas import AgentReviewsSchema
from tenants.access import actor, person, session
from tenants.clients import client_named
from tenants.http.faults import Fault, Invalid, NotFound
from tenants.models import User, utc_now
from tenants.roles import ROLES

_LISTED = 50


@blueprint.route("/reviews/agents", endpoint="agent_reviews")
@page("reviews:write")
def show_agent_reviews() -> Any:
    """Show the form that asks an agent, and the newest reviews that were asked for."""
    return _page([])


@blueprint.route("/reviews/agents", methods=["POST"], endpoint="agent_reviews_ask")
@page("reviews:write")
def ask_for_agent_reviews() -> Any:
    """Ask an agent to review the named interactions."""
    check_may_manage_queue(actor())
    with attempt() as tried:
        body = load_values(AgentReviewsSchema, _typed())
        try:
            client = client_named(session(), body.pop("client"))
        except NotFound as error:
            raise Invalid([Fault("/client", "unknown_client", str(error))]) from error
        asked = {"user_id": body.pop("user"), "external_ids": body.pop("interactions")}
        made = ask_agent(session(), person(), client, **asked, **body)
    if tried.failed:
        return _page(tried.faults), tried.status
    flash(ngettext("%(num)d review is asked for.", "%(num)d reviews are asked for.", len(made)))
    return see("console.agent_reviews")


def _typed() -> dict[str, Any]:
    """Return what was typed as the schema takes it; the day on which it is due ends in the reader's zone."""
    sent = {name: request.form.get(name, "").strip() for name in ("kind", "client", "user", "note")}
    typed: dict[str, Any] = {name: text for name, text in sent.items() if text}
    lines = request.form.get("interactions", "").splitlines()
    typed["interactions"] = [line.strip() for line in lines if line.strip()]
    due = end_of_day("due_at")
    if due is not None:
        typed["due_at"] = due.isoformat()
    return typed


def _page(faults: list[Fault]) -> str:
    check_may_manage_queue(actor())
    newest = select_agent_reviews().order_by(Review.created_at.desc(), Review.review_id).limit(_LISTED)
    reviews = session().scalars(newest).all()
    return render(
        "agent_reviews/agent_reviews.html",
        clients=visible_clients(),
        agents=_agents(),
        reviews=review_summaries(session(), actor(), reviews),
        typed=request.form or request.args,
        faults=faults,
        now=utc_now(),
        everything={kind: url_for("console.reviews_all", kind=kind) for kind in ("self", "peer")},
    )


def _agents() -> list[User]:
    roles = [role for role, scopes in ROLES.items() if "reviews:own" in scopes]
    wanted = select(User).where(User.role.in_(roles), User.agent.is_not(None), User.disabled_at.is_(None))
    return [each for each in session().scalars(wanted.order_by(User.name, User.user_id)) if each.agent]
