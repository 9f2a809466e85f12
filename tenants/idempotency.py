"""A repeated POST with the same `Idempotency-Key` is answered from memory, and done only once.

The key is taken in the same transaction as the work: a second request waits for the first to end, and a
request that failed leaves no key behind, so it may be tried again.
"""

import hashlib
import uuid
from collections.abc import Callable
from datetime import timedelta

from flask import Response, request
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tenants.faults import Fault, Invalid
from tenants.isolation import scope_of
from tenants.models import IdempotencyKey, utc_now

KEPT = timedelta(hours=24)
LONGEST = 255
_HEADERS = ("Content-Type", "Location", "ETag")


def answered_once(session: Session, credential_id: uuid.UUID, work: Callable[[], Response]) -> Response:
    """Return the stored answer to this request, or do the work and store its answer."""
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST":
        return work()
    if not 1 <= len(key) <= LONGEST:
        raise Invalid([Fault("/headers/Idempotency-Key", "length", f"The key has 1 to {LONGEST} characters.")])
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode() + request.get_data()).digest()
    entry = _taken(session, credential_id, key, digest)
    if entry.request_digest != digest:
        raise Invalid(
            [Fault("/headers/Idempotency-Key", "key_reused", "This key was used for another request.")]
        )
    if entry.status is not None:
        answer = Response(entry.body or b"", status=entry.status, headers=entry.headers)
        answer.headers["Idempotent-Replayed"] = "true"
        return answer
    answer = work()
    entry.status = answer.status_code
    entry.headers = {name: answer.headers[name] for name in _HEADERS if name in answer.headers}
    entry.body = answer.get_data()
    return answer


def _taken(session: Session, credential_id: uuid.UUID, key: str, digest: bytes) -> IdempotencyKey:
    """Return the entry of this key, made now unless another request made it first."""
    session.execute(
        delete(IdempotencyKey).where(
            IdempotencyKey.credential_id == credential_id, IdempotencyKey.created_at < utc_now() - KEPT
        )
    )
    session.execute(
        insert(IdempotencyKey)
        .values(
            tenant_id=scope_of(session).tenant_id,
            credential_id=credential_id,
            key=key,
            request_digest=digest,
            headers={},
            created_at=utc_now(),
        )
        .on_conflict_do_nothing()
    )
    return session.scalars(
        select(IdempotencyKey).where(
            IdempotencyKey.credential_id == credential_id, IdempotencyKey.key == key
        )
    ).one()
