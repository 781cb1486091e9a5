do $$
declare
    protected record;
begin
    for protected in
        select unnest(array[
            'tenant_configs', 'ticket_history', 'ticket_history_duplicates', 'import_runs', 'import_windows',
            'rejected_tickets', 'audit_log'
        ]) as name
    loop
        execute format('drop policy precedent_tenant on %I', protected.name);
        execute format('drop policy precedent_others on %I', protected.name);
        execute format('drop policy if exists precedent_operator on %I', protected.name);
        execute format('alter table %I no force row level security', protected.name);
        execute format('alter table %I disable row level security', protected.name);
        execute format('revoke all on %I from precedent_service', protected.name);
    end loop;
    revoke all on _sqlx_migrations from precedent_service;
    execute format('revoke all on all sequences in schema %I from precedent_service', current_schema());
    execute format('revoke all on schema %I from precedent_service', current_schema());
end $$;

-- The role stays: other databases of this server may use it.
drop table retired_keys;
drop table audit_log;

alter table tenant_configs
    drop column epoch,
    drop column holder,
    drop column held_since;
