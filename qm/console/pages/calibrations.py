"""Calibration sessions: their lists, making one, the board of one, closing it, rewording a question."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, flash, make_response, redirect, request, url_for
from flask_babel import get_timezone, gettext
from sqlalchemy import Select, select

from qm.calibration import blindness, representations, rewording, running
from qm.calibration.board_loading import load_board
from qm.calibration.draws import flagged_interactions, ids_of_named
from qm.calibration.models import Calibration
from qm.calibration.participants import possible_participants
from qm.calibration.result_schemas import CalibrationResultsSchema
from qm.calibration.results import client_of, results
from qm.calibration.schemas import CalibrationDraftSchema, NewCalibrationSchema
from qm.console.blueprint import blueprint
from qm.console.formatting import words
from qm.console.forms import attempt, load_values, read_form
from qm.console.lists import CSV_PAGE_SIZE, PAGE_SIZE, Column, Listing, Row, every_page, wants_csv
from qm.console.page_access import page
from qm.console.rendering import render
from scorecards.definitions.conversation import CHANNELS
from tenants.access import actor, session
from tenants.clients import client_named, time_zone_of
from tenants.days import day_of
from tenants.http.contract import Page, page_of
from tenants.http.faults import Fault
from tenants.models import Client, User, utc_now

_KEY = [Calibration.created_at, Calibration.calibration_id]


@blueprint.route("/calibrations")
@page("calibration:read")
def calibrations() -> Any:
    """List the sessions of every client, and where there is something to answer first."""
    clients = session().scalars(select(Client).order_by(Client.name)).all()
    return _list(blindness.select_sessions(actor(), utc_now()), "calibrations", clients=clients)


@blueprint.route("/clients/<client>/calibrations")
@page("calibration:read")
def calibrations_of_client(client: Client) -> Any:
    """List the sessions of a client."""
    mine = blindness.select_sessions(actor(), utc_now()).where(Calibration.client_id == client.client_id)
    return _list(mine, f"{client.slug}-calibrations", clients=[client])


def _list(statement: Select[Calibration], name: str, **more: Any) -> Any:
    listing = Listing(
        title=gettext("Calibration"),
        columns=[
            Column("name", gettext("Session")),
            Column("client", gettext("Client")),
            Column("state", gettext("State"), "words"),
            Column("to_answer", gettext("You answer")),
            Column("deadline", gettext("Until"), "moment"),
            Column("created_at", gettext("Made"), "moment"),
        ],
        link=_address,
        empty=gettext("No session yet. In one, several people answer the same interactions blind."),
        template="calibrations/list.html",
    )

    def load(cursor: str | None, limit: int = CSV_PAGE_SIZE) -> tuple[Page, list[dict[str, Any]]]:
        found = page_of(session(), statement, _KEY, limit=limit, cursor=cursor, descending=True)
        return found, representations.session_summaries(session(), actor(), found.data, utc_now())

    if wants_csv():
        return listing.as_csv(name, (rows for rows in every_page(load)))
    found, rows = load(request.args.get("cursor"), PAGE_SIZE)
    first = next((each for each in rows if each["to_answer"]), None)
    return listing.shown(found, rows, first=first, runs=blindness.runs(actor()), **more)


def _address(row: Row) -> str:
    return url_for("console.calibrations_session", calibration_id=row["id"])


@blueprint.route("/clients/<client>/calibrations/new", methods=["GET", "POST"])
@page("calibration:write")
def calibrations_new(client: Client) -> Any:
    """Make a session."""
    blindness.check_runs(actor())
    with attempt() as tried:
        if request.method == "POST":
            body = load_values(NewCalibrationSchema, _typed_session(client))
            made = running.create_session(session(), client, running.NewSession(**body), utc_now())
            flash(gettext("The session is made. Its participants find it under Calibration."))
            wanted = made.draw["count"] if made.draw else made.drawn
            if made.drawn < wanted:
                said = gettext("There were only %(n)s interactions instead of %(wanted)s.")
                flash(said % {"n": made.drawn, "wanted": wanted}, "problem")
            return _see(url_for("console.calibrations_session", calibration_id=made.calibration_id))
    today = day_of(utc_now(), time_zone_of(client))
    shown = {
        "client": client,
        "people": _people(client),
        "faults": _by_name(client, tried.faults),
        "typed": request.form,
        "today": today,
        "first_day": today - timedelta(days=27),
        "channels": [("", gettext("any")), *((each, words(each)) for each in CHANNELS)],
        "flagged": flagged_interactions(session(), client),
    }
    return render("calibrations/new.html", chosen=request.form.getlist("participants"), **shown), tried.status


def _people(client: Client) -> list[User]:
    """Return who may take part, stakeholders of this client last."""
    fitting = possible_participants(session(), client)
    return sorted(fitting, key=lambda user: (user.role == "client_stakeholder", user.name))


def _typed_session(client: Client) -> dict[str, Any]:
    """Return the form as a body of the API; what was left empty is missing."""
    form = request.form
    source = form.get("source", "drawn")
    body: dict[str, Any] = {
        "name": form.get("name", ""),
        "source": source,
        "reference": form.get("reference", "consensus"),
        "participants": form.getlist("participants"),
        "expert": form.get("expert") or None if form.get("reference") == "expert" else None,
        "covert": "covert" in form,
        "scorecard_version": form.get("scorecard_version", "then"),
        "opens_at": _instant(form.get("opens_at", "")),
        "deadline": _instant(form.get("deadline", "")),
    }
    if picked := _picked(client):
        body["interactions"] = [found for _, found in picked]
    if source == "picked":
        return body
    count = form.get("count", "").strip()
    return body | {
        "draw": {
            "from": form.get("from", ""),
            "to": form.get("to", ""),
            "count": int(count) if count.isdigit() else count,
            "channel": form.get("channel") or None,
            "program": form.get("program", "").strip() or None,
        }
    }


def _picked(client: Client) -> list[tuple[str, str]]:
    """Return what was typed or ticked of picked interactions, each with its id."""
    typed = [line.strip() for each in request.form.getlist("interactions") for line in each.splitlines()]
    return ids_of_named(session(), client, [each for each in typed if each])


def _by_name(client: Client, faults: Sequence[Fault]) -> list[Fault]:
    """Return the faults; those of picked interactions say of which, in the words that were typed."""
    picked = _picked(client) if any(each.pointer.startswith("/interactions/") for each in faults) else []
    shown = []
    for fault in faults:
        place = fault.pointer.removeprefix("/interactions/")
        if place.isdecimal() and int(place) < len(picked):
            name, found = picked[int(place)]
            unknown = name == found and fault.code not in {"duplicate", "cannot_be_answered"}
            detail = gettext("No such interaction.") if unknown else fault.detail
            shown.append(Fault(fault.pointer, fault.code, f"{name}: {detail}"))
        else:
            shown.append(fault)
    return shown


def _instant(typed: str) -> str | None:
    """Return a moment as typed in the viewer's zone."""
    if not typed.strip():
        return None
    try:
        moment = datetime.fromisoformat(typed.strip())
    except ValueError:
        return typed
    return moment.replace(tzinfo=ZoneInfo(str(get_timezone()))).isoformat()


