"""The delivery job: claim events that are due, send them outside any transaction, store the outcomes.

Killing this process at any time loses nothing: the lease ends, and another one sends the same events under
the same ids.
"""

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog
from sqlalchemy import select

from qm import jobs
from qm.webhooks import delivery_claims
from qm.webhooks.delivery_claims import Claim, ClaimedDelivery, Outcome
from qm.webhooks.models import Webhook
from qm.webhooks.rules import rules_of
from qm.webhooks.signing import secrets_of, signed_headers
from tenants import audit
from tenants.clients import tenant_scope
from tenants.http.faults import Conflict
from tenants.isolation import Scope, acting_as, set_scope, transaction
from tenants.models import utc_now
from workers.context import WorkerContext, current_context
from workers.deliveries.sending import NotDelivered, Sender

log = structlog.get_logger(__name__)

MAX_CLAIMED = 200
MAX_CLAIMED_OF_ONE = 50
_THREADS = 16
# What is not begun by then is given back, so that one slow receiver holds up other tenants only briefly.
_BUDGET_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where events of one webhook go, and what they are signed with; without keys nothing is sent."""

    url: str
    keys: Sequence[str]


@dataclass(slots=True)
class _Round:
    """What one job sends: an endpoint that failed once is left alone for the rest of it."""

    sender: Sender
    endpoints: Mapping[uuid.UUID, Endpoint]
    until: float
    failed: set[uuid.UUID] = field(default_factory=set)

    def attempt(self, delivery: ClaimedDelivery) -> Outcome | None:
        """Send one event; None when it is left for another time."""
        endpoint = self.endpoints.get(delivery.webhook_id)
        if endpoint is None or delivery.webhook_id in self.failed or time.monotonic() > self.until:
            return None
        outcome = self._sent(delivery, endpoint)
        if not outcome.succeeded:
            self.failed.add(delivery.webhook_id)
        return outcome

    def _sent(self, delivery: ClaimedDelivery, endpoint: Endpoint) -> Outcome:
        named = delivery.webhook_id, delivery.event_id
        if not endpoint.keys:
            return Outcome(*named, error="The secret cannot be read; rotate it.")
        headers = signed_headers(endpoint.keys, delivery.event_id, delivery.body, utc_now())
        try:
            return Outcome(*named, status_code=self.sender.post(endpoint.url, headers, delivery.body))
        except NotDelivered as error:
            return Outcome(*named, error=str(error))


def deliver_tenant(tenant_id: str, trace: str | None = None) -> int:
    """Send events of a tenant that are due; returns how many were delivered."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(tenant=tenant_id, trace=trace)
    context, tenant = current_context(), uuid.UUID(tenant_id)
    redis = context.services.redis
    jobs.mark_awake(redis, tenant, jobs.DELIVERIES)
    with transaction(context.services.engine) as session:
        scope = tenant_scope(session, tenant)
        set_scope(session, scope)
        claim = delivery_claims.claim(session, most=MAX_CLAIMED, for_each=MAX_CLAIMED_OF_ONE)
    if claim is None:
        return 0
    outcomes = _deliver(context, scope, claim)
    if claim.full or len(outcomes) < len(claim.deliveries):
        jobs.enqueue(redis, tenant, trace=trace, queue=jobs.DELIVERIES)
    return sum(each.succeeded for each in outcomes)


def _deliver(context: WorkerContext, scope: Scope, claim: Claim) -> Sequence[Outcome]:
    """Send what is claimed, and store what became of what was attempted."""
    sender = Sender(rules_of(context.services.settings))
    endpoints = _endpoints(context, scope, {each.webhook_id for each in claim.deliveries})
    work = _Round(sender, endpoints, time.monotonic() + _BUDGET_SECONDS)
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="deliver") as pool:
        outcomes = [each for each in pool.map(work.attempt, _in_turn(claim.deliveries)) if each is not None]
    with acting_as(context.services.engine, scope) as session:
        audit.act_as(session, "worker")
        delivery_claims.finish(session, claim.token, outcomes, now=utc_now())
    delivered = sum(each.succeeded for each in outcomes)
    log.info(
        "events_delivered",
        claimed=len(claim.deliveries),
        delivered=delivered,
        failed=len(outcomes) - delivered,
    )
    return outcomes


def _in_turn(deliveries: Sequence[ClaimedDelivery]) -> Iterator[ClaimedDelivery]:
    """Yield one of each endpoint, then the next of each: none waits behind all of another's."""
    waiting: dict[uuid.UUID, list[ClaimedDelivery]] = {}
    for each in deliveries:
        waiting.setdefault(each.webhook_id, []).append(each)
    for place in range(max(map(len, waiting.values()), default=0)):
        yield from (queue[place] for queue in waiting.values() if place < len(queue))


def _endpoints(context: WorkerContext, scope: Scope, ids: set[uuid.UUID]) -> dict[uuid.UUID, Endpoint]:
    secret_key = context.services.settings.secret_key or ""
    with acting_as(context.services.engine, scope) as session:
        found = session.scalars(select(Webhook).where(Webhook.webhook_id.in_(ids))).all()
    return {each.webhook_id: Endpoint(each.url or "", _keys(secret_key, each)) for each in found}


def _keys(secret_key: str, webhook: Webhook) -> Sequence[str]:
    try:
        return secrets_of(secret_key, webhook, utc_now())
    except Conflict:
        return ()
