"""What went wrong: whether the database is to blame, and in which words it is kept."""

import psycopg
from sqlalchemy import exc

_LONGEST_ERROR = 500
# Classes of PostgreSQL's error codes that say nothing about the data: connection, rollback (deadlock),
# resources, lock not available, operator intervention, system.
_DATABASE_FAULTS = ("08", "40", "53", "55", "57", "58")


def is_database_fault(error: BaseException) -> bool:
    """Tell whether the database is to blame, and not what it was given."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError)):
        return cause.sqlstate is None or cause.sqlstate.startswith(_DATABASE_FAULTS)
    return isinstance(cause, exc.TimeoutError)


def error_line(error: BaseException) -> str:
    """Return an error as it is kept with the work: one line, without the row PostgreSQL cites."""
    words = f"{type(error).__name__}: {getattr(error, 'orig', None) or error}".split("\n", 1)[0]
    return words.replace("\x00", "")[:_LONGEST_ERROR]
