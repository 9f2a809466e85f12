"""Looks over an installation and says, point by point, what is well and how to mend what is not."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.exc import SQLAlchemyError

from infra import database_schema, ports, process_commands
from infra.doctor_models import models_in_force
from infra.embedded import programs, servers
from infra.embedded.data_directory import DataDirectory, EmbeddedError
from infra.postgres import roles
from qm.settings import Settings

_OLDEST_PYTHON = (3, 11)
_OLDEST_POSTGRES = 15
_OLDEST_REDIS = (6, 2)
_NEEDED_MEGABYTES = 500
_CLOCK_SECONDS = 5.0
_PATIENCE_SECONDS = 5
_SOME_ZONE = "Europe/Berlin"

_POWERS = """
select rolsuper, rolbypassrls, rolcreaterole,
    has_schema_privilege(current_user, 'public', 'CREATE'),
    exists (select from pg_class where relowner = pg_roles.oid)
from pg_roles where rolname = current_user
"""
_OPEN_TABLES = """
select relname from pg_class
where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> 'alembic_version'
    and not (relrowsecurity and relforcerowsecurity)
order by relname
"""
_OWNS = """
select has_schema_privilege(current_user, 'public', 'CREATE'), rolsuper or rolbypassrls
from pg_roles where rolname = current_user
"""
_TABLES = (
    "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: whether it is well, what was found, and how to mend it (empty when well)."""

    name: str
    ok: bool
    detail: str
    mend: str


def examine(settings: Settings) -> list[Check]:
    """Look at everything; embedded servers are started for it, and ended again if nobody else uses them."""
    checks = [_python(), _programs(settings), _data_directory(settings), _secret_key(settings), _time_zones()]
    checks.append(_port(settings))
    try:
        with _addresses(settings) as complete:
            checks += _database(complete, embedded=settings.database_url is None)
            checks.append(_redis(complete, embedded=settings.redis_url is None))
    except EmbeddedError as error:
        mend = f"Read the logs in {settings.data_dir}/logs, unless something above is the cause."
        checks.append(_ill("embedded servers", str(error), mend))
    if settings.owner_url is not None:
        checks.append(_owner(settings.owner_url))
    return checks


def _well(name: str, detail: str) -> Check:
    return Check(name, ok=True, detail=detail, mend="")


def _ill(name: str, detail: str, mend: str) -> Check:
    return Check(name, ok=False, detail=detail, mend=mend)


@contextmanager
def _addresses(settings: Settings) -> Iterator[Settings]:
    if settings.database_url is not None and settings.redis_url is not None:
        yield settings
        return
    found = servers.ensure(settings.data_dir)
    try:
        yield replace(
            settings,
            database_url=settings.database_url or found.database_url,
            redis_url=settings.redis_url or found.redis_url,
        )
    finally:
        servers.release(settings.data_dir)


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return _ill("python", found, "Install Python 3.11 or newer.")
    return _well("python", found)


def _programs(settings: Settings) -> Check:
    if settings.database_url is not None and settings.redis_url is not None:
        return _well("server programs", "not needed: both addresses are set")
    try:
        found = programs.find()
    except EmbeddedError as error:
        return _ill("server programs", str(error), "Set QM_DATABASE_URL and QM_REDIS_URL.")
    return _well("server programs", f"{found.postgres}, {found.redis}")


def _data_directory(settings: Settings) -> Check:
    try:
        directory = DataDirectory.at(settings.data_dir)
        free = shutil.disk_usage(directory.data_dir).free // 2**20
        home = directory.known_home()
    except EmbeddedError as error:
        return _ill("data directory", str(error), "Set QM_DATA_DIR to a directory of your own.")
    where = f"{directory.data_dir}, {free} MB free"
    if home is not None and not home.is_relative_to(directory.data_dir):
        where += f"; the servers' data is in {home}"
    if free < _NEEDED_MEGABYTES:
        return _ill("data directory", where, "Free some space or set QM_DATA_DIR to another disk.")
    return _well("data directory", where)


def _secret_key(settings: Settings) -> Check:
    kept = settings.data_dir / "secrets" / "secret-key"
    if settings.secret_key is not None:
        return _well("secret key", "set")
    if settings.database_url is not None and settings.redis_url is not None:
        return _ill("secret key", "unset", "Set QM_SECRET_KEY, the same on every host.")
    return _well("secret key", f"kept in {kept}" if kept.exists() else "made on first run")


def _time_zones() -> Check:
    try:
        ZoneInfo(_SOME_ZONE)
    except ZoneInfoNotFoundError:
        return _ill("time zones", "no time zone data", "Run `pip install tzdata`.")
    return _well("time zones", "present")


def _port(settings: Settings) -> Check:
    address = f"{settings.host}:{settings.port}"
    error = ports.refusal(settings.host, settings.port)
    if error is None:
        return _well("port", f"{address} is free")
    if process_commands.answers(f"{ports.address_of(settings.host, settings.port)}/healthz"):
        return _well("port", f"{address}: QM answers there")
    return _ill("port", f"{address}: {error.strerror}", "Set QM_PORT or QM_HOST.")


