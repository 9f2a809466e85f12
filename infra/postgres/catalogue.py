"""What PostgreSQL's catalogue says of isolation, one fact a line, and what it must say.

`catalogue.txt` beside this file holds the facts of a freshly made database; `make catalogue` writes it, and a test
compares. `qm doctor` compares them with a running one: whatever is missing there, or is there in addition, such as
a policy, a grant or a function, may open a wall.
"""

import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import psycopg

from infra import database_schema
from infra.embedded import servers
from infra.postgres import database_roles

# Objects of extensions are the administrator's business, and PostgreSQL's own schemas are alike everywhere.
_OURS = "n.nspname !~ '^(pg_|information_schema$)' and not exists (select from pg_depend e where e.deptype = 'e'"
_ROLES = "('qm_app', 'qm_owner', 'qm_lookup')"
_GRANTEE = "case when g.grantee = 0 then 'everybody' else pg_get_userbyid(g.grantee) end"
_GRANTABLE = "case when g.is_grantable then ' with grant option' else '' end"

# Each returns lines of text. The application role can read all of it.
_QUESTIONS = (
    f"""
    select format('schema %s of %s', n.nspname, pg_get_userbyid(n.nspowner))
    from pg_namespace n where {_OURS} and e.objid = n.oid)
    """,
    f"""
    select format('grant schema %s: %s to %s%s', n.nspname, g.privilege_type, {_GRANTEE}, {_GRANTABLE})
    from pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) g
    where {_OURS} and e.objid = n.oid) and g.grantee <> n.nspowner
    """,
    f"""
    select format('relation %s of %s, kind %s%s%s%s', c.oid::regclass, pg_get_userbyid(c.relowner), c.relkind,
        case when c.relrowsecurity then ', row security' else '' end,
        case when c.relforcerowsecurity then ', forced' else '' end,
        coalesce(', ' || array_to_string(c.reloptions, ' '), ''))
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind not in ('i', 'I', 't', 'c') and {_OURS} and e.objid = c.oid)
    """,
    f"""
    select format('grant %s: %s to %s%s', c.oid::regclass, g.privilege_type, {_GRANTEE}, {_GRANTABLE})
    from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) g
    where {_OURS} and e.objid = c.oid) and g.grantee <> c.relowner
    """,
    f"""
    select format('grant %s.%s: %s to %s%s', c.oid::regclass, a.attname, g.privilege_type, {_GRANTEE}, {_GRANTABLE})
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) g
    where {_OURS} and e.objid = c.oid) and g.grantee <> c.relowner
    """,
    """
    select format('policy %s on %s, %s for %s to %s using %s check %s', p.polname, p.polrelid::regclass,
        case when p.polpermissive then 'permissive' else 'restrictive' end, p.polcmd,
        (select string_agg(case when r = 0 then 'everybody' else pg_get_userbyid(r) end, ' ' order by r::regrole::text)
         from unnest(p.polroles) r),
        coalesce(pg_get_expr(p.polqual, p.polrelid), '-'), coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '-'))
    from pg_policy p
    """,
    f"""
    select format('function %s of %s, %s, %s%s%s, body %s', p.oid::regprocedure, pg_get_userbyid(p.proowner),
        l.lanname, p.provolatile, case when p.prosecdef then ', security definer' else '' end,
        coalesce(', ' || array_to_string(p.proconfig, ' '), ''), md5(p.prosrc))
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
    where {_OURS} and e.objid = p.oid)
    """,
    f"""
    select format('grant function %s: %s to %s%s', p.oid::regprocedure, g.privilege_type, {_GRANTEE}, {_GRANTABLE})
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace,
        aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
    where {_OURS} and e.objid = p.oid) and g.grantee <> p.proowner
    """,
    """
    select format('trigger %s on %s: %s, %s', t.tgname, t.tgrelid::regclass, t.tgenabled, t.tgfoid::regprocedure)
    from pg_trigger t where not t.tgisinternal
    union all
    select format('switched-off constraint trigger on %s', t.tgrelid::regclass)
    from pg_trigger t where t.tgisinternal and t.tgenabled <> 'O'
    union all
    select format('event trigger %s: %s', evtname, evtfoid::regprocedure) from pg_event_trigger
    """,
    f"""
    select format('rule %s on %s', r.rulename, r.ev_class::regclass)
    from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
    where {_OURS} and e.objid = c.oid)
    """,
    f"""
    select format('constraint %s on %s: %s', k.conname, k.conrelid::regclass, pg_get_constraintdef(k.oid))
    from pg_constraint k join pg_namespace n on n.oid = k.connamespace
    where k.contype in ('p', 'u', 'f', 'x') and {_OURS} and e.objid = k.conrelid)
    """,
    f"""
    select format('role %s%s%s%s%s%s%s', rolname, case when rolcanlogin then ' login' else '' end,
        case when rolsuper then ' superuser' else '' end, case when rolbypassrls then ' bypassrls' else '' end,
        case when rolcreaterole then ' createrole' else '' end, case when rolcreatedb then ' createdb' else '' end,
        case when rolreplication then ' replication' else '' end)
    from pg_roles where rolname in {_ROLES}
    """,
    # An administrator without superuser rights is a member of the roles it made, which is how it made them.
    f"""
    select distinct format('member %s of %s', m.rolname, r.rolname)
    from pg_auth_members a join pg_roles m on m.oid = a.member join pg_roles r on r.oid = a.roleid
    where m.rolname in {_ROLES} or r.rolname in {_ROLES} and not (m.rolsuper or m.rolcreaterole)
    """,
    f"""
    select format('%s has the rights of %s at all times', m.rolname, r.rolname)
    from pg_roles m, pg_roles r
    where m.rolname in {_ROLES} and r.rolname not in (m.rolname, 'pg_database_owner')
        and pg_has_role(m.oid, r.oid, 'usage')
    """,
    f"""
    select format('setting of %s: %s', coalesce(r.rolname, 'this database'), array_to_string(s.setconfig, ' '))
    from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole
    left join pg_database d on d.oid = s.setdatabase
    where (r.rolname in {_ROLES} or r.rolname is null) and coalesce(d.datname, current_database()) = current_database()
    """,
    f"""
    select format('database of %s', pg_get_userbyid(d.datdba)) from pg_database d where d.datname = current_database()
    union all
    select format('grant database: %s to %s%s', g.privilege_type, {_GRANTEE}, {_GRANTABLE})
    from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) g
    where d.datname = current_database() and g.grantee <> d.datdba
        and not (g.privilege_type = 'CONNECT' and g.grantee <> 0 and pg_get_userbyid(g.grantee) not in {_ROLES})
    union all
    select format('default rights of %s: %s', pg_get_userbyid(defaclrole), defaclacl) from pg_default_acl
    union all
    select format('publication %s', pubname) from pg_publication
    """,
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact that should be and is not, or the other way round."""

    missing: bool
    fact: str

    def __str__(self) -> str:
        return f"{'missing' if self.missing else 'not wanted'}: {self.fact}"


def facts(connection: psycopg.Connection) -> set[str]:
    """Return what the catalogue of this connection's database says."""
    with connection.transaction():
        # Names are then written with their schema unless it is public, whatever the role's own setting is.
        connection.execute("set local search_path to public, pg_catalog")
        found = [row[0] for question in _QUESTIONS for row in connection.execute(question.encode()).fetchall()]
    return {" ".join(line.split()) for line in found}


def expected() -> set[str]:
    """Return what the catalogue of a freshly made database says."""
    return set(resources.files("infra").joinpath("postgres/catalogue.txt").read_text().splitlines())


def differences(connection: psycopg.Connection) -> list[Difference]:
    """Return where the catalogue is not as it must be; empty when all walls stand."""
    found, wanted = facts(connection), expected()
    return [
        *(Difference(missing=True, fact=fact) for fact in sorted(wanted - found)),
        *(Difference(missing=False, fact=fact) for fact in sorted(found - wanted)),
    ]


def _of_a_new_database() -> Iterable[str]:
    with tempfile.TemporaryDirectory(prefix="qm-catalogue-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        addresses = servers.ensure(path)
        try:
            database_schema.upgrade(addresses.owner_url)
            with psycopg.connect(database_roles.plain_url(addresses.database_url)) as connection:
                return sorted(facts(connection))
        finally:
            servers.remove(path)


if __name__ == "__main__":
    sys.stdout.write("".join(f"{fact}\n" for fact in _of_a_new_database()))
