alter table tenant_configs
    -- Each holder of the tenant adds 1; a batch with an older epoch is refused, so one who slept writes nothing.
    add column epoch bigint not null default 0,
    -- Who imports, and since when; null if nobody does.
    add column holder text,
    add column held_since timestamptz;

-- Who did what to which tenant, when and from where. Tenant '' is the installation.
create table audit_log (
    tenant_id varchar(100) not null,
    entry_id varchar(36) not null,
    at timestamptz not null,
    actor text not null,
    origin text not null,
    action text not null,
    detail text not null,
    primary key (tenant_id, entry_id)
);

-- Master keys that were rotated out: never to be used again.
create table retired_keys (
    key_id varchar(64) primary key,
    retired_at timestamptz not null
);

-- The service works as a role that owns nothing and sees, in each transaction, one tenant.
do $$
declare
    protected record;
begin
    if not exists (select from pg_roles where rolname = 'precedent_service') then
        begin
            create role precedent_service nologin nobypassrls;
        exception
            when duplicate_object or unique_violation then
                null; -- made at the same time for another database of this server
            when insufficient_privilege then
                raise exception 'the role precedent_service is missing and % may not make it; a superuser may: create role precedent_service nologin; grant precedent_service to %',
                    current_user, quote_ident(current_user);
        end;
    end if;
    if not pg_has_role(current_user, 'precedent_service', 'member') then
        execute format('grant precedent_service to %I', current_user);
    end if;
    -- A superuser may migrate for an owner who then runs the service.
    for protected in
        select distinct owner.rolname as name
        from pg_roles as owner
        where owner.oid in (
            select datdba from pg_database where datname = current_database()
            union
            select relowner from pg_class where oid = to_regclass('ticket_history')
        ) and not pg_has_role(owner.oid, 'precedent_service', 'member')
    loop
        execute format('grant precedent_service to %I', protected.name);
    end loop;
    execute format('grant usage on schema %I to precedent_service', current_schema());
    execute format('grant usage, select on all sequences in schema %I to precedent_service', current_schema());
    for protected in
        select unnest(array[
            'tenant_configs', 'ticket_history', 'ticket_history_duplicates', 'import_runs', 'import_windows',
            'rejected_tickets', 'audit_log'
        ]) as name
    loop
        execute format('alter table %I enable row level security', protected.name);
        execute format('alter table %I force row level security', protected.name);
        execute format(
            'create policy precedent_tenant on %I to precedent_service
                using (tenant_id = current_setting(''precedent.tenant_id'', true))
                with check (tenant_id = current_setting(''precedent.tenant_id'', true))',
            protected.name
        );
        -- Other roles of the platform keep the rights that they were given.
        execute format(
            'create policy precedent_others on %I to public
                using (current_user <> ''precedent_service'') with check (current_user <> ''precedent_service'')',
            protected.name
        );
        execute format('grant select, insert, update, delete on %I to precedent_service', protected.name);
    end loop;
    -- An operator lists tenants and reads the whole log; nothing else is seen across tenants.
    create policy precedent_operator on tenant_configs for select to precedent_service
        using (current_setting('precedent.operator', true) = 'on');
    create policy precedent_operator on audit_log for select to precedent_service
        using (current_setting('precedent.operator', true) = 'on');
    -- Append-only.
    revoke update, delete on audit_log from precedent_service;
    grant select, insert on retired_keys to precedent_service;
    grant select on _sqlx_migrations to precedent_service;
end $$;
