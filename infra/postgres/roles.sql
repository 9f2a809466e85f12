-- The roles of QM. Run by an administrator on QM's own database; safe to run again.
-- infra/postgres/database_roles.py fills in :database, :owner_password and :app_password (SCRAM verifiers).
--
--   qm_owner   owns the schema and runs migrations
--   qm_app     what the application connects as; owns nothing, row-level security always applies to it
--   qm_lookup  nobody signs in as it; owns the few functions that look across tenants

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['qm_owner', 'qm_app', 'qm_lookup'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOCREATEDB NOCREATEROLE', name);
        END IF;
        IF EXISTS (
            SELECT FROM pg_roles
            WHERE rolname = name AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication)
        ) THEN
            RAISE EXCEPTION 'role % exists already and has rights that would undo row-level security', name
                USING HINT = format('ALTER ROLE %I NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION', name);
        END IF;
        -- An administrator who is no superuser may hand things to a role only as its member.
        IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AND name <> 'qm_app' THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', name);
        END IF;
    END LOOP;
END
$$;

ALTER ROLE qm_owner LOGIN PASSWORD :owner_password;
ALTER ROLE qm_app LOGIN PASSWORD :app_password;
ALTER ROLE qm_lookup NOLOGIN;

-- The owner may make functions that belong to qm_lookup, without having its rights all the time. Both branches of an IF are
-- parsed, and PostgreSQL 15 knows no such options of GRANT, so they are text; there the role itself inherits nothing.
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 160000 THEN
        EXECUTE 'GRANT qm_lookup TO qm_owner WITH INHERIT FALSE, SET TRUE';
    ELSE
        EXECUTE 'ALTER ROLE qm_owner NOINHERIT';
        EXECUTE 'GRANT qm_lookup TO qm_owner';
    END IF;
END
$$;

ALTER DATABASE :database OWNER TO qm_owner;
ALTER SCHEMA public OWNER TO qm_owner;

REVOKE ALL ON DATABASE :database FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT CONNECT ON DATABASE :database TO qm_app;
GRANT USAGE ON SCHEMA public TO qm_app, qm_lookup;
