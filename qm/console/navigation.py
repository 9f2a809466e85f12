"""Which pages there are for whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import request
from flask_babel import lazy_gettext as _

from tenants.credentials import Actor


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
        return request.endpoint == self.endpoint or (request.endpoint or "").startswith(f"{self.endpoint}_")


ENTRIES: Sequence[Entry] = (
    Entry("console.home", _("Home"), "clients:read"),
    Entry("console.calibrations", _("Calibration"), "calibration:read"),
)


def entries_for(actor: Actor) -> Sequence[Entry]:
    """Return the entries for somebody, in order."""
    return [entry for entry in ENTRIES if entry.is_for(actor)]
