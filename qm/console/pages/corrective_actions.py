"""Writing what the provider does about the report of a period."""

from datetime import timedelta
from typing import Any

from flask import flash, request
from flask_babel import gettext

from qm.console.blueprint import blueprint
from qm.console.client_pages import render_client
from qm.console.forms import attempt, load_values, see
from qm.console.page_access import page
from qm.console.report_period import period_from_query
from qm.corrective_actions.schemas import NewCorrectiveActionsSchema
from qm.corrective_actions.writing import read_corrective_actions, write_corrective_actions
from qm.reports.report_request import Period
from tenants.access import actor, session
from tenants.models import Client, utc_now


@blueprint.route(
    "/clients/<client>/report/corrective-actions", methods=["GET", "POST"], endpoint="corrective_actions"
)
@page("reports:write")
def edit_corrective_actions(client: Client) -> Any:
    """Show what is written about a period with its versions, and write the next one."""
    period = period_from_query(client)
    with attempt() as tried:
        if request.method == "POST":
            _write(client, period)
            flash(gettext("Saved; it stands on the report."))
            days: dict[str, Any] = {"from": period.first.isoformat(), "to": period.last.isoformat()}
            return see("console.report_of_client", client=client.slug, **days)
    return render_client(
        "corrective_actions/write.html",
        client,
        actions=read_corrective_actions(session(), client, period.first, period.last, authors=True),
        whole_month=period.first.day == 1
        and period.last == (period.first + timedelta(days=31)).replace(day=1) - timedelta(days=1),
        faults=tried.faults,
        typed=request.form if tried.failed else None,
    ), tried.status


def _write(client: Client, period: Period) -> None:
    sent = {"text": request.form.get("text", "").replace("\r\n", "\n").strip()}
    version = request.form.get("version", "")
    days = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    known = int(version) if version.isdigit() else None
    body = load_values(NewCorrectiveActionsSchema, {**days, **sent, "version": known})
    write_corrective_actions(
        session(),
        actor(),
        client,
        first=period.first,
        last=period.last,
        text=body["text"],
        version=body["version"],
        now=utc_now(),
    )
