"""Keeps the friction of every client, those that waited longest first, a few seconds at a time."""

import time
import uuid
from dataclasses import dataclass, field

import structlog
from sqlalchemy.orm import Session

from qm.friction.keeping import keep_friction
from qm.services import Services
from tenants.clients import tenant_scope
from tenants.isolation import Scope, lookup
from tenants.models import utc_now

log = structlog.get_logger(__name__)

_BUDGET_SECONDS = 3.0
# New themes are looked for so often at most.
_SEARCH_SECONDS = 3600.0


@dataclass(slots=True)
class FrictionCheck:
    """When each client was done last, by the clock of this process."""

    done: dict[uuid.UUID, float] = field(default_factory=dict)
    searched: dict[uuid.UUID, float] = field(default_factory=dict)

    def __call__(self, services: Services, session: Session) -> None:
        """Keep clients until the time is up."""
        until = time.monotonic() + _BUDGET_SECONDS
        scopes = [
            tenant_scope(session, row.tenant_id)
            for row in lookup(session, "select tenant_id from qm_tenants()")
        ]
        clients = [scope.narrowed(client_id) for scope in scopes for client_id in scope.client_ids]
        for scope in sorted(clients, key=lambda each: self.done.get(each.client_ids[0], 0.0)):
            if time.monotonic() >= until:
                return
            self._keep(services, scope, until)

    def _keep(self, services: Services, scope: Scope, until: float) -> None:
        [client_id], now = scope.client_ids, time.monotonic()
        find = client_id not in self.searched or now >= self.searched[client_id] + _SEARCH_SECONDS
        if keep_friction(services.engine, scope, utc_now(), until=until, find=find):
            if find:
                self.searched[client_id] = now
        else:
            log.info("friction_behind", client=str(client_id))
        self.done[client_id] = time.monotonic()


check_friction = FrictionCheck()
