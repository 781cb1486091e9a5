-- Requests over plain HTTP to other machines, and requests to this machine, are allowed.
alter table tenant_configs
    add column allow_http boolean not null default false,
    add column allow_loopback boolean not null default false;

-- Three roles instead of one role with a switch that it could set itself: precedent_service works for one tenant,
-- precedent_scheduler reads lists of all tenants, precedent_operator also reads the whole audit log and retires keys.
do $$
declare
    wanted text;
    protected record;
begin
    foreach wanted in array array['precedent_scheduler', 'precedent_operator'] loop
        if not exists (select from pg_roles where rolname = wanted) then
            begin
                execute format('create role %I nologin nobypassrls', wanted);
            exception
                when duplicate_object or unique_violation then
                    null; -- made at the same time for another database of this server
                when insufficient_privilege then
                    raise exception 'the role % is missing and % may not make it; a superuser may: create role precedent_scheduler nologin; create role precedent_operator nologin; grant precedent_scheduler, precedent_operator to %',
                        wanted, current_user, quote_ident(current_user);
            end;
        end if;
        if not pg_has_role(current_user, wanted, 'member') then
            execute format('grant %I to %I', wanted, current_user);
        end if;
        -- A superuser may migrate for an owner.
        for protected in
            select distinct owner.rolname as name
            from pg_roles as owner
            where owner.oid in (
                select datdba from pg_database where datname = current_database()
                union
                select relowner from pg_class where oid = to_regclass('ticket_history')
            ) and not pg_has_role(owner.oid, wanted, 'member')
        loop
            execute format('grant %I to %I', wanted, protected.name);
        end loop;
        execute format('grant usage on schema %I to %I', current_schema(), wanted);
        execute format('grant select on _sqlx_migrations to %I', wanted);
    end loop;

    -- A role that inherits the rights of one of the three is bound by its policies, whether it switched to the role or
    -- not. Other roles of the platform keep their rights, and so does the table's owner, who could change the policies.
    for protected in
        select tablename as name, format('%I.%I', schemaname, tablename)::regclass as relation
        from pg_policies where schemaname = current_schema() and policyname = 'precedent_others'
    loop
        execute format('drop policy precedent_others on %s', protected.relation);
        execute format(
            'create policy precedent_others on %s to public
                using (
                    case
                        when current_user in (''precedent_service'', ''precedent_scheduler'', ''precedent_operator'')
                            then false
                        when pg_has_role(''precedent_service'', ''usage'')
                            or pg_has_role(''precedent_scheduler'', ''usage'')
                            or pg_has_role(''precedent_operator'', ''usage'')
                            then pg_has_role((select relowner from pg_class where oid = %L::regclass), ''usage'')
                        else true
                    end
                )',
            protected.relation, protected.relation
        );
    end loop;

    for protected in
        select tablename as name, format('%I.%I', schemaname, tablename)::regclass as relation
        from pg_policies where schemaname = current_schema() and policyname = 'precedent_operator'
    loop
        execute format('drop policy precedent_operator on %s', protected.relation);
        if protected.name = 'audit_log' then
            create policy precedent_operator on audit_log for select to precedent_operator using (true);
            -- Entries of the installation: those of a tenant are written by the service.
            create policy precedent_installation on audit_log for insert to precedent_operator
                with check (tenant_id = '');
            grant select, insert on audit_log to precedent_operator;
        else
            execute format(
                'create policy precedent_operator on %s for select
                    to precedent_scheduler, precedent_operator using (true)',
                protected.relation
            );
            if protected.name in ('inbox', 'api_tokens') then
                -- Lists need neither the text of an event nor the digest of a token.
                execute (
                    select format(
                        'grant select (%s) on %s to precedent_scheduler, precedent_operator',
                        string_agg(quote_ident(attname), ', '), protected.relation
                    )
                    from pg_attribute
                    where attrelid = protected.relation and attnum > 0 and not attisdropped
                        and attname not in ('body', 'error', 'secret_digest')
                );
            else
                execute format(
                    'grant select on %s to precedent_scheduler, precedent_operator', protected.relation
                );
            end if;
        end if;
    end loop;

    revoke all on retired_keys from precedent_service;
    grant select on retired_keys to precedent_scheduler, precedent_operator;
    grant insert on retired_keys to precedent_operator;
end $$;
