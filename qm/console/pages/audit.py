"""The audit log, readable, and whether its chain is whole."""

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from qm.console.audit_sentences import sentences
from qm.console.blueprint import blueprint
from qm.console.lists import Column, Filter, Listing, wants_csv
from qm.console.page_access import page
from qm.console.rendering import render
from tenants import audit
from tenants.access import session
from tenants.models import User
from tenants.routes import audit_chain, audit_page
from tenants.schemas import AuditArguments

_AT_ONCE = 5000
"""A chain of so many entries is checked whenever the page is opened; a longer one when somebody asks."""
_KINDS = (
    "client",
    "user",
    "credential",
    "interaction",
    "interactions",
    "review",
    "model",
    "gate",
    "training",
)


def _listing(people: list[tuple[str, str]]) -> Listing:
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
            Filter("action", _("Action"), [(kind, kind) for kind in _KINDS]),
            Filter("subject", _("Done to (kind:id)")),
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
    people = session().execute(select(User.user_id, User.name).order_by(User.name)).all()
    listing = _listing([(f"user:{row.user_id}", row.name) for row in people])
    short = audit.newest(session()).number <= _AT_ONCE and not wants_csv()

    def load(filters: dict[str, Any], limit: int, cursor: str | None) -> Any:
        found = audit_page(filters, limit=limit, cursor=cursor)
        return found, sentences(session(), found.data)

    return listing.answer(AuditArguments, load, name="audit-log", chain=audit_chain() if short else None)


@blueprint.route("/audit/chain", endpoint="audit_log_chain")
@page("admin")
def check_chain() -> Any:
    """Check the whole chain, however long, and say what came out."""
    return render("audit/chain.html", chain=audit_chain())