def _database(settings: Settings, *, embedded: bool) -> list[Check]:
    url = roles.plain_url(settings.database_url or "")
    try:
        with psycopg.connect(url, connect_timeout=_PATIENCE_SECONDS, autocommit=True) as connection:
            checks = [_version(connection, embedded=embedded), _role(connection), _clock(connection)]
            if embedded and not _count_tables(connection):
                return [*checks, _well("schema", "not made yet; `qm up` makes it")]
            schema = _schema(url)
            learned = _learned(settings.database_url or "") if schema.ok else []
            return [*checks, schema, _row_level_security(connection), *learned]
    except psycopg.Error as error:
        mend = "Read logs/postgres.log." if embedded else "Correct QM_DATABASE_URL or start the server."
        return [_ill("database", str(error).strip(), mend)]


def _version(connection: psycopg.Connection, *, embedded: bool) -> Check:
    number = connection.info.server_version
    location = "embedded" if embedded else f"{connection.info.host}:{connection.info.port}"
    detail = f"PostgreSQL {number // 10000}.{number % 10000}, {location}"
    if number // 10000 < _OLDEST_POSTGRES:
        return _ill("database", detail, f"Use PostgreSQL {_OLDEST_POSTGRES} or newer.")
    return _well("database", detail)


def _role(connection: psycopg.Connection) -> Check:
    row = connection.execute(_POWERS).fetchone() or ()
    names = ("superuser", "bypasses row-level security", "creates roles", "creates tables", "owns tables")
    powers = [name for name, has in zip(names, row, strict=False) if has]
    who = connection.info.user
    if powers:
        mend = f"Let QM_DATABASE_URL name the role {roles.APP}; `qm init --admin-url` makes it."
        return _ill("application role", f"{who}: {', '.join(powers)}", mend)
    return _well("application role", f"{who} owns nothing and cannot pass the walls")


def _clock(connection: psycopg.Connection) -> Check:
    row = connection.execute("select clock_timestamp()").fetchone()
    apart = abs((datetime.now(UTC) - row[0]).total_seconds()) if row is not None else 0.0
    detail = f"{apart:.1f} s apart from the database's"
    if apart > _CLOCK_SECONDS:
        return _ill("clock", detail, "Synchronise the clocks of both machines (NTP).")
    return _well("clock", detail)


def _owner(url: str) -> Check:
    try:
        with psycopg.connect(
            roles.plain_url(url), connect_timeout=_PATIENCE_SECONDS, autocommit=True
        ) as connection:
            row = connection.execute(_OWNS).fetchone() or (False, False)
            who = connection.info.user
    except psycopg.Error as error:
        return _ill("owner role", str(error).strip(), "Correct QM_DATABASE_OWNER_URL, or unset it here.")
    if row != (True, False):
        wrong = "passes the walls" if row[1] else "does not own the schema"
        mend = f"Let QM_DATABASE_OWNER_URL name the role {roles.OWNER}; `qm init --admin-url` makes it."
        return _ill("owner role", f"{who} {wrong}", mend)
    return _well("owner role", f"{who} owns the schema and cannot pass the walls")


def _schema(url: str) -> Check:
    try:
        found = database_schema.status(url)
    except SQLAlchemyError as error:
        return _ill("schema", str(error).splitlines()[0], "Run `qm db upgrade`.")
    if not found.current:
        return _ill("schema", f"{found.present or 'empty'}, newest is {found.newest}", "Run `qm db upgrade`.")
    return _well("schema", f"{found.present}, the newest")


def _row_level_security(connection: psycopg.Connection) -> Check:
    tables = [str(row[0]) for row in connection.execute(_OPEN_TABLES)]
    if not _count_tables(connection):
        return _ill("row-level security", "there are no tables yet", "Run `qm db upgrade`.")
    if tables:
        mend = "Somebody changed the schema by hand: force it on these again, or restore a backup."
        return _ill("row-level security", f"not forced on {', '.join(tables)}", mend)
    return _well("row-level security", "forced on every table")


def _learned(url: str) -> list[Check]:
    name = "learned models"
    try:
        count, unreadable = models_in_force(database_schema.sqlalchemy_url(url))
    except SQLAlchemyError as error:
        return [_ill(name, str(error).splitlines()[0], "Mend first what is wrong with the database.")]
    if unreadable:
        return [_ill(name, each.detail, each.mend) for each in unreadable]
    return [_well(name, f"{count} in force, all can be read")]


def _count_tables(connection: psycopg.Connection) -> int:
    return int((connection.execute(_TABLES).fetchone() or (0,))[0])


def _redis(settings: Settings, *, embedded: bool) -> Check:
    mend = "Read logs/redis.log." if embedded else "Correct QM_REDIS_URL or start the server."
    try:
        with redis.Redis.from_url(
            settings.redis_url or "", socket_timeout=_PATIENCE_SECONDS, retry=Retry(NoBackoff(), 0)
        ) as client:
            about: Callable[[str], object] = client.info().get
            version, policy = str(about("redis_version")), str(about("maxmemory_policy"))
            persistent = bool(about("aof_enabled"))
    except (redis.RedisError, ValueError) as error:
        return _ill("redis", str(error), mend)
    detail = f"{version}, {'embedded' if embedded else 'external'}, {policy}"
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST_REDIS:
        return _ill("redis", detail, "Use Redis 6.2 or newer.")
    if policy != "noeviction":
        return _ill("redis", detail, "Set maxmemory-policy to noeviction: any other drops waiting work.")
    return _well(
        "redis", f"{detail}, {'kept on disk' if persistent else 'not kept on disk: wake-ups may be lost'}"
    )
