"""Secrets that have to be read again are stored encrypted, with a key derived from `QM_SECRET_KEY`."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from tenants.http.faults import Conflict

_PURPOSE = b"identity provider secrets"


def _cipher(secret_key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hmac.digest(secret_key.encode(), _PURPOSE, hashlib.sha256)))


def encrypted(secret_key: str, secret: str) -> bytes:
    """Return a secret as it is stored."""
    return _cipher(secret_key).encrypt(secret.encode())


def decrypted(secret_key: str, stored: bytes) -> str:
    """Return what was encrypted.

    Raises
    ------
    Conflict
        When it was encrypted with another `QM_SECRET_KEY`.
    """
    try:
        return _cipher(secret_key).decrypt(stored).decode()
    except InvalidToken:
        detail = "The secret was stored under another QM_SECRET_KEY; enter it again."
        raise Conflict(detail, "secret_unreadable") from None
