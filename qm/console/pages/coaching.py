"""Coaching: plans, one plan with what it cites and whether it moved, and what could be coached."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from qm.coaching import planning, representations, suggestions, visibility
from qm.coaching.models import STATES, CoachingPlan
from qm.coaching.schemas import (
    CLOSED_BY_HAND,
    CoachingClosureSchema,
    CoachingListArguments,
    CoachingPlanChangeSchema,
)
from qm.console import charts
from qm.console.blueprint import blueprint
from qm.console.formatting import words
from qm.console.forms import Attempt, attempt, load_values, read_form, see
from qm.console.lists import Column, Filter, Listing, Row
from qm.console.page_access import page
from qm.console.rendering import render
from tenants.access import actor, session
from tenants.clients import DEFAULT_SETTINGS, client_named
from tenants.http.contract import Page, page_of
from tenants.models import Client, utc_now

_KEY = [CoachingPlan.created_at, CoachingPlan.plan_id]


@blueprint.route("/coaching")
@page("coaching:read")
def coaching() -> Any:
    """List the plans that somebody may see, newest first."""
    visibility.check_sees_plans(actor())
    clients = session().scalars(select(Client).order_by(Client.name)).all()
    coaches = visibility.may_coach(actor())
    return _listing(clients).answer(
        CoachingListArguments, _load, name="coaching", coaches=coaches, clients=clients
    )


def _listing(clients: Any) -> Listing:
    return Listing(
        title=gettext("Coaching"),
        columns=[
            Column("agent_name", gettext("Agent")),
            Column("goal", gettext("Goal")),
            Column("questions", gettext("Questions"), "tags"),
            Column("client", gettext("Client")),
            Column("state", gettext("State"), "words"),
            Column("actions_done", gettext("Actions done"), "count"),
            Column("actions_total", gettext("of"), "count"),
            Column("follow_up_on", gettext("Talk again"), "day"),
            Column("created_at", gettext("Began"), "moment"),
            Column("outcome", gettext("Outcome"), "words", optional=True),
            Column("closed_at", gettext("Closed"), "moment", optional=True),
        ],
        filters=[
            Filter("state", gettext("State"), [(each, words(each)) for each in STATES]),
            Filter("client", gettext("Client"), [(each.slug, each.name) for each in clients]),
            Filter("agent", gettext("Agent's id"), more=True),
        ],
        link=_address,
        empty=gettext("No plan yet. One is made from published evaluations, and measured by later ones."),
        template="coaching/list.html",
    )


def _load(arguments: dict[str, Any], limit: int, cursor: str | None) -> tuple[Page, list[dict[str, Any]]]:
    name = arguments["client"]
    client_id = client_named(session(), name).client_id if name else None
    wanted = {"state": arguments["state"], "agent": arguments["agent"]}
    statement = visibility.select_plans(actor(), client_id=client_id, **wanted)
    found = page_of(session(), statement, _KEY, limit=limit, cursor=cursor, descending=True)
    return found, representations.plan_summaries(session(), found.data)


def _address(row: Row) -> str:
    return url_for("console.coaching_plan", plan_id=row["id"])


@blueprint.route("/coaching/<uuid:plan_id>")
@page("coaching:read")
def coaching_plan(plan_id: UUID) -> Any:
    """Show a plan: whether its questions moved, what there is to do, and what it cites."""
    return _shown(visibility.get_plan(session(), actor(), plan_id))


def _shown(plan: CoachingPlan) -> str:
    detail = representations.plan_detail(session(), actor(), plan)
    return render(
        "coaching/plan.html",
        plan=detail,
        client=client_named(session(), detail["client"]),
        coaches=visibility.may_coach(actor()),
        is_own=actor().role == "agent",
        texts={each["question"]: each["text"] for each in detail["follow_up"]},
        pictures={each["question"]: _picture(each) for each in detail["follow_up"]},
        outcomes=[(each, words(each)) for each in CLOSED_BY_HAND],
    )


def _picture(found: Row) -> Any:
    """Return before and after as a figure; nothing while it is too early."""
    if found["after"]["estimate"] is None:
        return None
    rows = [
        charts.Point(
            name, found[key]["estimate"], found[key]["low"], found[key]["high"], found[f"{key}_answers"]
        )
        for key, name in (("before", gettext("before")), ("after", gettext("after")))
    ]
    return charts.ranges(f"{found['text']}: {gettext('before and after the plan began')}", rows)


@blueprint.route("/coaching/<uuid:plan_id>/actions/<int:number>", methods=["POST"])
@page("coaching:write")
def coaching_plan_action(plan_id: UUID, number: int) -> Response:
    """Say that an action is done, or not."""
    plan = visibility.get_plan(session(), actor(), plan_id, lock=True)
    with attempt() as tried:
        done = request.form.get("done") == "true"
        planning.tick_action(session(), plan, number, done=done, now=utc_now())
    return _back(plan_id, tried)


@blueprint.route("/coaching/<uuid:plan_id>/change", methods=["POST"])
@page("coaching:write")
def coaching_plan_change(plan_id: UUID) -> Response:
    """Change the goal and the date of the follow-up, or add an action."""
    plan = visibility.get_plan(session(), actor(), plan_id, lock=True)
    visibility.check_may_coach(actor())
    with attempt() as tried:
        form = {name: value.strip() for name, value in request.form.items() if value.strip()}
        body: dict[str, Any] = {name: form[name] for name in ("goal", "follow_up_on") if name in form}
        if "text" in form:
            present = [
                {"text": each["text"], "due": each["due"], "done": each["done_at"] is not None}
                for each in plan.actions
            ]
            body["actions"] = [*present, {"text": form["text"], "due": form.get("due")}]
        changes = load_values(CoachingPlanChangeSchema, body)
        planning.change_plan(session(), plan, changes, utc_now())
    return _back(plan_id, tried)


@blueprint.route("/coaching/<uuid:plan_id>/close", methods=["POST"])
@page("coaching:write")
def coaching_plan_close(plan_id: UUID) -> Response:
    """End a plan."""
    plan = visibility.get_plan(session(), actor(), plan_id, lock=True)
    visibility.check_may_coach(actor())
    with attempt() as tried:
        body = read_form(CoachingClosureSchema)
        planning.close_plan(session(), plan, **body, now=utc_now())
    return _back(plan_id, tried)


def _back(plan_id: UUID, tried: Attempt) -> Response:
    for fault in tried.faults:
        flash(fault.detail, "problem")
    if not tried.failed:
        flash(gettext("Saved."))
    return see("console.coaching_plan", plan_id=plan_id)


@blueprint.route("/clients/<client>/coaching/suggestions")
@page("coaching:write")
def coaching_suggestions(client: Client) -> Any:
    """Show which agents could be coached on which question."""
    found = suggestions.suggestions(session(), actor(), client, utc_now())
    rule = client.settings.get(suggestions.SETTING, DEFAULT_SETTINGS[suggestions.SETTING])
    return render("coaching/suggestions.html", client=client, found=found, rule=rule)
