"""Compares daily sums with their facts, client by client in turn, and mends what differs.

The statements that store facts keep the sums equal; whatever may have come about beside them, such as a row
that was changed by hand, heals by itself within a round.
"""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import structlog
from sqlalchemy.orm import Session

from qm.facts.rollups import rebuild_rollups
from qm.services import Services
from tenants import audit
from tenants.clients import tenant_scope
from tenants.isolation import Scope, lookup, set_scope

log = structlog.get_logger(__name__)

_BUDGET_SECONDS = 3.0
# Times as long as its comparison took, a client is spared: it costs a hundredth of a processor.
_PAUSE = 100


@dataclass(slots=True)
class RollupCheck:
    """When each client is compared again, by the clock of this process."""

    due: dict[uuid.UUID, float] = field(default_factory=dict)

    def __call__(self, _services: Services, session: Session) -> None:
        """Compare the clients that are due, longest due first, until the time is up or one was mended."""
        began = time.monotonic()
        for scope in self._waiting(session, began):
            if self._mend(session, scope) or time.monotonic() - began > _BUDGET_SECONDS:
                # The entries of the audit log are written under one scope, that of the last client.
                return

    def _waiting(self, session: Session, now: float) -> Iterator[Scope]:
        scopes = [
            tenant_scope(session, row.tenant_id)
            for row in lookup(session, "select tenant_id from qm_tenants()")
        ]
        clients = [scope.narrowed(client_id) for scope in scopes for client_id in scope.client_ids]
        due = [each for each in clients if self.due.get(each.client_ids[0], 0.0) <= now]
        yield from sorted(due, key=lambda each: self.due.get(each.client_ids[0], 0.0))

    def _mend(self, session: Session, scope: Scope) -> int:
        began = time.monotonic()
        (client_id,) = scope.client_ids
        set_scope(session, scope)
        audit.act_as(session, "schedule")
        mended = rebuild_rollups(session, client_id)
        ended = time.monotonic()
        self.due[client_id] = ended + _PAUSE * (ended - began)
        if mended:
            log.warning("sums_mended", client=str(client_id), rollups=mended)
        return mended


check_rollups = RollupCheck()
