"""The page of one's own badges and of the goals of teams; managers set goals, and switch it on or off."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, flash, request
from flask_babel import gettext, ngettext
from sqlalchemy import select

from qm.console.blueprint import blueprint
from qm.console.formatting import number
from qm.console.forms import attempt, load_values, see
from qm.console.page_access import page
from qm.console.rendering import render
from qm.recognition import recognition
from qm.recognition.schemas import NewTeamGoalSchema, RecognitionSchema
from tenants.access import actor, person, session
from tenants.clients import client_named
from tenants.http.faults import Fault
from tenants.models import Client, utc_now


@blueprint.route("/recognition", endpoint="recognition")
@page("reviews:own")
def show_recognition() -> Any:
    """Show what the reader has earned, and how far their teams are."""
    return _page()


def _page(faults: list[Fault] | None = None) -> Any:
    found = RecognitionSchema().dump(recognition.recognition_of(session(), person(), utc_now()))
    sets = recognition.sets_goals(actor())
    shown = render(
        "recognition/recognition.html",
        found=found,
        in_words=_badge,
        measures=_measures(),
        sets_goals=sets,
        switches=sets and not actor().bound,
        clients=session().scalars(select(Client).order_by(Client.name)).all() if sets else [],
        typed=request.form,
        faults=faults or [],
    )
    return shown, 422 if faults else 200


def _badge(badge: Mapping[str, Any]) -> tuple[str, str]:
    """Return what was earned, and for what, as words."""
    level, figure = number(badge["level"], 0), number(badge["figure"], 1)
    told = {
        "working_weeks": (
            gettext("%(n)s weeks", n=level),
            gettext(
                "You reviewed in %(n)s weeks in a row; holidays end no streak.", n=number(badge["figure"], 0)
            ),
        ),
        "golden_agreement": (
            gettext("Sure hand, %(n)s %%", n=level),
            gettext("You answered %(n)s %% as known, and surely more than the badge says.", n=figure),
        ),
        "golden_improvement": (
            gettext("Improved"),
            gettext("You answer %(n)s points more as known than a quarter ago: more than chance.", n=figure),
        ),
        "calibration_accuracy": (
            gettext("Calibrated within %(n)s", n=level),
            gettext("In calibration you were %(n)s points from the reference on average.", n=figure),
        ),
        "kudos": (
            gettext("Kudos"),
            ngettext("%(num)d kudos for you.", "%(num)d kudos for you.", int(badge["figure"])),
        ),
        "coached_questions": (
            gettext("What was coached moved"),
            ngettext(
                "%(num)d question that you worked on in a coaching plan moved, by later reviews.",
                "%(num)d questions that you worked on in a coaching plan moved, by later reviews.",
                int(badge["figure"]),
            ),
        ),
    }
    return told[badge["kind"]]


def _measures() -> Mapping[str, str]:
    return {
        "golden_agreement": gettext("Answered as known, percent"),
        "calibration_answered": gettext("Answered in calibration, percent"),
    }


@blueprint.route("/recognition", methods=["POST"], endpoint="recognition_switch")
@page("reviews:write")
def switch_recognition() -> Response:
    """Switch recognition on or off for the whole tenant."""
    recognition.check_switches(actor())
    enabled = request.form.get("enabled") == "true"
    recognition.switch(session(), enabled=enabled, now=utc_now())
    flash(gettext("Recognition is on.") if enabled else gettext("Recognition is off: nothing is computed."))
    return see("console.recognition")


@blueprint.route("/recognition/goals", methods=["POST"], endpoint="recognition_goals")
@page("reviews:write")
def set_goal() -> Any:
    """Set a goal for everybody who works for a client."""
    recognition.check_sets_goals(actor())
    form = request.form
    with attempt() as tried:
        client = client_named(session(), form.get("client", ""))
        body: dict[str, Any] = {name: form.get(name, "") for name in ("measure", "from", "to")}
        recognition.set_goal(
            session(),
            client,
            **load_values(NewTeamGoalSchema, body | {"target": _figure(form.get("target", ""))}),
            now=utc_now(),
        )
    if tried.failed:
        return _page(tried.faults)
    flash(gettext("The goal is set: everybody who works for the client sees it."))
    return see("console.recognition")


def _figure(typed: str) -> float | str:
    try:
        return float(typed)
    except ValueError:
        return typed


@blueprint.route("/recognition/goals/<uuid:goal_id>", methods=["POST"], endpoint="recognition_goals_end")
@page("reviews:write")
def end_goal(goal_id: UUID) -> Response:
    """Take a goal back."""
    recognition.check_sets_goals(actor())
    recognition.end_goal(session(), goal_id, now=utc_now())
    flash(gettext("The goal is taken back."))
    return see("console.recognition")
