"""Kudos: those given, what the machine proposes, and giving them by hand."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request
from flask_babel import gettext
from sqlalchemy import select

from qm.console.blueprint import blueprint
from qm.console.formatting import words
from qm.console.forms import attempt, load_values, see
from qm.console.lists import Column, Filter, Listing
from qm.console.page_access import page
from qm.console.rendering import render
from qm.kudos import giving, proposals, visibility
from qm.kudos.models import STATES, Kudos
from qm.kudos.representations import kudos_representations
from qm.kudos.schemas import KudosListArguments, NewKudosSchema, ReviewKudosSchema
from qm.reviews import queue
from tenants.access import actor, person, session
from tenants.clients import client_named
from tenants.http.contract import Page, page_of
from tenants.models import Client, utc_now


@blueprint.route("/kudos")
@page("coaching:read")
def kudos() -> Any:
    """List the kudos that somebody may see, newest first."""
    clients = session().scalars(select(Client).order_by(Client.name)).all()
    praises = visibility.may_praise(actor())
    named = actor().role != "client_stakeholder"
    columns = [
        *([Column("agent_name", gettext("Agent"))] if named else []),
        Column("words", gettext("What was said")),
        Column("note", gettext("Praise")),
        Column("client", gettext("Client")),
        Column("channel", gettext("Channel"), "words"),
        Column("source", gettext("Found by"), "words", optional=not praises),
        Column("state", gettext("State"), "words", optional=not praises),
        *([Column("author.name", gettext("Confirmed by"))] if named else []),
        Column("created_at", gettext("When"), "moment"),
    ]
    filters = [Filter("client", gettext("Client"), [(each.slug, each.name) for each in clients])]
    if praises:
        filters.append(Filter("state", gettext("State"), [(each, words(each)) for each in STATES]))
    listing = Listing(
        title=gettext("Kudos"),
        columns=columns,
        filters=filters,
        empty=gettext("No kudos yet. They are for exceptional empathy, and a person confirms each."),
        template="kudos/list.html",
    )
    return listing.answer(KudosListArguments, _load, name="kudos", praises=praises, clients=clients)


def _load(arguments: dict[str, Any], limit: int, cursor: str | None) -> tuple[Page, list[dict[str, Any]]]:
    name = arguments["client"]
    client_id = client_named(session(), name).client_id if name else None
    statement = visibility.select_kudos(actor(), client_id=client_id, state=arguments["state"])
    key = [Kudos.created_at, Kudos.kudos_id]
    found = page_of(session(), statement, key, limit=limit, cursor=cursor, descending=True)
    return found, kudos_representations(session(), actor(), found.data)


@blueprint.route("/clients/<client>/kudos", methods=["GET", "POST"])
@page("coaching:write")
def kudos_proposals(client: Client) -> Any:
    """Show what the machine proposes, and a form to give kudos by hand."""
    visibility.check_may_praise(actor())
    with attempt() as tried:
        if request.method == "POST":
            made = _give()
            flash(gettext("The agent sees it.") if made.state == "confirmed" else gettext("Declined."))
            return see("console.kudos_proposals", client=client.slug)
    return render(
        "kudos/proposals.html",
        client=client,
        found=proposals.proposals(session(), actor(), client),
        given=_given(client),
        faults=tried.faults,
        typed=request.form,
    ), tried.status


def _give() -> Kudos:
    """Give what the form says: by hand without a quote, or from a proposal with its quote."""
    form = request.form
    chosen = {name: form.get(name, "").strip() for name in ("interaction", "source", "state")}
    body = load_values(NewKudosSchema, chosen | _praise(by_hand=form.get("source") == "hand"))
    return giving.give_kudos(session(), actor(), body.pop("interaction"), **body, now=utc_now())


def _praise(*, by_hand: bool) -> dict[str, Any]:
    """Return note and quote as they were typed: by hand, turns are counted from 1."""
    typed = {name: request.form.get(name, "").strip() for name in ("turn", "start", "end")}
    place = {name: int(value) for name, value in typed.items() if value.isdigit()}
    if by_hand and "turn" in place:
        place["turn"] -= 1
    note = request.form.get("note", "").strip() or None
    return {"note": note, "quote": place if "turn" in place else None}


@blueprint.route("/reviews/<uuid:review_id>/kudos", methods=["POST"], endpoint="reviews_praise")
@page("reviews:write")
def praise_reviewed_agent(review_id: UUID) -> Response:
    """Praise the agent of what one has reviewed."""
    with attempt() as tried:
        review = queue.get_review(session(), person(), review_id)
        body = load_values(ReviewKudosSchema, _praise(by_hand=True))
        giving.praise_reviewed(session(), person(), review, **body, now=utc_now())
    if tried.failed:
        flash(tried.faults[0].detail, "problem")
    else:
        flash(gettext("The agent sees it."))
    return see("console.reviews_one", review_id=review_id)


def _given(client: Client) -> list[dict[str, Any]]:
    """Return what was decided last, to be taken back if it was a mistake."""
    newest = visibility.select_kudos(actor(), client_id=client.client_id)
    found = session().scalars(newest.order_by(Kudos.created_at.desc(), Kudos.kudos_id).limit(10)).all()
    return kudos_representations(session(), actor(), found)


@blueprint.route("/clients/<client>/kudos/<uuid:kudos_id>/take-back", methods=["POST"])
@page("coaching:write")
def kudos_take_back(client: Client, kudos_id: UUID) -> Response:
    """Take back what was given or declined by mistake."""
    visibility.check_may_praise(actor())
    giving.take_back(session(), visibility.get_kudos(session(), actor(), kudos_id))
    flash(gettext("Taken back."))
    return see("console.kudos_proposals", client=client.slug)
