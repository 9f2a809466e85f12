"""Signatures after Standard Webhooks (standardwebhooks.com), and the secrets they are made with."""

import base64
import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from standardwebhooks import Webhook as Signer

from qm.webhooks.models import Webhook
from tenants.sso.encryption import decrypted, encrypted

SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with
_SECRET_BYTES = 32
_PURPOSE = b"webhook secrets"


def new_secret() -> str:
    """Return a secret of 256 random bits, written as receivers' libraries read it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def sealed(secret_key: str, secret: str) -> bytes:
    """Return a secret as it is stored."""
    return encrypted(secret_key, secret, purpose=_PURPOSE)


def secrets_of(secret_key: str, webhook: Webhook, now: datetime) -> list[str]:
    """Return the secrets that sign what is sent to an endpoint now: the present one first.

    Raises
    ------
    Conflict
        When they were stored under another `QM_SECRET_KEY`.
    """
    found = [decrypted(secret_key, webhook.secret, purpose=_PURPOSE)]
    if webhook.previous_secret and webhook.previous_until and webhook.previous_until > now:
        found.append(decrypted(secret_key, webhook.previous_secret, purpose=_PURPOSE))
    return found


def body_of(event_type: str, occurred_at: datetime, data: Mapping[str, Any]) -> bytes:
    """Return the body of an event, the same bytes at every attempt."""
    content = {"type": event_type, "timestamp": occurred_at, "data": data}
    return msgspec.json.encode(content, order="sorted")


def signed_headers(
    keys: Sequence[str], event_id: uuid.UUID | str, body: bytes, sent_at: datetime
) -> dict[str, str]:
    """Return the header fields of one attempt, with a signature by each secret.

    Parameters
    ----------
    keys
        Secrets, written with their prefix.
    event_id
        The same at every attempt.
    body
        What is sent, to the byte.
    sent_at
        In UTC; the moment of this attempt.
    """
    named = str(event_id)
    signatures = [Signer(key).sign(named, sent_at, body.decode()) for key in keys]
    return {
        "webhook-id": named,
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
