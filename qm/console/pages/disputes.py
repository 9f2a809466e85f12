"""Disputes: the list, one as a thread beside its evidence, deciding on it, and appealing."""

from typing import Any
from uuid import UUID

from flask import flash, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from qm.console.blueprint import blueprint
from qm.console.client_pages import visible_clients
from qm.console.forms import attempt, load_values, read_form, see
from qm.console.lists import Column, Filter, Listing
from qm.console.page_access import page
from qm.console.pages.dispute_forms import at_question, read_decision
from qm.console.pages.evaluation_reading import called, disputed_interaction, readable_turns
from qm.console.pages.review_shown import answer_in_words
from qm.console.rendering import render
from qm.disputes import appealing, deciding
from qm.disputes.access import get_dispute, in_force
from qm.disputes.finding import ORDER, filtered
from qm.disputes.models import OUTCOMES, Dispute
from qm.disputes.representations import dispute_detail, dispute_summaries
from qm.disputes.schemas import (
    SHOWN_STATES,
    DisputeAppealSchema,
    DisputeDecisionSchema,
    DisputeListArguments,
    DisputeWhatIfSchema,
)
from qm.disputes.what_if import what_if
from qm.reviews.definitions_in_force import load_pinned_definitions
from scorecards.definitions.form import Form, Question
from tenants.access import actor, person, session
from tenants.http.contract import page_of
from tenants.http.faults import Fault, Invalid, NotFound
from tenants.models import utc_now
from tenants.roles import CLIENT_ROLE

_PEOPLE_AT = 5
"""Where the columns of people stand, for those who are told of them."""


def _listing() -> Listing:
    names = actor().sees_agents
    columns = [
        Column("opened_at", _("Opened"), "moment"),
        Column("client", _("Client")),
        *([] if actor().role == CLIENT_ROLE else [Column("external_id", _("Interaction"))]),
        Column("questions", _("Questions"), "tags"),
        Column("side", _("Opened for the"), "words"),
        Column("state", _("State"), "words"),
        Column("score_before", _("Score before"), "number"),
        Column("score_after", _("Score after"), "number"),
        Column("days", _("Days to the decision"), "number"),
        Column("decided_at", _("Decided"), "moment", optional=True),
        Column("appealed_at", _("Appealed"), "moment", optional=True),
        Column("withdrawn_at", _("Withdrawn"), "moment", optional=True),
        Column("channel", _("Channel"), "words", optional=True),
        Column("id", _("Id"), optional=True),
    ]
    people = [
        Column("initiator.name", _("Opened by")),
        Column("reviewer.name", _("Reviewer")),
        Column("agent.name", _("Agent"), optional=True),
    ]
    by_people = [Filter("agent", _("Agent's id"))]
    return Listing(
        str(_("Disputes")),
        columns=[*columns[:_PEOPLE_AT], *people, *columns[_PEOPLE_AT:]] if names else columns,
        filters=(
            Filter("state", _("State"), [(state, str(_STATES[state])) for state in SHOWN_STATES]),
            Filter("client", _("Client"), [(each.slug, each.name) for each in visible_clients()]),
            Filter("question", _("Question")),
            *(by_people if names else ()),
            Filter("from", _("Opened from"), type="date", more=True),
            Filter("to", _("Opened to"), type="date", through=True, more=True),
        ),
        link=lambda row: url_for("console.disputes_one", dispute_id=row["id"]),
        empty=str(_("Nothing is disputed. Agents and clients dispute published evaluations on their pages.")),
        template="disputes/list.html",
        views="disputes",
    )


_STATES = {
    "open": _("waits for a decision"),
    "decided": _("decided"),
    "appealed": _("waits for a second decision"),
    "settled": _("decided twice"),
    "withdrawn": _("withdrawn"),
    "lapsed": _("lapsed: its evaluation counts nowhere"),
}
_OUTCOMES = {"keep": _("Keep it"), "as_proposed": _("As proposed"), "other": _("Something else")}


@blueprint.route("/disputes")
@page("disputes:read")
def disputes() -> Any:
    """List the disputes that somebody may see, newest first."""

    def load(filters: dict[str, Any], limit: int, cursor: str | None) -> Any:
        try:
            statement = filtered(session(), actor(), **filters)
        except NotFound as error:
            raise Invalid([Fault("/query/client", "unknown_client", str(error))]) from error
        found = page_of(session(), statement, ORDER, descending=True, limit=limit, cursor=cursor)
        return found, dispute_summaries(session(), actor(), found.data, utc_now())

    return _listing().answer(DisputeListArguments, load, name="disputes")


