-- The few questions that must be asked across tenants. Each is owned by qm_lookup, a role that may read
-- only the columns named here through policies of its own, and each returns ids and counts, nothing else.
-- Unless pg_temp is named at the end, a caller's temporary objects would be found before all others.

create function qm_locate_credential(wanted bytea)
returns table (tenant_id uuid, credential_id uuid, by_token boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
    select c.tenant_id, c.credential_id, false from public.credentials c where c.key_hash = wanted
    union all
    select t.tenant_id, t.credential_id, true from public.access_tokens t where t.token_hash = wanted
$$;

create function qm_locate_oauth_client(wanted uuid)
returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$ select c.tenant_id from public.credentials c where c.credential_id = wanted $$;

create function qm_locate_tenant(wanted text)
returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$ select t.tenant_id from public.tenants t where t.slug = wanted or t.tenant_id::text = wanted $$;

create function qm_tenants()
returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$ select t.tenant_id from public.tenants t $$;

create function qm_client_ids(of_tenant uuid)
returns table (client_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$ select c.client_id from public.clients c where c.tenant_id = of_tenant $$;

create function qm_credential_client_ids(of_tenant uuid, of_credential uuid)
returns table (client_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
    select c.client_id
    from public.credentials k
    join public.clients c on c.tenant_id = k.tenant_id
    where k.tenant_id = of_tenant
      and k.credential_id = of_credential
      and (
        not k.bound
        or exists (
            select from public.credential_clients b
            where b.tenant_id = k.tenant_id and b.credential_id = k.credential_id and b.client_id = c.client_id
        )
      )
      and (
        k.user_id is null
        or not exists (
            select from public.memberships m where m.tenant_id = k.tenant_id and m.user_id = k.user_id
        )
        or exists (
            select from public.memberships m
            where m.tenant_id = k.tenant_id and m.user_id = k.user_id and m.client_id = c.client_id
        )
      )
$$;

create function qm_backlog()
returns table (tenant_id uuid, client_id uuid, state text, interactions bigint, oldest timestamptz)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
    select i.tenant_id, i.client_id,
           case when i.state = 'claimed' and i.lease_until < now() then 'pending' else i.state end,
           count(*), min(i.updated_at)
    from public.interactions i
    where i.state <> 'scored'
    group by 1, 2, 3
$$;
