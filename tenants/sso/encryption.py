"""Secrets that have to be read again are stored encrypted, with a key derived from `QM_SECRET_KEY`."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from tenants.http.faults import Conflict

IDENTITY_PROVIDERS = b"identity provider secrets"


def _cipher(secret_key: str, purpose: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hmac.digest(secret_key.encode(), purpose, hashlib.sha256)))


def encrypted(secret_key: str, secret: str, *, purpose: bytes = IDENTITY_PROVIDERS) -> bytes:
    """Return a secret as it is stored; no two purposes share a key."""
    return _cipher(secret_key, purpose).encrypt(secret.encode())


def decrypted(secret_key: str, stored: bytes, *, purpose: bytes = IDENTITY_PROVIDERS) -> str:
    """Return what was encrypted.

    Raises
    ------
    Conflict
        When it was encrypted with another `QM_SECRET_KEY`.
    """
    try:
        return _cipher(secret_key, purpose).decrypt(stored).decode()
    except InvalidToken:
        detail = "The secret was stored under another QM_SECRET_KEY; enter it again."
        raise Conflict(detail, "secret_unreadable") from None
