"""Rate limits per credential or address, counted in Redis, or in this process while Redis is unavailable."""

import math
import time
from dataclasses import dataclass

import structlog
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
# After a Redis failure, requests are counted locally for so long instead of waiting for Redis each time.
_LOCAL_SECONDS = 5.0
SIGN_IN_LIMIT = "10/15minute"
"""How often somebody may try to sign in as one person."""
RECOVERY_LIMIT = "5/hour"
"""How often a new password may be asked for as one person."""
RECOVERY_SENDER_LIMIT = "25/hour"
"""How often one IP address may ask for new passwords."""
# Counts a request and returns the remaining window in one round trip; the library needs three.
_COUNT = """
local count = redis.call('incr', KEYS[1])
if count == 1 then redis.call('expire', KEYS[1], ARGV[1]) end
return {count, redis.call('pttl', KEYS[1])}
"""


@dataclass(frozen=True, slots=True)
class RateLimitStatus:
    """Rate limit state of a caller: `remaining` of `quota` requests, reset in `reset` of `window` seconds."""

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
    """Fixed-window rate limiter; a Redis failure never refuses a request."""

    def __init__(self, redis: Redis, rule: str) -> None:
        """Take the Redis shared by all processes, and the rule, as in ``6000/minute``."""
        self._rule: RateLimitItem = parse(rule)
        self._shared = redis.register_script(_COUNT)
        self._local = MemoryStorage()
        self._local_until = 0.0

    def count(self, who: str, now: float | None = None) -> RateLimitStatus:
        """Count one request of the caller `who` at `now` (seconds since 1970; the present by default)."""
        now = time.time() if now is None else now
        key = self._rule.key_for(who)
        if time.monotonic() < self._local_until:
            return self._count_locally(key, now)
        try:
            count, milliseconds = self._shared(keys=[key], args=[self._rule.get_expiry()])
        except RedisError:
            self._local_until = time.monotonic() + _LOCAL_SECONDS
            log.warning("rate_limit_counts_alone", reason="Redis does not answer")
            return self._count_locally(key, now)
        return self._status(count, milliseconds / 1000)

    def _count_locally(self, key: str, now: float) -> RateLimitStatus:
        count = self._local.incr(key, self._rule.get_expiry())
        return self._status(count, self._local.get_expiry(key) - now)

    def _status(self, count: int, seconds: float) -> RateLimitStatus:
        return RateLimitStatus(
            allowed=count <= self._rule.amount,
            quota=self._rule.amount,
            window=self._rule.get_expiry(),
            remaining=max(0, self._rule.amount - count),
            reset=min(self._rule.get_expiry(), max(0, math.ceil(seconds))),
        )
