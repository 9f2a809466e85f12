"""Rate limits per credential, counted in Redis, or in this process while Redis is away."""

import math
import time
from dataclasses import dataclass
from typing import Any

import structlog
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter, RateLimiter
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = structlog.get_logger(__name__)
_ALONE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands: allowed now, quota and what is left of it, seconds until it is full again."""

    allowed: bool
    quota: int
    window: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """Return the `RateLimit` header fields, and `Retry-After` when refused."""
        fields = {
            "RateLimit-Policy": f'"default";q={self.quota};w={self.window}',
            "RateLimit": f'"default";r={self.remaining};t={self.reset}',
        }
        return fields if self.allowed else {**fields, "Retry-After": str(max(1, self.reset))}


class Limiter:
    """Counts requests; never refuses one because the counter is out of reach."""

    def __init__(self, redis_url: str, rule: str) -> None:
        """Take the shared counter and the rule, as in ``6000/minute``."""
        self._rule: RateLimitItem = parse(rule)
        # A request must not wait for Redis: short timeouts, no retries, and a pause after a failure.
        options: dict[str, Any] = {
            "socket_connect_timeout": 0.5,
            "socket_timeout": 1.0,
            "retry": Retry(NoBackoff(), 0),
        }
        self._shared: RateLimiter = FixedWindowRateLimiter(
            RedisStorage(redis_url, wrap_exceptions=True, **options)
        )
        self._own: RateLimiter = FixedWindowRateLimiter(MemoryStorage())
        self._alone_until = 0.0

    def count(self, who: str, now: float) -> Standing:
        """Count one request of `who` at `now` (seconds since 1970)."""
        if time.monotonic() < self._alone_until:
            return self._count(self._own, who, now)
        try:
            return self._count(self._shared, who, now)
        except (StorageError, RedisError):
            self._alone_until = time.monotonic() + _ALONE_SECONDS
            log.warning("rate_limit_counts_alone", reason="Redis does not answer")
            return self._count(self._own, who, now)

    def _count(self, limiter: RateLimiter, who: str, now: float) -> Standing:
        allowed = limiter.hit(self._rule, who)
        window = limiter.get_window_stats(self._rule, who)
        return Standing(
            allowed=allowed,
            quota=self._rule.amount,
            window=self._rule.get_expiry(),
            remaining=max(0, window.remaining),
            reset=min(self._rule.get_expiry(), max(0, math.ceil(window.reset_time - now))),
        )