@blueprint.route("/calibrations/<uuid:calibration_id>")
@page("calibration:read")
def calibrations_session(calibration_id: UUID) -> Any:
    """Show what is to be answered and who has; once all is, the board."""
    now = utc_now()
    found = blindness.get_session(session(), actor(), calibration_id, now)
    detail = representations.session_detail(session(), actor(), found, now)
    open_items = [each for each in detail["items"] if not each["answered"] and not each["changed"]]
    shown: dict[str, Any] = {
        "calibration": detail,
        "client": client_named(session(), detail["client"]),
        "runs": blindness.runs(actor()),
        "next": open_items[0] if open_items and detail["to_answer"] else None,
        "board": None,
    }
    if detail["shows_results"]:
        board = CalibrationResultsSchema().dump(results(session(), actor(), found, now))
        shown |= {"board": board, "rewords": "definitions:write" in actor().scopes}
    return render("calibrations/session.html", **shown)


@blueprint.route("/calibrations/<uuid:calibration_id>/close", methods=["POST"])
@page("calibration:write")
def calibrations_close(calibration_id: UUID) -> Response:
    """End a session."""
    found = blindness.get_session(session(), actor(), calibration_id, utc_now())
    blindness.check_runs(actor())
    with attempt() as tried:
        running.close_session(session(), found, utc_now())
        flash(gettext("The session has ended. Everybody in it sees the results."))
    for fault in tried.faults:
        flash(fault.detail, "problem")
    return _see(url_for("console.calibrations_session", calibration_id=calibration_id))


@blueprint.route("/calibrations/<uuid:calibration_id>/draft", methods=["POST"])
@page("definitions:write")
def calibrations_draft(calibration_id: UUID) -> Response:
    """Open a draft of a scorecard with a note at the question."""
    found = blindness.get_session(session(), actor(), calibration_id, utc_now())
    with attempt() as tried:
        body = read_form(CalibrationDraftSchema)
        blindness.check_sees_answers(session(), actor(), found, utc_now())
        board = load_board(session(), actor(), found)
        draft = rewording.open_draft(session(), client_of(session(), found), found, board, **body)
        said = gettext(
            "Version %(version)s is a draft with a note at the question: write the new wording over it, "
            "then publish."
        )
        flash(said % {"version": draft.version})
    for fault in tried.faults:
        flash(fault.detail, "problem")
    if tried.failed and tried.faults[0].code != "already_noted":
        return _see(url_for("console.calibrations_session", calibration_id=calibration_id))
    slug, key = client_of(session(), found).slug, request.form["scorecard"]
    place = rewording.place_of(session(), found.client_id, key, request.form["question"])
    return _see(url_for("console.scorecard_form", client=slug, key=key, _anchor=place))


def _see(address: str) -> Response:
    answer: Response = make_response(redirect(address, HTTPStatus.SEE_OTHER))
    return answer
