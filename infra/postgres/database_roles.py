"""The roles of QM on a PostgreSQL server, embedded or external."""

from importlib import resources
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

OWNER = "qm_owner"
APP = "qm_app"


def script() -> str:
    """Return the SQL that makes the roles; it is safe to run again."""
    return resources.files("infra").joinpath("postgres/roles.sql").read_text()


def create_roles(
    admin_url: str, *, owner_password: str, app_password: str, database: str = "qm"
) -> tuple[str, str]:
    """Create database and roles as an administrator; return the owner's and the application's address."""
    admin_url = plain_url(admin_url)
    with psycopg.connect(admin_url, autocommit=True) as connection:
        is_new = not _exists(connection, database)
        if is_new:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(database)
                )
            )
    try:
        _run_script(admin_url, owner_password, app_password, database)
    except psycopg.Error:
        if is_new:
            with psycopg.connect(admin_url, autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(database)))
        raise
    return (
        address(admin_url, user=OWNER, password=owner_password, database=database),
        address(admin_url, user=APP, password=app_password, database=database),
    )


def has_schema(admin_url: str, database: str) -> bool:
    """Tell whether this database is there and holds QM's tables: then it is no new installation."""
    admin_url = plain_url(admin_url)
    with psycopg.connect(admin_url, autocommit=True) as connection:
        if not _exists(connection, database):
            return False
    with psycopg.connect(make_conninfo(admin_url, dbname=database)) as connection:
        found = connection.execute("SELECT to_regclass('public.alembic_version')").fetchone()
    return found is not None and found[0] is not None


def databases_in_use(admin_url: str) -> list[str]:
    """Return the databases of this server that QM's roles serve: other passwords would lock them out."""
    statement = "SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = %s ORDER BY datname"
    with psycopg.connect(plain_url(admin_url), autocommit=True) as connection:
        return [str(name) for (name,) in connection.execute(statement, [OWNER])]


def _exists(connection: psycopg.Connection, database: str) -> bool:
    return (
        connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone() is not None
    )


def _run_script(admin_url: str, owner_password: str, app_password: str, database: str) -> None:
    with psycopg.connect(make_conninfo(admin_url, dbname=database)) as connection:
        statement = script()
        for name, role, password in (
            (":owner_password", OWNER, owner_password),
            (":app_password", APP, app_password),
        ):
            verifier = _verifier(connection, role, password)
            statement = statement.replace(name, sql.Literal(verifier).as_string(connection))
        statement = statement.replace(":database", sql.Identifier(database).as_string(connection))
        connection.execute(statement.encode())


def plain_url(url: str) -> str:
    """Return a PostgreSQL address without the driver's name, as psycopg wants it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def address(admin_url: str, *, user: str, password: str, database: str) -> str:
    """Return the URL of the same server for another role, keeping options such as sslmode."""
    parts = conninfo_to_dict(admin_url)
    host = str(parts.pop("host", "localhost"))
    port = parts.pop("port", 5432)
    for name in ("user", "password", "dbname"):
        parts.pop(name, None)
    options = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in parts.items())
    netloc = f"[{host}]" if ":" in host else host
    return (
        f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@{quote(netloc, safe='[]:,')}:{port}"
        f"/{quote(database, safe='')}{'?' if options else ''}{options}"
    )


def _verifier(connection: psycopg.Connection, role: str, password: str) -> str:
    """Hash the password here, so that the server's statement log never sees it."""
    return connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
