"""Idempotent POST: a repeated request with the same `Idempotency-Key` gets the stored response.

The key is inserted in the same transaction as the work: a concurrent request waits for the first to end, and
a failed request leaves no key, so it may be retried. Secrets are not stored: a replayed response lacks them.
"""

import hashlib
import json
import uuid
from collections.abc import Callable
from datetime import timedelta

from flask import Response, g, request
from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tenants.http.faults import Conflict, Fault, Invalid
from tenants.isolation import scope_of
from tenants.models import IdempotencyKey, utc_now

RETENTION = timedelta(hours=24)
MAX_STORED_BYTES = 4 * 1024 * 1024
"""Larger answers are not kept; who repeats such a request is told that it was done."""
MAX_KEY_LENGTH = 255
_HEADERS = ("Content-Type", "Location", "ETag")


def replayed(session: Session, credential_id: uuid.UUID, work: Callable[[], Response]) -> Response:
    """Return the stored response to this request, or do the work and store its response.

    Raises
    ------
    Invalid
        For a malformed key, or one that was used for another request.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST":
        return work()
    if not (1 <= len(key) <= MAX_KEY_LENGTH and key.isascii() and key.isprintable()):
        detail = f"The key has 1 to {MAX_KEY_LENGTH} printable ASCII characters."
        raise Invalid([Fault("/headers/Idempotency-Key", "bad_key", detail)])
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode() + request.get_data()).digest()
    entry = _claim_key(session, credential_id, key, digest)
    if entry.request_digest != digest:
        raise Invalid(
            [Fault("/headers/Idempotency-Key", "key_reused", "This key was used for another request.")]
        )
    if entry.status is not None:
        if entry.body is None:
            raise Conflict(
                "This request was done before; its answer was too large to be kept.", "answer_not_kept"
            )
        answer = Response(entry.body, status=entry.status, headers=entry.headers)
        answer.headers["Idempotent-Replayed"] = "true"
        return answer
    answer = work()
    entry.status = answer.status_code
    entry.headers = {name: answer.headers[name] for name in _HEADERS if name in answer.headers}
    body = _stored_body(answer)
    entry.body = body if len(body) <= MAX_STORED_BYTES else None
    return answer


def strip_secrets_once(*names: str) -> None:
    """Leave these fields of this request's response out of the stored one: they are secrets."""
    g.shown_once = names


def _stored_body(answer: Response) -> bytes:
    names: tuple[str, ...] = g.pop("shown_once", ())
    if not names:
        return answer.get_data()
    body = answer.get_json()
    return json.dumps({name: value for name, value in body.items() if name not in names}).encode()


def _delete_expired(session: Session, credential_id: uuid.UUID, key: str) -> None:
    """Delete this key if it is expired, and other expired keys that are not locked by another request."""
    expired = IdempotencyKey.created_at < utc_now() - RETENTION
    own = (IdempotencyKey.credential_id == credential_id) & (IdempotencyKey.key == key)
    session.execute(delete(IdempotencyKey).where(own, expired))
    identity = tuple_(IdempotencyKey.tenant_id, IdempotencyKey.credential_id, IdempotencyKey.key)
    batch = select(*identity.clauses).where(expired).limit(100).with_for_update(skip_locked=True)
    session.execute(delete(IdempotencyKey).where(identity.in_(batch)))


def _claim_key(session: Session, credential_id: uuid.UUID, key: str, digest: bytes) -> IdempotencyKey:
    """Return the row of this key, inserted now unless another request inserted it first."""
    _delete_expired(session, credential_id, key)
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
        select(IdempotencyKey).where(IdempotencyKey.credential_id == credential_id, IdempotencyKey.key == key)
    ).one()
