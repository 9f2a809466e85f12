"""A repeated POST with the same `Idempotency-Key` is answered from memory, and done only once.

The key is taken in the same transaction as the work: a second request waits for the first to end, and a
request that failed leaves no key behind, so it may be tried again. A secret that an answer shows once is
not remembered: the repeated answer comes without it.
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

from tenants.http.faults import Fault, Invalid
from tenants.isolation import scope_of
from tenants.models import IdempotencyKey, utc_now

RETENTION = timedelta(hours=24)
MAX_KEY_LENGTH = 255
_HEADERS = ("Content-Type", "Location", "ETag")


def replayed(session: Session, credential_id: uuid.UUID, work: Callable[[], Response]) -> Response:
    """Return the stored answer to this request, or do the work and store its answer."""
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
        answer = Response(entry.body or b"", status=entry.status, headers=entry.headers)
        answer.headers["Idempotent-Replayed"] = "true"
        return answer
    answer = work()
    entry.status = answer.status_code
    entry.headers = {name: answer.headers[name] for name in _HEADERS if name in answer.headers}
    entry.body = _stored_body(answer)
    return answer


def strip_secrets_once(*names: str) -> None:
    """Keep these fields of the coming answer out of the memory: they are secrets."""
    g.shown_once = names


def _stored_body(answer: Response) -> bytes:
    names: tuple[str, ...] = g.pop("shown_once", ())
    if not names:
        return answer.get_data()
    body = answer.get_json()
    return json.dumps({name: value for name, value in body.items() if name not in names}).encode()


def _delete_expired(session: Session, credential_id: uuid.UUID, key: str) -> None:
    """Delete this key if it is old, and other old keys that no other request is deleting just now."""
    old = IdempotencyKey.created_at < utc_now() - RETENTION
    own = (IdempotencyKey.credential_id == credential_id) & (IdempotencyKey.key == key)
    session.execute(delete(IdempotencyKey).where(own, old))
    identity = tuple_(IdempotencyKey.tenant_id, IdempotencyKey.credential_id, IdempotencyKey.key)
    found = select(*identity.clauses).where(old).limit(100).with_for_update(skip_locked=True)
    session.execute(delete(IdempotencyKey).where(identity.in_(found)))


def _claim_key(session: Session, credential_id: uuid.UUID, key: str, digest: bytes) -> IdempotencyKey:
    """Return the entry of this key, made now unless another request made it first."""
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
