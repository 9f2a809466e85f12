"""Logs: one JSON object a line on standard error, with request, tenant and trace, and nothing secret."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# Keys, tokens, secrets and passwords in addresses, wherever they turn up in a logged text.
_SECRET = re.compile(r"qm_(?:live|test|secret|token)_[\w-]{6,}|(?<=://)[^\s/@]*:[^\s/@]+(?=@)|Bearer\s+\S+")


def configure(level: str) -> None:
    """Send every log of this process, the libraries' too, to standard error as JSON."""
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
    """Replace secrets in every logged text."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _SECRET.sub("********", value)
    return event
