"""The jobs that workers run: what Redis holds is checked against this list before anything is imported.

Whoever can write to Redis can queue jobs. RQ would import and call any function that a job, or one of its
callbacks, names, and would send webhooks to any address. Here a job is one of four functions and two
arguments, and nothing else of it is looked at.
"""

import uuid
import zlib
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from rq.exceptions import NoSuchJobError
from rq.job import Job

from qm import jobs

log = structlog.get_logger(__name__)

MAX_JOB_BYTES = 4096
"""A job names a tenant and a trace; it is far smaller."""
# What a job of ours has; all other fields (callbacks, webhooks, dependencies, groups, repeats) are dropped.
_KEPT_FIELDS = frozenset(
    {
        "created_at",
        "enqueued_at",
        "started_at",
        "ended_at",
        "last_heartbeat",
        "origin",
        "worker_name",
        "status",
        "timeout",
        "result_ttl",
        "failure_ttl",
    }
)


class _Arguments(msgspec.Struct, forbid_unknown_fields=True):
    tenant_id: uuid.UUID
    trace: str | None = None


_decoder = msgspec.json.Decoder(tuple[str, None, tuple[()], _Arguments])


class KnownJob(Job):
    """A job whose function is one of ours; any other is dropped as if it had never been queued."""

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Take over what a job of ours has.

        Raises
        ------
        NoSuchJobError
            For any other job, which RQ passes over.
        """
        fields = {_name(key): value for key, value in raw_data.items()}
        call = known_call(fields.get("data", b""))
        if call is None:
            log.warning("job_refused", job=self.id)
            self.connection.delete(self.key)
            raise NoSuchJobError("This is no job of ours.")
        kept: dict[Any, Any] = {name.encode(): fields[name] for name in _KEPT_FIELDS & fields.keys()}
        try:
            super().restore({**kept, b"data": self.serializer.dumps(call)})
        except (ValueError, TypeError) as error:
            log.warning("job_refused", job=self.id, error=type(error).__name__)
            raise NoSuchJobError("This job cannot be read.") from error


def known_call(data: bytes) -> tuple[str, None, list[Any], dict[str, str | None]] | None:
    """Return the call that this data of a job asks for, by its present name; None if it is none of ours."""
    try:
        name, _, _, arguments = _decoder.decode(_decompressed(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, zlib.error):
        return None
    name = jobs.RENAMED_JOBS.get(name, name)
    if name not in jobs.JOBS:
        return None
    return name, None, [], {"tenant_id": str(arguments.tenant_id), "trace": arguments.trace}


def _decompressed(data: bytes) -> bytes:
    """Decompress what RQ compressed, which a bomb would make endless."""
    reader = zlib.decompressobj()
    plain = reader.decompress(data, MAX_JOB_BYTES)
    if not reader.eof:
        raise zlib.error("larger than any job of ours")
    return plain


def _name(key: bytes | str) -> str:
    return key.decode("ascii", "replace") if isinstance(key, bytes) else key
