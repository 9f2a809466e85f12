"""Published evaluations for their agent and their client's people: the list, reading, and disputing."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from qm.console.blueprint import blueprint
from qm.console.client_pages import visible_clients
from qm.console.forms import attempt, load_values, see
from qm.console.lists import Column, Filter, Listing
from qm.console.page_access import page
from qm.console.pages.dispute_forms import at_question, read_dispute
from qm.console.pages.evaluations import evaluation_page
from qm.disputes import acknowledgement_list, acknowledging
from qm.disputes.access import get_published, select_to_read
from qm.disputes.opening import form_of, interaction_of, open_dispute
from qm.disputes.representations import readable_representations
from qm.disputes.schemas import AcknowledgementListArguments, NewDisputeSchema, PublishedListArguments
from qm.reviews.models import Evaluation
from tenants.access import actor, person, session
from tenants.http.contract import page_of
from tenants.http.faults import Fault, Invalid, NotFound
from tenants.models import utc_now
from tenants.roles import CLIENT_ROLE

PUBLISHED = Listing(
    _("Published evaluations"),
    columns=(
        Column("published_at", _("Published"), "moment"),
        Column("client", _("Client")),
        Column("external_id", _("Interaction")),
        Column("channel", _("Channel"), "words"),
        Column("started_at", _("Began"), "moment"),
        Column("scorecard", _("Scorecard"), "words", optional=True),
        Column("score", _("Score"), "number"),
        Column("band", _("Band")),
        Column("acknowledged_at", _("Read"), "moment"),
        Column("overdue", _("Overdue")),
        Column("disputable_until", _("To dispute until"), "moment"),
        Column("id", _("Id"), optional=True),
    ),
    link=lambda row: url_for("console.evaluation", evaluation_id=row["id"]),
    empty=_("Nothing is published for you yet. What reviewers say of the work will be here."),
)
_OF_AGENTS = frozenset({"external_id", "acknowledged_at", "overdue"})
"""The columns in which a client's own people are told nothing."""


@blueprint.route("/published", endpoint="disputes_published")
@page("disputes:read")
def list_published() -> Any:
    """List the published evaluations of one's own work, or of one's client."""

    def load(filters: dict[str, Any], limit: int, cursor: str | None) -> Any:
        key = [Evaluation.published_at, Evaluation.evaluation_id]
        statement = select_to_read(actor())
        found = page_of(session(), statement, key, descending=True, limit=limit, cursor=cursor, **filters)
        return found, readable_representations(session(), actor(), found.data, utc_now())

    told = [each for each in PUBLISHED.columns if each.name not in _OF_AGENTS]
    listing = replace(PUBLISHED, columns=told) if actor().role == CLIENT_ROLE else PUBLISHED
    return listing.answer(PublishedListArguments, load, name="published-evaluations")


@blueprint.route("/acknowledgements", endpoint="disputes_acknowledgements")
@page("disputes:read")
def list_acknowledgements() -> Any:
    """List which published evaluations their agents have read, which wait, and which wait too long."""

    def load(filters: dict[str, Any], limit: int, cursor: str | None) -> Any:
        now = utc_now()
        try:
            statement = acknowledgement_list.select_to_be_read(session(), actor(), now=now, **filters)
        except NotFound as error:
            raise Invalid([Fault("/query/client", "unknown_client", str(error))]) from error
        found = page_of(session(), statement, acknowledgement_list.ORDER, limit=limit, cursor=cursor)
        return found, acknowledgement_list.reading_representations(session(), found.data, now)

    if not acknowledgement_list.leads(actor()):
        raise acknowledgement_list.NotLeader
    return _acknowledgements().answer(AcknowledgementListArguments, load, name="acknowledgements")


def _acknowledgements() -> Listing:
    states = {"read": _("read"), "waiting": _("not read yet"), "overdue": _("overdue")}
    return Listing(
        str(_("Read by agents")),
        columns=(
            Column("person.name", _("Agent")),
            Column("agent", _("Agent's id"), optional=True),
            Column("client", _("Client")),
            Column("external_id", _("Interaction")),
            Column("published_at", _("Published"), "moment"),
            Column("due_at", _("To be read by"), "moment"),
            Column("state", _("State"), texts={name: str(text) for name, text in states.items()}),
            Column("acknowledged_at", _("Read"), "moment"),
            Column("scorecard", _("Scorecard"), "words", optional=True),
            Column("score", _("Score"), "number"),
            Column("evaluation", _("Id"), optional=True),
        ),
        filters=(
            Filter("state", _("State"), [(name, str(text)) for name, text in states.items()]),
            Filter("client", _("Client"), [(each.slug, each.name) for each in visible_clients()]),
            Filter("agent", _("Agent's id")),
        ),
        link=lambda row: url_for("console.evaluation", evaluation_id=row["evaluation"]),
        empty=str(_("Nothing. What is published to agents who sign in here is listed, oldest first.")),
    )


@blueprint.route(
    "/evaluations/<uuid:evaluation_id>/acknowledge", methods=["POST"], endpoint="evaluation_acknowledge"
)
@page("disputes:write")
def acknowledge_evaluation(evaluation_id: UUID) -> Response:
    """Say that one has read an evaluation."""
    with attempt() as tried:
        acknowledging.acknowledge(session(), person(), evaluation_id, now=utc_now())
    if tried.failed:
        flash(tried.faults[0].detail, "problem")
        return see("console.home")
    flash(gettext("Noted: you have read it."))
    return see("console.evaluation", evaluation_id=evaluation_id)


@blueprint.route("/evaluations/<uuid:evaluation_id>/dispute", methods=["POST"], endpoint="evaluation_dispute")
@page("disputes:write")
def dispute_evaluation(evaluation_id: UUID) -> Any:
    """Dispute answers of an evaluation."""
    evaluation, body = None, dict[str, Any]()
    with attempt() as tried:
        evaluation = get_published(session(), person(), evaluation_id, utc_now())
        form, interaction = form_of(session(), evaluation), interaction_of(session(), evaluation)
        body = read_dispute(request.form, form, interaction)
        loaded = load_values(NewDisputeSchema, body)
        made = open_dispute(session(), person(), evaluation_id, **loaded, now=utc_now())
    if not tried.failed:
        flash(gettext("Your dispute is open. You see here what is decided."))
        return see("console.disputes_one", dispute_id=made.dispute_id)
    if evaluation is None:
        flash(tried.faults[0].detail, "problem")
        return see("console.disputes_published")
    return evaluation_page(evaluation, faults=[at_question(each, body) for each in tried.faults], status=422)
