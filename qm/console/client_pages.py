"""What the pages of one client share: the other clients, and the pages beside this one."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from tenants.access import actor, session
from tenants.models import Client

TABS = (
    ("console.report_of_client", _("Report"), "reports:read"),
    ("console.interactions_of_client", _("Interactions"), "interactions:read"),
    ("console.interactions_evaluations", _("Evaluations"), "interactions:read"),
    ("console.interactions_dead", _("Set aside"), "interactions:read"),
)


def around(client: Client) -> dict[str, Any]:
    """Return what the head of a client's page shows: the pages of it, and where the other clients are."""
    tabs = [(endpoint, words) for endpoint, words, scope in TABS if scope in actor().scopes]
    others = "console.interactions" if "interactions:read" in actor().scopes else "console.report"
    return {"client": client, "others": others if len(actor().scope.client_ids) > 1 else None, "tabs": tabs}


def every_client() -> Sequence[Client]:
    """Return the clients that the reader sees, by name."""
    return session().scalars(select(Client).order_by(Client.name, Client.client_id)).all()
