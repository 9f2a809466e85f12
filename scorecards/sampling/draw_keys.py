"""The keys of draws: one for each month and client, committed to before the month begins (pure).

Whoever holds a key can tell which ids would be drawn. So that nobody can have chosen it afterwards, the hash
of a month's key is told before the month begins, the client may mix in a number of their own until then, and
the key itself is told when the month is over.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DrawKeys:
    """The keys by which interactions are drawn.

    Attributes
    ----------
    installation : bytes or None
        Of what arrived in months without a commitment; None where it is not known.
    months : mapping of date to bytes
        The drawing key of each month with a commitment, by its first day.
    """

    installation: bytes | None
    months: Mapping[date, bytes] = field(default_factory=dict)

    def key_for(self, interaction_id: UUID | str) -> bytes | None:
        """Return the key that draws an interaction; None where it is not known."""
        month = arrival_month(interaction_id)
        return self.installation if month is None else self.months.get(month, self.installation)


def arrival_month(interaction_id: UUID | str) -> date | None:
    """Return the first day of the month (UTC) in which an interaction arrived, as its id tells for good.

    Returns
    -------
    date or None
        From the time in a UUID of version 7 (RFC 9562, 48 bits of milliseconds); None for other ids.

    Examples
    --------
    >>> arrival_month("019f7c5e-1c00-7000-8000-000000000001")
    datetime.date(2026, 7, 1)
    >>> arrival_month("0b7c5e1c-0000-4000-8000-000000000001")
    >>> arrival_month("T-1001")
    """
    try:
        found = interaction_id if isinstance(interaction_id, UUID) else UUID(interaction_id)
    except ValueError:
        return None
    if found.version != 7:
        return None
    moment = datetime.fromtimestamp((found.int >> 80) / 1000, UTC)
    return date(moment.year, moment.month, 1)


def month_key(installation: bytes, client_id: UUID, month: date) -> bytes:
    """Return the secret of a client's month: HMAC-SHA256, from which no other month's follows."""
    return hmac.digest(installation, f"month:{client_id}:{month:%Y-%m}".encode(), hashlib.sha256)


def commitment_to(key: bytes) -> str:
    """Return the commitment to the key of a month: its SHA-256, in hexadecimal."""
    return hashlib.sha256(key).hexdigest()


def drawing_key(key: bytes, client_number: str | None) -> bytes:
    """Return the key that draws: of the month's key, and what the client mixed in, which may be nothing.

    Examples
    --------
    >>> drawing_key(b"the key of a month", "7") == drawing_key(b"the key of a month", None)
    False
    """
    return hmac.digest(key, (client_number or "").encode(), hashlib.sha256)


def installation_keys(
    installation: bytes, client_id: UUID, commitments: Sequence[Mapping[str, Any]]
) -> DrawKeys:
    """Return the keys of a client as the installation knows them, from its commitments.

    Parameters
    ----------
    commitments : sequence of mapping
        With `month` (as 2026-07) and `client_number`.
    """
    months = {_first_day(each["month"]): each["client_number"] for each in commitments}
    return DrawKeys(
        installation,
        {
            month: drawing_key(month_key(installation, client_id, month), number)
            for month, number in months.items()
        },
    )


def revealed_keys(revealed: Sequence[Mapping[str, Any]]) -> tuple[DrawKeys, list[str]]:
    """Return the keys that were told, and what is wrong with them.

    Parameters
    ----------
    revealed : sequence of mapping
        With `month`, `commitment`, `committed_at`, `client_number` and `key` in hexadecimal.

    Returns
    -------
    (DrawKeys, list of str)
        A key that its commitment does not fit, or that was committed to too late, is left out.
    """
    months, wrong = {}, []
    for each in revealed:
        first, key = _first_day(each["month"]), bytes.fromhex(each["key"])
        if commitment_to(key) != each["commitment"]:
            wrong.append(f"{each['month']}: the key is not the one that was committed to")
        elif datetime.fromisoformat(each["committed_at"]) >= begin_of(first):
            wrong.append(f"{each['month']}: the commitment came when the month had begun")
        else:
            months[first] = drawing_key(key, each["client_number"])
    return DrawKeys(None, months), wrong


def begin_of(month: date) -> datetime:
    """Return the moment (UTC) at which a month of draws begins."""
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def following(month: date) -> date:
    """Return the first day of the month after.

    >>> following(date(2026, 12, 1))
    datetime.date(2027, 1, 1)
    """
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
