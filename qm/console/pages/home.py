"""The first page, one per role: the one thing to do first, and what else there is to know."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy import func, select

from qm.calibration.representations import sessions_in_progress
from qm.coaching.models import CoachingPlan
from qm.coaching.visibility import select_plans
from qm.console.alerts import alerts
from qm.console.blueprint import blueprint
from qm.console.client_pages import visible_clients
from qm.console.first_thing import first_thing, next_calibration
from qm.console.page_access import page
from qm.console.pages.review_shown import own_queue
from qm.console.rendering import render, see
from qm.console.set_up import steps
from qm.disputes.acknowledgement_list import count_overdue
from qm.disputes.acknowledging import to_acknowledge
from qm.disputes.finding import count_waiting as count_waiting_disputes
from qm.disputes.representations import readable_representations
from qm.interactions.models import Interaction
from qm.kudos.models import Kudos
from qm.kudos.representations import kudos_representations
from qm.kudos.visibility import select_kudos
from qm.reports import empathy_report, number_health
from qm.reports.access import request_from_arguments
from qm.reports.months import newest_days
from qm.reports.schemas import EmpathyGroupSchema, NumberHealthSchema
from qm.reviews.agent_feedback import feedback
from qm.reviews.waiting import MOST_COUNTED, count_waiting, held_review
from qm.webhooks.endpoints import stopped_webhooks
from tenants.access import actor, session
from tenants.clients import time_zone_of
from tenants.days import day_of
from tenants.models import Client, User, utc_now

MOST_CLIENTS, MOST_KUDOS, MOST_TO_READ = 8, 5, 10
"""Of so many clients the number is shown; those of the others are a click away."""


@blueprint.route("/")
@page("clients:read")
def home() -> Any:
    """Show what there is to do first."""
    role = actor().role or ""
    return _HOMES.get(role, _integrator)()


def _reviewer() -> Any:
    return render("home/reviewer.html", calibrations=_calibrations(), **_queue())


def _queue() -> dict[str, Any]:
    return {
        "waiting": count_waiting(session(), actor()),
        "most": MOST_COUNTED,
        "held": held_review(session(), actor()),
    }


def _manager() -> Any:
    at_work, queue, told = _clients_at_work(), _queue(), _disputed_and_calibrated()
    first = first_thing(
        clients=at_work["clients"],
        fired=at_work["fired"],
        disputes=told["disputes"],
        numbers=at_work["numbers"],
        calibration=next_calibration(session(), actor(), utc_now()),
        waiting=queue["waiting"],
    )
    return render("home/manager.html", first=first, **told, **at_work, **queue)


def _admin() -> Any:
    done = steps(session())
    return render(
        "home/admin.html",
        steps=done,
        open=[step for step in done if not step.done],
        stopped=stopped_webhooks(session()),
        **_disputed_and_calibrated(),
        **_clients_at_work(),
    )


def _disputed_and_calibrated() -> dict[str, Any]:
    """Return how many disputes wait, how many evaluations are overdue, and which sessions are open."""
    return {
        "disputes": count_waiting_disputes(session(), actor()),
        "unread": count_overdue(session(), actor(), utc_now()),
        "calibrations": _calibrations(),
    }


def _calibrations() -> list[dict[str, Any]]:
    return sessions_in_progress(session(), actor(), utc_now())


def _clients_at_work() -> dict[str, Any]:
    clients = visible_clients()
    return {
        "clients": clients,
        "numbers": [(client, _health(client)) for client in clients[:MOST_CLIENTS]],
        "others": clients[MOST_CLIENTS:],
        "fired": list(alerts(session(), actor(), clients, utc_now())),
    }


def _health(client: Client) -> dict[str, Any] | None:
    """Return the health of a client's number over the newest four weeks with data; None without any data."""
    request = _newest(client)
    if request is None:
        return None
    found: dict[str, Any] = NumberHealthSchema().dump(
        number_health.report(session(), request_from_arguments(request, client))
    )
    return found


def _newest(client: Client) -> dict[str, Any] | None:
    days = newest_days(session(), client, day_of(utc_now(), time_zone_of(client)))
    return None if days is None else {"from_": days[0], "to": days[1]}


def _stakeholder() -> Any:
    clients, calibrations = visible_clients(), _calibrations()
    if len(clients) == 1 and not calibrations:
        return see(url_for("console.report_of_client", client=clients[0].slug))
    return render("report/clients.html", clients=clients, calibrations=calibrations)


def _agent() -> Any:
    agent = session().scalar(select(User.agent).where(User.user_id == actor().user_id))
    found = feedback(session(), actor()) if agent else []
    waiting = to_acknowledge(session(), actor(), most=MOST_TO_READ) if agent else []
    plans = session().scalars(select_plans(actor(), state="open").order_by(CoachingPlan.created_at)).all()
    kudos = session().scalars(
        select_kudos(actor()).order_by(Kudos.created_at.desc(), Kudos.kudos_id).limit(MOST_KUDOS)
    )
    return render(
        "home/agent.html",
        agent=agent,
        feedback=found,
        asked=own_queue(session(), actor(), utc_now())["open"],
        now=utc_now(),
        to_read=readable_representations(session(), actor(), waiting, utc_now()),
        most=MOST_TO_READ,
        plans=plans,
        kudos=kudos_representations(session(), actor(), kudos.all()),
    )


def _team_lead() -> Any:
    team = session().scalar(select(User.team).where(User.user_id == actor().user_id))
    rows = [row for client in visible_clients() for row in _team_rows(client, team)] if team else []
    unread = count_overdue(session(), actor(), utc_now())
    return render("home/team_lead.html", team=team, rows=rows, clients=visible_clients(), unread=unread)


def _team_rows(client: Client, team: str) -> Sequence[dict[str, Any]]:
    """Return the empathy of each agent of a team at a client, over the newest four weeks with data."""
    request = _newest(client)
    if request is None:
        return []
    report_request = request_from_arguments({**request, "group_by": "agent"}, client)
    names = _team(client, team, report_request.period.start)
    found = empathy_report.report(session(), report_request) if names else {"groups": []}
    return [
        {**EmpathyGroupSchema().dump(row), "client": client, "name": names[row["value"]]}
        for row in found["groups"]
        if row["value"] in names
    ]


def _team(client: Client, team: str, since: Any) -> dict[str, str]:
    """Return the names of the agents who worked in a team of late, by external id."""
    found = session().execute(
        select(Interaction.agent, func.max(Interaction.agent_details["name"].astext).label("name"))
        .where(
            Interaction.tenant_id == client.tenant_id,
            Interaction.client_id == client.client_id,
            Interaction.started_at >= since,
            Interaction.agent_details["team"].astext == team,
        )
        .group_by(Interaction.agent)
    )
    return {row.agent: row.name or row.agent for row in found}


def _integrator() -> Any:
    return render("home/integrator.html", clients=visible_clients())


_HOMES = {
    "reviewer": _reviewer,
    "qm_manager": _manager,
    "admin": _admin,
    "client_stakeholder": _stakeholder,
    "agent": _agent,
    "team_lead": _team_lead,
}
