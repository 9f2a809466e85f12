"""The form in which a participant answers one interaction of a session."""

import re
from collections.abc import Mapping, Sequence
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
from qm.console.rendering import render
from scorecards.definitions.form import Answer, Question
from scorecards.scoring.scoring import shown_questions
from tenants.access import actor, person, session
from tenants.http.faults import Fault, NotFound
from tenants.models import utc_now

_NA = "n/a"
_TURN = re.compile(r"\d+")
_PLACE = re.compile(r"/answers/(\d+)")


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
    stored = asked.mine.answers if asked.mine else []
    given: Sequence[Mapping[str, Any]] = _typed_answers(asked) if request.method == "POST" else stored
    with attempt() as tried:
        if request.method == "POST":
            body = load_values(CalibrationAnswersSchema, {"answers": given})
            answering.answer(session(), person(), found, interaction_id, **body, now=now)
            flash(gettext("Your answers are kept."))
            left = blindness.unanswered(session(), actor(), found)
            return redirect(_after(calibration_id, left), HTTPStatus.SEE_OTHER)
    return render(
        "calibrations/answer.html",
        calibration=found,
        asked=representations.asked_item(actor(), found, asked, now),
        form=asked.form,
        total=found.drawn,
        given={each["question"]: each for each in given},
        faults=tried.faults,
        at_question=_by_question(tried.faults, given),
        final=asked.mine is not None and not blindness.unanswered(session(), actor(), found),
    ), tried.status


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


def _typed_answers(asked: AskedItem) -> list[dict[str, Any]]:
    """Return what was typed as answers of the API, without those to questions that are not asked."""
    form = asked.form
    bodies = {key: body for key, each in form.questions.items() if (body := _typed(each)) is not None}
    answers = {key: Answer.from_json(body) for key, body in bodies.items()}
    interaction = asked.interaction
    shown = set(shown_questions(form, answers, channel=interaction.channel, intent=interaction.intent))
    return [body for key, body in bodies.items() if key in shown]


def _typed(question: Question) -> dict[str, Any] | None:
    key = question.key
    sent = request.form.getlist(f"value.{key}")
    values = [each.strip() for each in sent if each.strip()]
    if not values:
        return None
    na = _NA in values
    reasons = request.form.getlist(f"reasons.{key}")
    return {
        "question": key,
        "value": None if na else _value(question, values),
        "na": na,
        "reasons": [] if na else reasons,
        "note": request.form.get(f"note.{key}", "").strip(),
        "evidence": [
            {"turn": int(number) - 1}
            for number in _TURN.findall(request.form.get(f"evidence.{key}", ""))
            if 0 < int(number) < 10**6
        ],
    }


def _value(question: Question, values: Sequence[str]) -> Any:
    if question.kind == "multi":
        return [each for each in values if each != "none"]
    if question.kind == "numeric":
        try:
            return float(values[0])
        except ValueError:
            return values[0]
    return values[0]


def _by_question(faults: Sequence[Fault], given: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the faults by the question they belong to; of others by an empty name."""
    found: dict[str, list[str]] = {}
    for fault in faults:
        place = _PLACE.match(fault.pointer)
        named = place is not None and int(place[1]) < len(given)
        key = given[int(place[1])]["question"] if place is not None and named else ""
        found.setdefault(key, []).append(fault.detail)
    return found
