"""The audit log, readable, and whether its chain is whole."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from qm.console.audit_sentences import sentences
from qm.console.blueprint import blueprint
from qm.console.lists import Column, Filter, Listing, wants_csv
from qm.console.page_access import page
from qm.console.rendering import render
from tenants import audit
from tenants.access import session
from tenants.models import Client, User
from tenants.routes import audit_chain, audit_page
from tenants.schemas import AuditArguments

_AT_ONCE = 5000
"""A chain of so many entries is checked whenever the page is opened; a longer one when somebody asks."""
_KINDS: Mapping[str, Any] = {
    "client": _("clients"),
    "user": _("people"),
    "credential": _("keys"),
    "interaction": _("single interactions"),
    "review": _("reviews"),
    "evaluation": _("evaluations"),
    "dispute": _("disputes"),
    "calibration": _("calibration sessions"),
    "coaching": _("coaching plans"),
    "kudos": _("kudos"),
    "library": _("words of the language library"),
    "model": _("models"),
    "gate": _("how far the machine may answer"),
    "training": _("trainings"),
    "golden_item": _("golden items"),
    "team_goal": _("goals of teams"),
    "view": _("saved views"),
}
"""What is done to something, and to what it is done: the first word of an action and of a subject."""
_ACTIONS: Mapping[str, Any] = {
    **_KINDS,
    "session": _("signing in"),
    "password": _("passwords"),
    "interactions": _("interactions that came or were scored again"),
    "records": _("exports"),
}


def _listing(people: list[tuple[str, str]], subjects: list[tuple[str, str]]) -> Listing:
    return Listing(
        str(_("Audit log")),
        columns=(
            Column("number", _("Number"), "count"),
            Column("at", _("When"), "moment"),
            Column("who", _("Who")),
            Column("did", _("What")),
            Column("actor", _("Actor"), optional=True),
            Column("action", _("Action"), optional=True),
            Column("subject", _("Subject"), optional=True),
            Column("details", _("Details"), optional=True),
            Column("digest", _("Digest"), optional=True),
        ),
        filters=(
            Filter("actor", _("Who"), (*people, ("worker", _("the worker")))),
            Filter("action", _("Action"), tuple(_ACTIONS.items())),
            Filter("subject", _("Done to"), subjects),
            Filter("from", _("From"), type="date"),
            Filter("to", _("To"), type="date", through=True),
        ),
        empty=str(_("Nothing has been done yet.")),
        template="audit/list.html",
        views="audit",
    )


@blueprint.route("/audit")
@page("admin")
def audit_log() -> Any:
    """Show who did what to which, newest first, and whether the chain is whole."""
    people, clients = _named(User.user_id, User.name), _named(Client.client_id, Client.name)
    listing = _listing(
        [(f"user:{own_id}", name) for own_id, name in people],
        [
            *((kind, str(gettext("all %(things)s", things=words))) for kind, words in _KINDS.items()),
            *((f"client:{own_id}", str(gettext("client %(name)s", name=name))) for own_id, name in clients),
            *((f"user:{own_id}", str(gettext("person %(name)s", name=name))) for own_id, name in people),
        ],
    )
    short = audit.newest(session()).number <= _AT_ONCE and not wants_csv()

    def load(filters: dict[str, Any], limit: int, cursor: str | None) -> Any:
        found = audit_page(filters, limit=limit, cursor=cursor)
        return found, sentences(session(), found.data)

    return listing.answer(AuditArguments, load, name="audit-log", chain=audit_chain() if short else None)


def _named(identity: Any, name: Any) -> list[tuple[Any, str]]:
    return [(row[0], row[1]) for row in session().execute(select(identity, name).order_by(name, identity))]


@blueprint.route("/audit/chain", endpoint="audit_log_chain")
@page("admin")
def check_chain() -> Any:
    """Check the whole chain, however long, and say what came out."""
    return render("audit/chain.html", chain=audit_chain())
