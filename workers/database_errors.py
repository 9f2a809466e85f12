"""Errors of jobs: whether the database is at fault, and the line that is stored."""

import psycopg
from sqlalchemy import exc

_MAX_ERROR_LENGTH = 500
# Classes of PostgreSQL's error codes that say nothing about the data: connection, rollback (deadlock),
# resources, lock not available, operator intervention, system.
_DATABASE_FAULTS = ("08", "40", "53", "55", "57", "58")


def is_database_fault(error: BaseException) -> bool:
    """Tell whether the database is at fault (a transient error), not the data."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError)):
        return cause.sqlstate is None or cause.sqlstate.startswith(_DATABASE_FAULTS)
    return isinstance(cause, exc.TimeoutError)


def error_line(error: BaseException) -> str:
    """Return an error as one line to store with the failed work, without the row that PostgreSQL cites."""
    line = f"{type(error).__name__}: {getattr(error, 'orig', None) or error}".split("\n", 1)[0]
    return line.replace("\x00", "")[:_MAX_ERROR_LENGTH]
