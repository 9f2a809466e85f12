"""A client at a glance, and the choice among clients."""

from typing import Any

from flask import redirect, request, url_for

from qm.console.blueprint import blueprint
from qm.console.client_pages import ADDRESS, TABS, render_client, visible_clients
from qm.console.page_access import page
from qm.console.rendering import render
from scorecards.authoring import version_queries
from scorecards.authoring.models import Definition
from tenants.access import actor, session
from tenants.models import Client

_SEGMENTS = frozenset(tab.segment for tab in TABS)


@blueprint.route("/choose-client")
@page("clients:read")
def choose_client() -> Any:
    """Show the clients there are; whoever has one only is led to it."""
    wanted = request.args.get("to", "")
    segment = wanted if wanted in _SEGMENTS else ""
    found = visible_clients()
    if len(found) == 1:
        return redirect(_address(found[0], segment), 303)
    return render(
        "clients/choose.html", clients=[(each, _address(each, segment)) for each in found], chosen=segment
    )


def _address(client: Client, segment: str) -> str:
    return ADDRESS.format(client=client.slug) + (f"/{segment}" if segment else "")


@blueprint.route("/clients/<client>")
@page("clients:read")
def client(client: Client) -> str:
    """Show what is defined for a client, and what is still missing."""
    reads = "definitions:read" in actor().scopes
    return render_client("clients/overview.html", client, **(_defined(client) if reads else {}), reads=reads)


def _defined(client: Client) -> dict[str, Any]:
    published = version_queries.open_ended_versions(session(), client_id=client.client_id)
    of_kind: dict[str, list[Definition]] = {}
    for each in sorted(published, key=lambda found: found.key):
        of_kind.setdefault(each.kind, []).append(each)
    drafts = session().scalars(
        version_queries.newest_of_kind(client_id=client.client_id, kind="scorecard").where(
            Definition.state == "draft"
        )
    )
    return {"of_kind": of_kind, "drafts": drafts.all(), "add_url": url_for(".scorecards", client=client.slug)}
