"""The page of an evaluation: what was said, its versions, and publishing, editing and voiding it."""

from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from qm.console.blueprint import blueprint
from qm.console.forms import attempt
from qm.console.page_access import page
from qm.console.pages.evaluation_reading import called, readable_turns, reading_of
from qm.console.pages.review_form import TypedReview, faults_by_question, read_review_form, typed_places
from qm.console.pages.review_shown import answer_in_words, shown_form, shown_turns
from qm.console.rendering import render
from qm.interactions.models import Interaction
from qm.reviews import blindness, editing, publishing
from qm.reviews.definitions_in_force import load_pinned_definitions
from qm.reviews.models import Evaluation
from qm.reviews.permissions import may_manage_queue
from qm.reviews.representations import version_representations
from scorecards.definitions.form import Form
from tenants.access import actor, person, session
from tenants.http.faults import Fault
from tenants.models import Client, utc_now


@blueprint.route("/evaluations/<uuid:evaluation_id>", endpoint="evaluation")
@page("clients:read")
def show_evaluation(evaluation_id: UUID) -> Any:
    """Show an evaluation to whoever may see it; an agent sees published ones of their own work."""
    return evaluation_page(publishing.get_readable_evaluation(session(), actor(), evaluation_id))


@blueprint.route("/evaluations/<uuid:evaluation_id>/publish", methods=["POST"], endpoint="evaluation_publish")
@page("reviews:write")
def publish_evaluation(evaluation_id: UUID) -> Response:
    """Publish an evaluation now."""
    found = blindness.get_evaluation(session(), actor(), evaluation_id)
    with attempt() as tried:
        publishing.publish(session(), actor(), found, now=utc_now())
    return _told(evaluation_id, tried.faults, gettext("Published: the agent sees it now."))


@blueprint.route("/evaluations/<uuid:evaluation_id>/void", methods=["POST"], endpoint="evaluation_void")
@page("reviews:write")
def void_evaluation(evaluation_id: UUID) -> Any:
    """Void an evaluation, with a reason."""
    reason = request.form.get("reason", "").strip()
    found = blindness.get_evaluation(session(), actor(), evaluation_id)
    if not reason or len(reason) > 500:
        missing = gettext("Say why, in at most 500 characters.")
        return evaluation_page(found, faults=[Fault("/reason", "required", missing)], status=422)
    with attempt() as tried:
        editing.void(session(), person(), evaluation_id, reason=reason, now=utc_now())
    return _told(evaluation_id, tried.faults, gettext("Void. Somebody else is to review the interaction."))


@blueprint.route(
    "/evaluations/<uuid:evaluation_id>/edit", methods=["GET", "POST"], endpoint="evaluation_edit"
)
@page("reviews:own")
def edit_evaluation(evaluation_id: UUID) -> Any:
    """Change an evaluation by a new version."""
    found = publishing.get_readable_evaluation(session(), actor(), evaluation_id)
    if not editing.may_edit(actor(), found, utc_now()):
        editing.check_owner(actor(), found)
        return _told(evaluation_id, [Fault("", "too_late", gettext("A QM manager can edit this."))], "")
    form, interaction = _form_and_interaction(found)
    if request.method == "GET":
        return _edit_page(found, form, interaction, found.answers)
    typed = read_review_form(
        request.form, form, channel=interaction.channel, intent=interaction.intent, complete=True
    )
    reason = request.form.get("reason", "").strip()
    missing = [] if 0 < len(reason) <= 500 else [Fault("/reason", "required", gettext("Say why you edit."))]
    with attempt() as tried:
        if not (missing or typed.faults):
            loaded = {**typed.loaded(), "sentiment": None}
            made = editing.edit(session(), person(), evaluation_id, **loaded, reason=reason, now=utc_now())
    if missing or typed.faults or tried.failed:
        return _edit_page(
            found,
            form,
            interaction,
            typed.body["answers"],
            typed=typed,
            faults=[*missing, *tried.faults],
            status=422,
        )
    flash(gettext("Saved as a new version; the one before stays in the record."))
    return _see(made.evaluation_id)


def _see(evaluation_id: UUID) -> Response:
    address = url_for("console.evaluation", evaluation_id=evaluation_id)
    answer: Response = make_response(redirect(address, 303))
    return answer


def _told(evaluation_id: UUID, faults: list[Fault], done: str) -> Response:
    if faults:
        flash(faults[0].detail, "problem")
    else:
        flash(done)
    return _see(evaluation_id)


def _definition_bodies(evaluation: Evaluation) -> dict[str, Any]:
    """Return the brand voice and the playbooks that an evaluation was made by."""
    pinned = load_pinned_definitions(session(), evaluation.versions)
    voice = pinned.brand_voice
    return {
        "brand_voice": voice.body if voice else None,
        "playbooks": [each.body for each in pinned.playbooks],
    }


def _form_and_interaction(evaluation: Evaluation) -> tuple[Form, Interaction]:
    interaction = (
        session()
        .scalars(select(Interaction).where(Interaction.interaction_id == evaluation.interaction_id))
        .one()
    )
    form = load_pinned_definitions(session(), evaluation.versions).form
    return form or Form("", ""), interaction


def evaluation_page(evaluation: Evaluation, *, faults: list[Fault] | None = None, status: int = 200) -> Any:
    """Return the page of an evaluation, as the reader may see it, and its status."""
    form, interaction = _form_and_interaction(evaluation)
    versions = version_representations(session(), actor(), evaluation)
    shown = next(
        each["evaluation"]
        for each in versions
        if each["evaluation"]["evaluation_id"] == evaluation.evaluation_id
    )
    current = versions if may_manage_queue(actor()) or evaluation.reviewer_id == actor().user_id else []
    manages = (
        may_manage_queue(actor()) and evaluation.superseded_at is None and evaluation.kind != "automatic"
    )
    page_shown = render(
        "evaluations/evaluation.html",
        evaluation=shown,
        interaction=interaction,
        client=session().scalars(select(Client).where(Client.client_id == interaction.client_id)).one(),
        sections=[
            (section.name, [(each, _by_key(shown).get(each.key)) for each in section.questions])
            for section in form.sections
        ],
        form=form,
        **_definition_bodies(evaluation),
        versions=current,
        called=called(interaction),
        turns=readable_turns(interaction),
        in_words=answer_in_words,
        reading=reading_of(evaluation, form),
        manages=manages,
        edits=editing.may_edit(actor(), evaluation, utc_now()),
        faults=faults or [],
        now=utc_now(),
    )
    return page_shown, status


def _by_key(evaluation: dict[str, Any]) -> dict[str, Any]:
    return {each["question"]: each for each in evaluation["answers"]}


def _edit_page(
    evaluation: Evaluation,
    form: Form,
    interaction: Interaction,
    answers: list[dict[str, Any]],
    *,
    typed: TypedReview | None = None,
    faults: list[Fault] | None = None,
    status: int = 200,
) -> Any:
    by_question, general = faults_by_question(typed or TypedReview({"answers": []}), faults or [])
    page_shown = render(
        "evaluations/edit.html",
        evaluation=evaluation,
        interaction=interaction,
        questions=shown_form(
            form,
            answers,
            by_question,
            channel=interaction.channel,
            intent=interaction.intent,
            typed_places=typed_places(request.form),
        ),
        turns=shown_turns(interaction.turns),
        general=general,
    )
    return page_shown, status
