"""Rate limits per credential, counted in Redis, or in this process while Redis is away."""

from dataclasses import dataclass

import structlog
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter, RateLimiter
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


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
        self._shared: RateLimiter = FixedWindowRateLimiter(RedisStorage(redis_url, wrap_exceptions=True))
        self._own: RateLimiter = FixedWindowRateLimiter(MemoryStorage())

    def count(self, who: str, now: float) -> Standing:
        """Count one request of `who` at `now` (seconds since 1970)."""
        try:
            return self._count(self._shared, who, now)
        except (StorageError, RedisError):
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
            reset=max(0, int(window.reset_time - now) + 1),
        )
