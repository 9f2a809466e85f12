"""The frame of a client's pages: its name, the pages there are of it, and the way to another client."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, request
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from qm.console.rendering import render
from tenants.access import actor, session
from tenants.credentials import Actor
from tenants.models import Client, utc_now

ADDRESS = "/clients/{client}"


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of a client: its segment of the address, its text, and the scope it needs."""

    segment: str
    text: str
    scope: str

    def address(self, client: Client) -> str:
        """Return its address for a client."""
        return ADDRESS.format(client=client.slug) + (f"/{self.segment}" if self.segment else "")

    @property
    def exists(self) -> bool:
        """Whether this installation has such a page."""
        wanted = "/clients/<client>" + (f"/{self.segment}" if self.segment else "")
        return any(rule.rule == wanted for rule in current_app.url_map.iter_rules())

    @property
    def is_open(self) -> bool:
        """Whether the page that is shown is it, or one below it."""
        return segment_of(request.path) == self.segment


TABS: Sequence[Tab] = (
    Tab("", _("Overview"), "clients:read"),
    Tab("report", _("Report"), "reports:read"),
    Tab("snapshots", _("Frozen reports"), "reports:read"),
    Tab("interactions", _("Interactions"), "interactions:read"),
    Tab("evaluations", _("Evaluations"), "interactions:read"),
    Tab("disputes", _("Disputes"), "reports:read"),
    Tab("set-aside", _("Set aside"), "interactions:read"),
    Tab("scorecards", _("Scorecards"), "definitions:read"),
    Tab("brand-voice", _("Brand voice"), "definitions:read"),
    Tab("playbooks", _("Playbooks"), "definitions:read"),
    Tab("language-library", _("Language library"), "coaching:read"),
    Tab("sla-policy", _("SLA policy"), "definitions:read"),
    Tab("sampling", _("Sampling"), "definitions:read"),
    Tab("machine", _("The machine"), "definitions:read"),
    Tab("settings", _("Settings"), "clients:write"),
)


def segment_of(path: str) -> str:
    """Return the segment of an address that tells which page of a client it belongs to.

    >>> segment_of("/clients/northwind/sampling/draws"), segment_of("/clients/northwind")
    ('sampling', '')
    """
    return (path.split("/") + [""] * 4)[3]


def tabs_for(reader: Actor) -> Sequence[Tab]:
    """Return the pages of a client that somebody may open."""
    return [tab for tab in TABS if tab.scope in reader.scopes and tab.exists]


def visible_clients() -> Sequence[Client]:
    """Return the clients that the reader may see, by name."""
    return session().scalars(select(Client).order_by(Client.name, Client.client_id)).all()


def client_frame(client: Client) -> dict[str, Any]:
    """Return what the frame of a client's pages shows."""
    return {
        "client": client,
        "tabs": tabs_for(actor()),
        "segment": segment_of(request.path),
        "may_change": "definitions:write" in actor().scopes,
        "now": utc_now(),
    }


def render_client(template: str, client: Client, **shown: Any) -> str:
    """Render a page of a client."""
    return render(template, **client_frame(client), **shown)
