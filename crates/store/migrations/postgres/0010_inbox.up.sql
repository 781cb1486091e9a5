-- Where a tenant's helpdesk reports to, and the secret that it shows: an envelope.
create table webhooks (
    tenant_id varchar(100) not null,
    hook_id varchar(36) not null,
    secret text not null,
    created_at timestamptz not null,
    primary key (tenant_id)
);

-- What helpdesks reported and nobody has worked off yet.
create table inbox (
    tenant_id varchar(100) not null,
    note_id varchar(200) not null,
    kind varchar(20) not null,
    body text not null,
    received_at timestamptz not null,
    -- When to work on it; later while somebody does.
    due_at timestamptz not null,
    attempts integer not null default 0,
    error text,
    -- When it was given up, to be looked at by an operator.
    failed_at timestamptz,
    primary key (tenant_id, note_id)
);
create index ix_inbox_due on inbox (tenant_id, due_at) where failed_at is null;

do $$
declare
    name text;
begin
    foreach name in array array['webhooks', 'inbox'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy precedent_tenant on %I to precedent_service
                using (tenant_id = current_setting(''precedent.tenant_id'', true))
                with check (tenant_id = current_setting(''precedent.tenant_id'', true))',
            name
        );
        execute format(
            'create policy precedent_others on %I to public
                using (current_user <> ''precedent_service'') with check (current_user <> ''precedent_service'')',
            name
        );
        execute format('grant select, insert, update, delete on %I to precedent_service', name);
    end loop;
    -- Workers look for tenants that have notes.
    create policy precedent_operator on inbox for select to precedent_service
        using (current_setting('precedent.operator', true) = 'on');
end $$;
