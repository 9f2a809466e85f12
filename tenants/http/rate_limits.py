"""Rate limits per credential, counted in Redis, or in this process while Redis is away."""

import math
import time
from dataclasses import dataclass

import structlog
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
# A request must not wait for Redis: after a failure it is left alone for a while.
_LOCAL_SECONDS = 5.0
# Counts one request and says how long the window still lasts, which the library takes three round trips for.
_COUNT = """
local count = redis.call('incr', KEYS[1])
if count == 1 then redis.call('expire', KEYS[1], ARGV[1]) end
return {count, redis.call('pttl', KEYS[1])}
"""


@dataclass(frozen=True, slots=True)
class RateLimitStatus:
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

    def __init__(self, redis: Redis, rule: str) -> None:
        """Take where all processes count together, and the rule, as in ``6000/minute``."""
        self._rule: RateLimitItem = parse(rule)
        self._shared = redis.register_script(_COUNT)
        self._own = MemoryStorage()
        self._alone_until = 0.0

    def count(self, who: str, now: float) -> RateLimitStatus:
        """Count one request of `who` at `now` (seconds since 1970)."""
        key = self._rule.key_for(who)
        if time.monotonic() < self._alone_until:
            return self._counted_alone(key, now)
        try:
            count, milliseconds = self._shared(keys=[key], args=[self._rule.get_expiry()])
        except RedisError:
            self._alone_until = time.monotonic() + _LOCAL_SECONDS
            log.warning("rate_limit_counts_alone", reason="Redis does not answer")
            return self._counted_alone(key, now)
        return self._standing(count, milliseconds / 1000)

    def _counted_alone(self, key: str, now: float) -> RateLimitStatus:
        count = self._own.incr(key, self._rule.get_expiry())
        return self._standing(count, self._own.get_expiry(key) - now)

    def _standing(self, count: int, seconds: float) -> RateLimitStatus:
        return RateLimitStatus(
            allowed=count <= self._rule.amount,
            quota=self._rule.amount,
            window=self._rule.get_expiry(),
            remaining=max(0, self._rule.amount - count),
            reset=min(self._rule.get_expiry(), max(0, math.ceil(seconds))),
        )
