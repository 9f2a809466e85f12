-- What catalogue.py asks: each statement returns lines of text, one fact each. The application role can read all of it.
-- Objects of extensions are the administrator's business, and PostgreSQL's own schemas are alike everywhere.

-- Schemas.
select format('schema %s of %s', n.nspname, pg_get_userbyid(n.nspowner))
from pg_namespace n where n.nspname !~ '^(pg_|information_schema$)' and not exists (select from pg_depend e where e.deptype = 'e' and e.objid = n.oid);

-- Rights on schemas.
select format('grant schema %s: %s to %s%s', n.nspname, g.privilege_type, case when g.grantee = 0 then 'everybody' else pg_get_userbyid(g.grantee) end, case when g.is_grantable then ' with grant option' else '' end)
from pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) g
where n.nspname !~ '^(pg_|information_schema$)' and not exists (select from pg_depend e where e.deptype = 'e' and e.objid = n.oid) and g.grantee <> n.nspowner;

-- Tables, views and all other relations.
select format('relation %s of %s, kind %s%s%s%s', c.oid::regclass, pg_get_userbyid(c.relowner), c.relkind,
    case when c.relrowsecurity then ', row security' else '' end,
    case when c.relforcerowsecurity then ', forced' else '' end,
    coalesce(', ' || array_to_string(c.reloptions, ' '), ''))
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind not in ('i', 'I', 't', 'c') and n.nspname !~ '^(pg_|information_schema$)' and not exists (select from pg_depend e where e.deptype = 'e' and e.objid = c.oid);

-- Rights on them.
select format('grant %s: %s to %s%s', c.oid::regclass, g.privilege_type, case when g.grantee = 0 then 'everybody' else pg_get_userbyid(g.grantee) end, case when g.is_grantable then ' with grant option' else '' end)
from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) g
where n.nspname !~ '^(pg_|information_schema$)' and not exists (select from pg_depend e where e.deptype = 'e' and e.objid = c.oid) and g.grantee <> c.relowner;

-- Rights on columns.
select format('grant %s.%s: %s to %s%s', c.oid::regclass, a.attname, g.privilege_type, case when g.grantee = 0 then 'everybody' else pg_get_userbyid(g.grantee) end, case when g.is_grantable then ' with grant option' else '' end)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) g
where n.nspname !~ '^(pg_|information_schema$)' and not exists (select from pg_depend e where e.deptype = 'e' and e.objid = c.oid) and g.grantee <> c.relowner;

-- Row-level security.
select format('policy %s on %s, %s for %s to %s using %s check %s', p.polname, p.polrelid::regclass,
    case when p.polpermissive then 'permissive' else 'restrictive' end, p.polcmd,
    (select string_agg(case when r = 0 then 'everybody' else pg_get_userbyid(r) end, ' ' order by r::regrole::text)
     from unnest(p.polroles) r),
    coalesce(pg_get_expr(p.polqual, p.polrelid), '-'), coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '-'))
from pg_policy p;

-- Functions.
select format('function %s of %s, %s, %s%s%s, body %s', p.oid::regprocedure, pg_get_userbyid(p.proowner),
    l.lanname, p.provolatile, case when p.prosecdef then ', security definer' else '' end,
    coalesce(', ' || array_to_string(p.proconfig, ' '), ''), md5(p.prosrc))
from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
where n.nspname !~ '^(pg_|information_schema$)' and not exists (select from pg_depend e where e.deptype = 'e' and e.objid = p.oid);

-- Rights on functions.
select format('grant function %s: %s to %s%s', p.oid::regprocedure, g.privilege_type, case when g.grantee = 0 then 'everybody' else pg_get_userbyid(g.grantee) end, case when g.is_grantable then ' with grant option' else '' end)
from pg_proc p join pg_namespace n on n.oid = p.pronamespace,
    aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
where n.nspname !~ '^(pg_|information_schema$)' and not exists (select from pg_depend e where e.deptype = 'e' and e.objid = p.oid) and g.grantee <> p.proowner;

-- Triggers.
select format('trigger %s on %s: %s, %s', t.tgname, t.tgrelid::regclass, t.tgenabled, t.tgfoid::regprocedure)
from pg_trigger t where not t.tgisinternal
union all
select format('switched-off constraint trigger on %s', t.tgrelid::regclass)
from pg_trigger t where t.tgisinternal and t.tgenabled <> 'O'
union all
select format('event trigger %s: %s', evtname, evtfoid::regprocedure) from pg_event_trigger;

-- Rules.
select format('rule %s on %s', r.rulename, r.ev_class::regclass)
from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
where n.nspname !~ '^(pg_|information_schema$)' and not exists (select from pg_depend e where e.deptype = 'e' and e.objid = c.oid);

-- Keys.
select format('constraint %s on %s: %s', k.conname, k.conrelid::regclass, pg_get_constraintdef(k.oid))
from pg_constraint k join pg_namespace n on n.oid = k.connamespace
where k.contype in ('p', 'u', 'f', 'x') and n.nspname !~ '^(pg_|information_schema$)' and not exists (select from pg_depend e where e.deptype = 'e' and e.objid = k.conrelid);

-- Our roles.
select format('role %s%s%s%s%s%s%s', rolname, case when rolcanlogin then ' login' else '' end,
    case when rolsuper then ' superuser' else '' end, case when rolbypassrls then ' bypassrls' else '' end,
    case when rolcreaterole then ' createrole' else '' end, case when rolcreatedb then ' createdb' else '' end,
    case when rolreplication then ' replication' else '' end)
from pg_roles where rolname in ('qm_app', 'qm_owner', 'qm_lookup');

-- Members of our roles. An administrator without superuser rights is a member of those it made,
-- which is how it made them.
select distinct format('member %s of %s', m.rolname, r.rolname)
from pg_auth_members a join pg_roles m on m.oid = a.member join pg_roles r on r.oid = a.roleid
where m.rolname in ('qm_app', 'qm_owner', 'qm_lookup') or r.rolname in ('qm_app', 'qm_owner', 'qm_lookup') and not (m.rolsuper or m.rolcreaterole);

-- Whose rights our roles have without asking.
select format('%s has the rights of %s at all times', m.rolname, r.rolname)
from pg_roles m, pg_roles r
where m.rolname in ('qm_app', 'qm_owner', 'qm_lookup') and r.rolname not in (m.rolname, 'pg_database_owner')
    and pg_has_role(m.oid, r.oid, 'usage');

-- Settings of our roles and of the database.
select format('setting of %s: %s', coalesce(r.rolname, 'this database'), array_to_string(s.setconfig, ' '))
from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole
left join pg_database d on d.oid = s.setdatabase
where (r.rolname in ('qm_app', 'qm_owner', 'qm_lookup') or r.rolname is null) and coalesce(d.datname, current_database()) = current_database();

-- The database, and what would give rights in future.
select format('database of %s', pg_get_userbyid(d.datdba)) from pg_database d where d.datname = current_database()
union all
select format('grant database: %s to %s%s', g.privilege_type, case when g.grantee = 0 then 'everybody' else pg_get_userbyid(g.grantee) end, case when g.is_grantable then ' with grant option' else '' end)
from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) g
where d.datname = current_database() and g.grantee <> d.datdba
    and not (g.privilege_type = 'CONNECT' and g.grantee <> 0 and pg_get_userbyid(g.grantee) not in ('qm_app', 'qm_owner', 'qm_lookup'))
union all
select format('default rights of %s: %s', pg_get_userbyid(defaclrole), defaclacl) from pg_default_acl
union all
select format('publication %s', pubname) from pg_publication;
