"""Checks an installation: `qm doctor` prints what was found and how to repair what is wrong."""

import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.exc import SQLAlchemyError

from infra import database_schema, ports, process_commands
from infra.doctor_check import Check, bad, ok
from infra.doctor_learned_models import check_models_in_force
from infra.doctor_roles import application_role, other_roles, owner_role
from infra.embedded import installations, programs, servers
from infra.embedded.accounts import EmbeddedError
from infra.embedded.data_directory import DataDirectory
from infra.postgres import catalogue, database_roles
from qm.settings import DEFAULT_DATA_DIR, Settings

_MIN_PYTHON = (3, 11)
_MIN_POSTGRES = 15
_MIN_REDIS = (6, 2)
_MIN_FREE_MEGABYTES = 500
_MAX_CLOCK_DIFFERENCE = 5.0
_TIMEOUT_SECONDS = 5
_MAX_TOLD = 10
_MEND_WALLS = (
    "As an administrator, put back what is missing and take away what is not wanted, "
    "and find out who changed it: until then one tenant may see another."
)
_SAMPLE_TIME_ZONE = "Europe/Berlin"

_TABLE_COUNT = (
    "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
)


def examine(settings: Settings) -> list[Check]:
    """Run every check; embedded servers are started for it, and stopped again if nobody else uses them."""
    checks = [_python(), _programs(settings), _secret_key(settings), _time_zones(), _port(settings)]
    if settings.database_url is None or settings.redis_url is None:
        checks.append(_installation(settings))
        if not installations.is_made(settings.data_dir):
            return checks
        checks.append(_data_directory(settings))
    try:
        with _addresses(settings) as complete:
            checks += _database(complete, embedded=settings.database_url is None)
            checks.append(_redis(complete, embedded=settings.redis_url is None))
    except EmbeddedError as error:
        mend = f"Read the logs in {settings.data_dir}/logs, unless something above is the cause."
        checks.append(bad("embedded servers", str(error), mend))
    if settings.owner_url is not None:
        checks.append(owner_role(settings.owner_url))
    return checks


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
    if sys.version_info[:2] < _MIN_PYTHON:
        return bad("python", found, "Install Python 3.11 or newer.")
    return ok("python", found)


def _programs(settings: Settings) -> Check:
    if settings.database_url is not None and settings.redis_url is not None:
        return ok("server programs", "not needed: both addresses are set")
    try:
        found = programs.find()
    except EmbeddedError as error:
        return bad("server programs", str(error), "Set QM_DATABASE_URL and QM_REDIS_URL.")
    return ok("server programs", f"{found.postgres}, {found.redis}")


def _installation(settings: Settings) -> Check:
    """Look whether the installation here is the one that runs; a second one is most often a mistake."""
    name, here = "installation", settings.data_dir.expanduser().resolve()
    others = installations.running_elsewhere(settings.data_dir)
    elsewhere = "; ".join(f"one runs in {path}" for path in others)
    is_made = installations.is_made(settings.data_dir)
    found = f"in {here}" if is_made else f"none yet in {here}; `qm up` or `qm init` makes one"
    detail = f"{found}; {elsewhere}" if others else found
    is_used = is_made and servers.status(settings.data_dir).in_use
    is_elsewhere_meant = settings.data_dir == DEFAULT_DATA_DIR or _answers(settings)
    if others and not is_used and is_elsewhere_meant:
        return bad(name, detail, f"If you mean another one: export QM_DATA_DIR={shlex.quote(str(others[0]))}")
    return ok(name, detail)


def _answers(settings: Settings) -> bool:
    return process_commands.is_healthy(f"{ports.address_of(settings.host, settings.port)}/healthz")


def _data_directory(settings: Settings) -> Check:
    try:
        directory = DataDirectory.at(settings.data_dir)
        free = shutil.disk_usage(directory.data_dir).free // 2**20
        home = directory.known_home()
    except EmbeddedError as error:
        return bad("data directory", str(error), "Set QM_DATA_DIR to a directory of your own.")
    detail = f"{directory.data_dir}, {free} MB free"
    if home is not None and not home.is_relative_to(directory.data_dir):
        detail += f"; the servers' data is in {home}"
    if free < _MIN_FREE_MEGABYTES:
        return bad("data directory", detail, "Free some space or set QM_DATA_DIR to another disk.")
    return ok("data directory", detail)


def _secret_key(settings: Settings) -> Check:
    path = settings.data_dir / "secrets" / "secret-key"
    if settings.secret_key is not None:
        return ok("secret key", "set")
    if settings.database_url is not None and settings.redis_url is not None:
        return bad("secret key", "unset", "Set QM_SECRET_KEY, the same on every host.")
    return ok("secret key", f"kept in {path}" if path.exists() else "made on first run")


def _time_zones() -> Check:
    try:
        ZoneInfo(_SAMPLE_TIME_ZONE)
    except ZoneInfoNotFoundError:
        return bad("time zones", "no time zone data", "Run `pip install tzdata`.")
    return ok("time zones", "present")


def _port(settings: Settings) -> Check:
    address = f"{settings.host}:{settings.port}"
    error = ports.bind_error(settings.host, settings.port)
    if error is None:
        return ok("port", f"{address} is free")
    if _answers(settings):
        return ok("port", f"{address}: QM answers there")
    return bad("port", f"{address}: {error.strerror}", "Set QM_PORT or QM_HOST.")


