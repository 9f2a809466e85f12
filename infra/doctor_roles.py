"""Checks of PostgreSQL's roles: what QM's own may do, and who passes the walls between tenants."""

from dataclasses import dataclass

import psycopg

from infra.doctor_check import Check, bad, ok
from infra.embedded.postgres import ADMIN
from infra.postgres import database_roles

_TIMEOUT_SECONDS = 5
_MEND_ROLES = (
    "As an administrator, drop these roles or take away what is named (REVOKE, ALTER ROLE ... "
    "NOSUPERUSER NOBYPASSRLS), and find out who made them: whoever signs in as one reads every tenant."
)
_ROLE_PRIVILEGES = """
select rolsuper, rolbypassrls, rolcreaterole,
    has_schema_privilege(current_user, 'public', 'CREATE'),
    exists (select from pg_class where relowner = pg_roles.oid)
from pg_roles where rolname = current_user
"""
_OWNER_PRIVILEGES = """
select has_schema_privilege(current_user, 'public', 'CREATE'), rolsuper or rolbypassrls
from pg_roles where rolname = current_user
"""
# What a login role has itself or may become: SET ROLE needs membership only.
# The server's own files hold every row.
_PASSING = """
select r.rolname, r.rolname in ('qm_app', 'qm_owner', 'qm_lookup'), array_agg(distinct case
    when d.oid <> r.oid then 'member of ' || d.rolname
    when d.rolsuper then 'superuser' else 'bypasses row-level security' end)
from pg_roles r
join pg_roles d on d.oid = r.oid or not r.rolsuper and pg_has_role(r.oid, d.oid, 'MEMBER')
where (r.rolcanlogin or r.rolname = 'qm_lookup') and (
    d.rolsuper or d.rolbypassrls
    or d.rolname in ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')
    or d.oid <> r.oid and d.rolname in ('qm_app', 'qm_owner', 'qm_lookup')
       and r.rolname not in ('qm_app', 'qm_owner', 'qm_lookup')
)
group by r.rolname order by r.rolname
"""


@dataclass(frozen=True, slots=True)
class _PassingRole:
    """A role that can pass the walls, why, and whether it is one of QM's own."""

    name: str
    own: bool
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        """Return the name with the reasons."""
        return f"{self.name} ({', '.join(self.reasons)})"


def application_role(connection: psycopg.Connection) -> Check:
    """Look what the role may do that the application connects as."""
    row = connection.execute(_ROLE_PRIVILEGES).fetchone() or ()
    names = ("superuser", "bypasses row-level security", "creates roles", "creates tables", "owns tables")
    privileges = [name for name, has in zip(names, row, strict=False) if has]
    role = connection.info.user
    if privileges:
        mend = f"Let QM_DATABASE_URL name the role {database_roles.APP}; `qm init --admin-url` makes it."
        return bad("application role", f"{role}: {', '.join(privileges)}", mend)
    return ok("application role", f"{role} owns nothing and cannot pass the walls")


def owner_role(url: str) -> Check:
    """Look whether the owner's address is one that upgrades need."""
    try:
        with psycopg.connect(
            database_roles.plain_url(url), connect_timeout=_TIMEOUT_SECONDS, autocommit=True
        ) as connection:
            row = connection.execute(_OWNER_PRIVILEGES).fetchone() or (False, False)
            role = connection.info.user
    except psycopg.Error as error:
        return bad("owner role", str(error).strip(), "Correct QM_DATABASE_OWNER_URL, or unset it here.")
    if row != (True, False):
        problem = "passes the walls" if row[1] else "does not own the schema"
        mend = (
            f"Let QM_DATABASE_OWNER_URL name the role {database_roles.OWNER}; `qm init --admin-url` makes it."
        )
        return bad("owner role", f"{role} {problem}", mend)
    return ok("owner role", f"{role} owns the schema and cannot pass the walls")


def other_roles(connection: psycopg.Connection, *, embedded: bool) -> Check:
    """Look who passes the walls: on a server of ours the administrator alone, on others none of our roles."""
    name = "other roles"
    passing = _passing(connection)
    wrong = [role for role in passing if role.own or (embedded and role.name != ADMIN)]
    if wrong:
        return bad(name, f"can pass the walls: {'; '.join(map(str, wrong))}", _MEND_ROLES)
    told = "; ".join(map(str, passing)) or "nobody who signs in"
    return ok(name, f"the walls do not hold for: {told}")


def _passing(connection: psycopg.Connection) -> list[_PassingRole]:
    """Return the roles that somebody can sign in as and that can pass the walls."""
    return [_PassingRole(name, own, tuple(reasons)) for name, own, reasons in connection.execute(_PASSING)]
