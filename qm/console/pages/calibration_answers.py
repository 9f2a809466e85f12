"""The form in which a participant answers one interaction of a session."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext

from qm.calibration import answering, blindness, representations
from qm.calibration.answering import AskedItem
from qm.calibration.board_loading import load_items
from qm.calibration.models import Calibration
from qm.calibration.schemas import CalibrationAnswersSchema
from qm.console.blueprint import blueprint
from qm.console.forms import attempt, load_values
from qm.console.page_access import page
from qm.console.pages.review_form import TypedReview, faults_by_question, read_review_form, typed_places
from qm.console.pages.review_shown import shown_form, shown_turns
from qm.console.rendering import render
from tenants.access import actor, person, session
from tenants.http.faults import Fault, NotFound
from tenants.models import utc_now


@blueprint.route("/calibrations/<uuid:calibration_id>/answers/<uuid:interaction_id>", methods=["GET", "POST"])
@page("calibration:write")
def calibrations_answer(calibration_id: UUID, interaction_id: UUID) -> Any:
    """Show a transcript beside its form, and take the answers."""
    now = utc_now()
    found = blindness.get_session(session(), actor(), calibration_id, now)
    try:
        asked = answering.load_asked(session(), actor(), found, interaction_id)
    except NotFound:
        if request.method == "GET" or not _lacks_interactions(found):
            raise
        flash(gettext("This interaction was erased meanwhile and is asked no more."), "problem")
        return redirect(
            url_for("console.calibrations_session", calibration_id=calibration_id), HTTPStatus.SEE_OTHER
        )
    typed = _typed(asked) if request.method == "POST" else None
    with attempt() as tried:
        if typed is not None and not typed.faults:
            answering.answer(session(), person(), found, interaction_id, **_loaded(typed), now=now)
            flash(gettext("Your answers are kept."))
            left = blindness.unanswered(session(), actor(), found)
            return redirect(_after(calibration_id, left), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if typed is not None and typed.faults else tried.status
    return _form_page(found, asked, typed, tried.faults, now), status


def _form_page(
    calibration: Calibration,
    asked: AskedItem,
    typed: TypedReview | None,
    refused: Sequence[Fault],
    now: datetime,
) -> str:
    by_question, general = faults_by_question(typed or TypedReview({"answers": []}), refused)
    stored = asked.mine.answers if asked.mine else []
    interaction = asked.interaction
    return render(
        "calibrations/answer.html",
        calibration=calibration,
        asked=representations.asked_item(calibration, asked, now),
        form=asked.form,
        total=calibration.drawn,
        questions=shown_form(
            asked.form,
            typed.body["answers"] if typed else stored,
            by_question,
            channel=interaction.channel,
            intent=interaction.intent,
            typed_places=typed_places(request.form),
        ),
        turns=shown_turns(asked.turns),
        faults=general,
        final=asked.mine is not None and not blindness.unanswered(session(), actor(), calibration),
    )


def _lacks_interactions(found: Calibration) -> bool:
    """Whether the caller takes part in a session of which an interaction was erased."""
    if blindness.participation(session(), actor(), found) is None:
        return False
    return len(load_items(session(), found)) < found.drawn


def _after(calibration_id: UUID, left: Sequence[UUID]) -> str:
    """Return the address of the next interaction to answer, or of the session."""
    if left:
        return url_for("console.calibrations_answer", calibration_id=calibration_id, interaction_id=left[0])
    return url_for("console.calibrations_session", calibration_id=calibration_id)


def _typed(asked: AskedItem) -> TypedReview:
    interaction = asked.interaction
    return read_review_form(
        request.form,
        asked.form,
        channel=interaction.channel,
        intent=interaction.intent,
        complete=True,
        only_asked=True,
    )


def _loaded(typed: TypedReview) -> Mapping[str, Any]:
    return load_values(CalibrationAnswersSchema, {"answers": typed.body["answers"]})
