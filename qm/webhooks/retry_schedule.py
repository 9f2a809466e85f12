"""When a delivery that failed is tried again, and when an endpoint is given up (pure)."""

from datetime import datetime, timedelta

RETRY_DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The waits between attempts that Standard Webhooks recommends: ten attempts in 75.6 hours."""
FAILING_DAYS = 5
"""An endpoint at which nothing succeeded for so long is disabled."""
_MIN_REST = timedelta(seconds=5)
_MAX_REST = timedelta(minutes=5)


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """Return when a delivery is tried again after so many failed attempts; None after the last.

    Examples
    --------
    >>> now = datetime(2026, 12, 1, 9)
    >>> next_attempt(1, now) - now, next_attempt(9, now) - now
    (datetime.timedelta(seconds=5), datetime.timedelta(days=1))
    >>> next_attempt(10, now) is None
    True
    """
    return now + RETRY_DELAYS[attempts - 1] if attempts <= len(RETRY_DELAYS) else None


def rest_until(failing_since: datetime, now: datetime) -> datetime:
    """Return until when nothing is sent to an endpoint that has just failed: as long as it fails already.

    At least 5 seconds and at most 5 minutes: so a receiver that is down costs few attempts, and one that
    comes back is soon found.

    Examples
    --------
    >>> since = datetime(2026, 12, 1, 9)
    >>> [str(rest_until(since, since + timedelta(minutes=m)) - since) for m in (0, 1, 60)]
    ['0:00:05', '0:02:00', '1:05:00']
    """
    return now + min(max(now - failing_since, _MIN_REST), _MAX_REST)


def is_given_up(failing_since: datetime, now: datetime) -> bool:
    """Tell whether an endpoint has failed for so long that it is disabled."""
    return now - failing_since >= timedelta(days=FAILING_DAYS)
