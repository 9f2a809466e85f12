"""The page on which a calibration session is changed, and reopened once it has ended."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import flash, request
from flask_babel import get_timezone, gettext

from qm.calibration import blindness, changing, representations
from qm.calibration.models import Calibration
from qm.calibration.participants import possible_participants
from qm.calibration.results import client_of
from qm.calibration.schemas import CalibrationChangeSchema, CalibrationReopeningSchema
from qm.console.blueprint import blueprint
from qm.console.forms import attempt, load_values, see
from qm.console.page_access import page
from qm.console.rendering import render
from tenants.access import actor, session
from tenants.http.faults import Fault
from tenants.models import utc_now


@blueprint.route("/calibrations/<uuid:calibration_id>/change", methods=["GET", "POST"])
@page("calibration:write")
def calibrations_change(calibration_id: UUID) -> Any:
    """Change the name, the end and the participants of a session."""
    found = _found(calibration_id)
    if request.method == "GET":
        return _page(found)
    with attempt() as tried:
        body = load_values(CalibrationChangeSchema, _typed(found))
        reason = body.pop("reason")
        client = client_of(session(), found)
        changing.change_session(session(), client, found, reason=reason, changes=body, now=utc_now())
    if tried.failed:
        return _page(found, tried.faults)
    flash(gettext("The session is changed."))
    return see("console.calibrations_session", calibration_id=calibration_id)


@blueprint.route("/calibrations/<uuid:calibration_id>/reopen", methods=["POST"])
@page("calibration:write")
def calibrations_reopen(calibration_id: UUID) -> Any:
    """Take answers again of those who have not seen the results."""
    found = _found(calibration_id)
    with attempt() as tried:
        typed = {"reason": request.form.get("reason", ""), "deadline": _instant("deadline")}
        body = load_values(CalibrationReopeningSchema, typed)
        changing.reopen_session(session(), found, **body, now=utc_now())
    if tried.failed:
        return _page(found, tried.faults)
    flash(gettext("The session takes answers again, of those who have not seen its results."))
    return see("console.calibrations_session", calibration_id=calibration_id)


def _found(calibration_id: UUID) -> Calibration:
    found = blindness.get_session(session(), actor(), calibration_id, utc_now())
    blindness.check_runs(actor())
    return found


def _typed(calibration: Calibration) -> dict[str, Any]:
    """Return what differs from the session as a body of the API."""
    form = request.form
    body: dict[str, Any] = {"reason": form.get("reason", "")}
    if form.get("name", "") != calibration.name:
        body["name"] = form.get("name", "")
    if "deadline" in form and form["deadline"] != shown_moment(calibration.deadline):
        body["deadline"] = _instant("deadline")
    for name in ("add", "remove"):
        if form.getlist(name):
            body[name] = form.getlist(name)
    return body


def _instant(name: str) -> str | None:
    """Return a moment as typed in the viewer's zone."""
    typed = request.form.get(name, "").strip()
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=_zone()).isoformat()
    except ValueError:
        return typed


def shown_moment(moment: datetime | None) -> str:
    """Return a moment as a field of the form holds it, in the viewer's zone."""
    return "" if moment is None else moment.astimezone(_zone()).strftime("%Y-%m-%dT%H:%M")


def _zone() -> ZoneInfo:
    return ZoneInfo(str(get_timezone()))


def _page(calibration: Calibration, faults: list[Fault] | None = None) -> Any:
    now = utc_now()
    detail = representations.session_detail(session(), actor(), calibration, now)
    client = client_of(session(), calibration)
    present = {each["user"] for each in detail["participants"]}
    others = [each for each in possible_participants(session(), client) if each.user_id not in present]
    shown = render(
        "calibrations/change.html",
        calibration=detail,
        client=client,
        others=others,
        leavers=[each for each in detail["participants"] if not each["answered"] and not each["expert"]],
        deadline=shown_moment(calibration.deadline),
        typed=request.form,
        faults=faults or [],
    )
    return shown, 422 if faults else 200
