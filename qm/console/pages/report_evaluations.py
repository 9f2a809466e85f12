"""The published evaluations behind a client's report, month by month, for the client's own people."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import fields, validate
from sqlalchemy import select

from qm.console.blueprint import blueprint
from qm.console.client_pages import client_frame
from qm.console.formatting import month
from qm.console.lists import Column, Filter, Listing
from qm.console.page_access import page
from qm.console.rendering import see
from qm.console.report_period import months_shown
from qm.interactions.models import Interaction
from qm.reviews.client_reading import reads_for_client, select_client_evaluations
from qm.reviews.models import Evaluation
from tenants.access import actor, session
from tenants.clients import time_zone_of
from tenants.days import day_of
from tenants.http.contract import Page, PageArguments, page_of
from tenants.http.faults import Fault, Invalid, NotFound
from tenants.models import Client, utc_now

_LISTING = Listing(
    _("Evaluations"),
    columns=(
        Column("started_at", _("Began"), "moment"),
        Column("channel", _("Channel"), "words"),
        Column("score", _("Score"), "number"),
        Column("empathy", _("Empathy"), "number"),
        Column("band", _("Band")),
        Column("outcome", _("Outcome"), "words"),
        Column("critical", _("Critical answers"), "tags"),
    ),
    link=lambda row: url_for("console.evaluation", evaluation_id=row["id"]),
    empty=_("Nothing of this month is published yet, or there were too few interactions to show any."),
)


class ReportEvaluationArguments(PageArguments):
    """Of which month evaluations are listed."""

    month = fields.String(validate=validate.Regexp(r"^\d{4}-(0[1-9]|1[0-2])$"))


@blueprint.route("/clients/<client>/report/evaluations", endpoint="report_evaluations")
@page("reports:read")
def list_report_evaluations(client: Client) -> Any:
    """Show a client's people what was published of a month; the provider's have their own list."""
    if not reads_for_client(actor()):
        return see(url_for("console.interactions_evaluations", client=client.slug))
    months = months_shown(client)
    choices = Filter("month", _("Month"), [(each, month(each)) for each in months])

    def load(filters: dict[str, Any], limit: int, cursor: str | None) -> Any:
        wanted = filters.get("month") or (months[0] if months else None)
        if wanted is None:
            return Page([], None), []
        first = date.fromisoformat(f"{wanted}-01")
        if first >= day_of(utc_now(), time_zone_of(client)).replace(day=1):
            told = gettext("Choose a month that has ended.")
            raise Invalid([Fault("/query/month", "not_ended", told)])
        try:
            statement = select_client_evaluations(session(), actor(), client, first, utc_now())
        except NotFound:
            return Page([], None), []
        key = [Evaluation.published_at, Evaluation.evaluation_id]
        found = page_of(session(), statement, key, descending=True, limit=limit, cursor=cursor)
        return found, _rows(found.data)

    listing = replace(_LISTING, filters=(choices,))
    return listing.answer(
        ReportEvaluationArguments, load, name=f"{client.slug}-evaluations", **client_frame(client)
    )


def _rows(evaluations: Sequence[Evaluation]) -> list[dict[str, Any]]:
    ids = [each.interaction_id for each in evaluations]
    judged = session().scalars(select(Interaction).where(Interaction.interaction_id.in_(ids)))
    by_id = {each.interaction_id: each for each in judged}
    return [
        {
            "id": each.evaluation_id,
            **{name: getattr(by_id[each.interaction_id], name) for name in ("started_at", "channel")},
            **{name: getattr(each, name) for name in ("score", "empathy", "band", "outcome", "critical")},
        }
        for each in evaluations
    ]
