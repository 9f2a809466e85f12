"""Structured logging: JSON lines on standard error with request, tenant and trace; secrets are masked."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

# API keys, tokens, secrets, and passwords in URLs, anywhere in a logged text.
_SECRET = re.compile(
    r"qm_(?:live|test|secret|token)_[\w-]{6,}"
    r"|(?<=://)[^\s/@]*:[^\s/@]+(?=@)"
    r"|(?i:bearer)\s+\S+"
    r"|(?i:basic)\s+[A-Za-z0-9+/=]{16,}"
)


def configure(level: str) -> None:
    """Configure all loggers of this process, including libraries', to log JSON to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("rq.worker", "werkzeug", "alembic"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


def mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask secrets in every logged value, also nested; names with `_` are structlog's own."""
    for name, value in event.items():
        if not name.startswith("_"):
            event[name] = _masked(value)
    return event


def _masked(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {_masked(name): _masked(below) for name, below in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(below) for below in value]
    return _SECRET.sub("********", value if isinstance(value, str) else repr(value))
