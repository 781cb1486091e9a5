do $$
declare
    protected record;
begin
    for protected in
        select tablename as name, format('%I.%I', schemaname, tablename)::regclass as relation
        from pg_policies where schemaname = current_schema() and policyname = 'precedent_others'
    loop
        execute format('drop policy precedent_others on %s', protected.relation);
        execute format(
            'create policy precedent_others on %s to public
                using (current_user <> ''precedent_service'') with check (current_user <> ''precedent_service'')',
            protected.relation
        );
    end loop;
    drop policy precedent_installation on audit_log;
    for protected in
        select tablename as name, format('%I.%I', schemaname, tablename)::regclass as relation
        from pg_policies where schemaname = current_schema() and policyname = 'precedent_operator'
    loop
        execute format('drop policy precedent_operator on %s', protected.relation);
        execute format(
            'create policy precedent_operator on %s for select to precedent_service
                using (current_setting(''precedent.operator'', true) = ''on'')',
            protected.relation
        );
        execute format('revoke all on %s from precedent_scheduler, precedent_operator', protected.relation);
    end loop;
    revoke all on retired_keys, _sqlx_migrations from precedent_scheduler, precedent_operator;
    execute format('revoke all on schema %I from precedent_scheduler, precedent_operator', current_schema());
    grant select, insert on retired_keys to precedent_service;
end $$;

-- The roles stay: other databases of this server may use them.
alter table tenant_configs drop column allow_http, drop column allow_loopback;
