-- What was asked for and is to be done by some worker, and what failed and is to be tried again.
create table jobs (
    tenant_id varchar(100) not null references tenant_configs (tenant_id) on delete cascade,
    kind varchar(20) not null,
    -- What was asked for; null where the kind says it all.
    arguments text,
    -- Whoever waits longest is next.
    due_at timestamptz not null,
    attempts integer not null default 0,
    error text,
    -- When it was given up, to be looked at by an operator.
    failed_at timestamptz,
    primary key (tenant_id, kind)
);

alter table jobs enable row level security;
alter table jobs force row level security;
create policy precedent_tenant on jobs to precedent_service
    using (tenant_id = current_setting('precedent.tenant_id', true))
    with check (tenant_id = current_setting('precedent.tenant_id', true));
create policy precedent_others on jobs to public
    using (current_user <> 'precedent_service') with check (current_user <> 'precedent_service');
grant select, insert, update, delete on jobs to precedent_service;
-- Workers look for tenants that have something to do: a job, or a history that is there to be kept true.
create policy precedent_operator on jobs for select to precedent_service
    using (current_setting('precedent.operator', true) = 'on');
create policy precedent_operator on import_runs for select to precedent_service
    using (current_setting('precedent.operator', true) = 'on');
