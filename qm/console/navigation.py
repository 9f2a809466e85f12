"""Which pages there are for whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import request
from flask_babel import lazy_gettext as _

from tenants.credentials import Actor

_OF_CLIENTS = frozenset({"console.clients", "console.choose_client"})
# Pages of a client that have an entry of their own.
_OF_THEIR_OWN = (
    *("console.report", "console.interactions", "console.calibrations"),
    *("console.disputes", "console.coaching", "console.kudos"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the navigation: its endpoint, text, the scope it needs, and roles it is not for."""

    endpoint: str
    text: str
    scope: str
    roles: frozenset[str] = field(default=frozenset())

    def is_for(self, actor: Actor) -> bool:
        """Whether somebody may open it; `roles` limit it further, where there are any."""
        return self.scope in actor.scopes and (not self.roles or actor.role in self.roles)

    @property
    def is_open(self) -> bool:
        """Whether the page that is shown belongs to it."""
        shown = request.endpoint or ""
        if self.endpoint in _OF_CLIENTS and request.path.startswith("/clients/"):
            return not shown.startswith(_OF_THEIR_OWN)
        return shown == self.endpoint or shown.startswith(f"{self.endpoint}_")


_LOOK_AFTER = frozenset({"admin", "qm_manager"})
_COACHED = frozenset({"admin", "qm_manager", "team_lead", "agent"})
_LOOK_AT = frozenset({"reviewer", "team_lead", "client_stakeholder"})
ENTRIES: Sequence[Entry] = (
    Entry("console.home", _("Home"), "clients:read"),
    Entry("console.clients", _("Clients"), "clients:write", _LOOK_AFTER),
    Entry("console.choose_client", _("Clients"), "definitions:read", _LOOK_AT),
    Entry("console.reviews", _("Review"), "reviews:own"),
    Entry("console.workload", _("Workload"), "reviews:write", _LOOK_AFTER),
    Entry("console.interactions", _("Interactions"), "interactions:read"),
    Entry("console.reviewer_quality", _("Reviewer quality"), "reviews:read", _LOOK_AFTER | {"reviewer"}),
    Entry("console.recognition", _("Recognition"), "reviews:own"),
    Entry("console.calibrations", _("Calibration"), "calibration:read"),
    Entry("console.disputes", _("Disputes"), "disputes:read"),
    Entry("console.coaching", _("Coaching"), "coaching:read", _COACHED),
    Entry("console.kudos", _("Kudos"), "coaching:read"),
    Entry("console.report", _("Reports"), "reports:read"),
    Entry("console.people", _("People"), "admin"),
    Entry("console.integrations", _("Integrations"), "admin"),
    Entry("console.branding", _("Branding"), "admin"),
    Entry("console.audit_log", _("Audit log"), "admin"),
)


def entries_for(actor: Actor) -> Sequence[Entry]:
    """Return the entries for somebody, in order."""
    return [entry for entry in ENTRIES if entry.is_for(actor)]