def _database(settings: Settings, *, embedded: bool) -> list[Check]:
    url = database_roles.plain_url(settings.database_url or "")
    try:
        with psycopg.connect(url, connect_timeout=_TIMEOUT_SECONDS, autocommit=True) as connection:
            checks = [
                _version(connection, embedded=embedded),
                application_role(connection),
                _clock(connection),
            ]
            if embedded and not _count_tables(connection):
                return [*checks, ok("schema", "not made yet; `qm up` makes it")]
            schema = _schema(url)
            if not schema.ok:
                return [*checks, schema]
            return [
                *checks,
                schema,
                _catalogue(connection),
                other_roles(connection, embedded=embedded),
                *_learned_models(settings.database_url or ""),
            ]
    except psycopg.Error as error:
        mend = "Read logs/postgres.log." if embedded else "Correct QM_DATABASE_URL or start the server."
        return [bad("database", str(error).strip(), mend)]


def _version(connection: psycopg.Connection, *, embedded: bool) -> Check:
    number = connection.info.server_version
    location = "embedded" if embedded else f"{connection.info.host}:{connection.info.port}"
    detail = f"PostgreSQL {number // 10000}.{number % 10000}, {location}"
    if number // 10000 < _MIN_POSTGRES:
        return bad("database", detail, f"Use PostgreSQL {_MIN_POSTGRES} or newer.")
    return ok("database", detail)


def _clock(connection: psycopg.Connection) -> Check:
    row = connection.execute("select clock_timestamp()").fetchone()
    difference = abs((datetime.now(UTC) - row[0]).total_seconds()) if row is not None else 0.0
    detail = f"{difference:.1f} s apart from the database's"
    if difference > _MAX_CLOCK_DIFFERENCE:
        return bad("clock", detail, "Synchronise the clocks of both machines (NTP).")
    return ok("clock", detail)


def _schema(url: str) -> Check:
    try:
        found = database_schema.status(url)
    except SQLAlchemyError as error:
        return bad("schema", str(error).splitlines()[0], "Run `qm db upgrade`.")
    if not found.current:
        return bad("schema", f"{found.present or 'empty'}, newest is {found.newest}", "Run `qm db upgrade`.")
    return ok("schema", f"{found.present}, the newest")


def _catalogue(connection: psycopg.Connection) -> Check:
    found = catalogue.differences(connection)
    if found:
        told = "; ".join(map(str, found[:_MAX_TOLD]))
        more = f"; and {len(found) - _MAX_TOLD} more" if len(found) > _MAX_TOLD else ""
        return bad("walls", told + more, _MEND_WALLS)
    return ok("walls", f"{len(catalogue.expected())} facts of the catalogue are as they must be")


def _learned_models(url: str) -> list[Check]:
    name = "learned models"
    try:
        count, faults = check_models_in_force(database_schema.sqlalchemy_url(url))
    except SQLAlchemyError as error:
        return [bad(name, str(error).splitlines()[0], "Mend first what is wrong with the database.")]
    if faults:
        return [bad(name, each.detail, each.mend) for each in faults]
    return [ok(name, f"{count} in force, all can be read")]


def _count_tables(connection: psycopg.Connection) -> int:
    return int((connection.execute(_TABLE_COUNT).fetchone() or (0,))[0])


def _is_open(url: str) -> bool:
    """Tell whether Redis takes commands from somebody without a password."""
    options = redis.Redis.from_url(url).connection_pool.connection_kwargs
    kept = {name: value for name, value in options.items() if name not in {"username", "password"}}
    scheme = url.partition(":")[0]
    kind = {"rediss": redis.SSLConnection, "unix": redis.UnixDomainSocketConnection}.get(
        scheme, redis.Connection
    )
    kept |= {"socket_timeout": _TIMEOUT_SECONDS, "retry": Retry(NoBackoff(), 0)}
    with redis.Redis(connection_pool=redis.ConnectionPool(connection_class=kind, **kept)) as stranger:
        try:
            stranger.ping()
        except (redis.AuthenticationError, redis.ResponseError):
            return False
        return True


def _redis(settings: Settings, *, embedded: bool) -> Check:
    mend = "Read logs/redis.log." if embedded else "Correct QM_REDIS_URL or start the server."
    try:
        with redis.Redis.from_url(
            settings.redis_url or "", socket_timeout=_TIMEOUT_SECONDS, retry=Retry(NoBackoff(), 0)
        ) as client:
            info: Callable[[str], object] = client.info().get
            version, policy = str(info("redis_version")), str(info("maxmemory_policy"))
            persistent = bool(info("aof_enabled"))
        is_open = _is_open(settings.redis_url or "")
    except (redis.RedisError, ValueError) as error:
        return bad("redis", str(error), mend)
    detail = f"{version}, {'embedded' if embedded else 'external'}, {policy}"
    if tuple(int(part) for part in version.split(".")[:2]) < _MIN_REDIS:
        return bad("redis", detail, "Use Redis 6.2 or newer.")
    if is_open:
        return bad(
            "redis",
            f"{detail}, asks for no password: whoever reaches it can stop and mislead the workers",
            "Set requirepass (or an ACL) in Redis, and put the password into QM_REDIS_URL.",
        )
    if policy != "noeviction":
        return bad("redis", detail, "Set maxmemory-policy to noeviction: any other drops waiting work.")
    return ok(
        "redis", f"{detail}, {'kept on disk' if persistent else 'not kept on disk: wake-ups may be lost'}"
    )