@blueprint.route("/disputes/<uuid:dispute_id>", endpoint="disputes_one")
@page("disputes:read")
def show_dispute(dispute_id: UUID) -> Any:
    """Show a dispute beside the conversation, with the form of the decision."""
    return _page(get_dispute(session(), actor(), dispute_id))


def _page(dispute: Dispute, faults: list[Fault] | None = None, *, status: int = 200) -> Any:
    detail = dispute_detail(session(), actor(), dispute, utc_now())
    interaction, form = disputed_interaction(dispute), _form(dispute)
    shown = render(
        "disputes/dispute.html",
        dispute=detail,
        states=_STATES,
        outcomes=[(name, _OUTCOMES[name]) for name in OUTCOMES],
        called=called(interaction),
        turns=readable_turns(interaction),
        questions=form.questions,
        further=_asked_only_then(form, detail),
        in_words=answer_in_words,
        faults=faults or [],
        places=["/comment", *(f"/{key}" for key in form.questions)],
    )
    return shown, status


def _form(dispute: Dispute) -> Form:
    current = in_force(session(), [dispute]).get(dispute.dispute_id)
    return (load_pinned_definitions(session(), current.versions).form if current else None) or Form("", "")


def _asked_only_then(form: Form, detail: dict[str, Any]) -> list[Question]:
    """Return the questions without an answer that hang on a disputed one: they may have to be answered."""
    current = in_force(session(), [get_dispute(session(), actor(), detail["id"])])
    answered = {each["question"] for found in current.values() for each in found.answers}
    disputed = {each["question"] for each in detail["answers"]}
    return [
        question
        for key, question in form.questions.items()
        if key not in answered and question.show_when and question.show_when.question in disputed
    ]


@blueprint.route("/disputes/<uuid:dispute_id>/what-if", methods=["POST"], endpoint="disputes_what_if")
@page("disputes:write")
def preview_decision(dispute_id: UUID) -> Any:
    """Say what the score would become, as a part of the page."""
    dispute = get_dispute(session(), actor(), dispute_id)
    result = None
    with attempt() as tried:
        body = _typed(dispute)
        trial = {name: body[name] for name in ("answers", "further")}
        result = what_if(session(), actor(), dispute_id, **load_values(DisputeWhatIfSchema, trial))
    return render_template("disputes/what_if.html", result=result, faults=tried.faults, form=_form(dispute))


def _typed(dispute: Dispute) -> dict[str, Any]:
    disputed = deciding.disputed_answers(session(), dispute)
    return read_decision(request.form, _form(dispute), disputed_interaction(dispute), disputed)


@blueprint.route("/disputes/<uuid:dispute_id>/decide", methods=["POST"], endpoint="disputes_decide")
@page("disputes:write")
def decide_dispute(dispute_id: UUID) -> Any:
    """Decide on a dispute."""
    dispute = get_dispute(session(), actor(), dispute_id)
    body: dict[str, Any] = {}
    with attempt() as tried:
        body = _typed(dispute)
        ruling = deciding.Ruling(**load_values(DisputeDecisionSchema, body))
        deciding.decide(session(), person(), dispute_id, ruling, now=utc_now())
    if tried.failed:
        return _page(dispute, [at_question(each, body) for each in tried.faults], status=422)
    flash(gettext("Decided. Who opened it reads why, and the score is the new one from now on."))
    return see("console.disputes_one", dispute_id=dispute_id)


@blueprint.route("/disputes/<uuid:dispute_id>/withdraw", methods=["POST"], endpoint="disputes_withdraw")
@page("disputes:write")
def withdraw_dispute(dispute_id: UUID) -> Any:
    """Take a dispute back, or its appeal."""
    dispute = get_dispute(session(), actor(), dispute_id)
    with attempt() as tried:
        appealing.withdraw(session(), person(), dispute_id, now=utc_now())
    if tried.failed:
        return _page(dispute, tried.faults, status=422)
    flash(gettext("Taken back. Nobody decides on it any more."))
    return see("console.disputes_one", dispute_id=dispute_id)


@blueprint.route("/disputes/<uuid:dispute_id>/appeal", methods=["POST"], endpoint="disputes_appeal")
@page("disputes:write")
def appeal_dispute(dispute_id: UUID) -> Any:
    """Appeal the decision on a dispute."""
    dispute = get_dispute(session(), actor(), dispute_id)
    with attempt() as tried:
        said = read_form(DisputeAppealSchema)
        appealing.appeal(session(), person(), dispute_id, **said, now=utc_now())
    if tried.failed:
        return _page(dispute, tried.faults, status=422)
    flash(gettext("Appealed. Somebody else decides now."))
    return see("console.disputes_one", dispute_id=dispute_id)
