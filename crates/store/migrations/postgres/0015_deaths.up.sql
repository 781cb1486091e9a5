-- Attempts at jobs that are under way, and how many attempts in a row ended with the death of their process.
create table attempts (
    tenant_id varchar(100) not null references tenant_configs (tenant_id) on delete cascade,
    kind varchar(20) not null,
    -- Epoch of the lease that the attempt works under: the note of an older epoch was left by a process that died.
    epoch bigint not null,
    -- Null while no attempt is under way.
    begun_at timestamptz,
    deaths integer not null default 0,
    -- Begin of the attempt that ended with the last death.
    died_at timestamptz,
    primary key (tenant_id, kind)
);

alter table attempts enable row level security;
alter table attempts force row level security;
create policy precedent_tenant on attempts to precedent_service
    using (tenant_id = current_setting('precedent.tenant_id', true))
    with check (tenant_id = current_setting('precedent.tenant_id', true));
create policy precedent_others on attempts to public
    using (current_user <> 'precedent_service') with check (current_user <> 'precedent_service');
grant select, insert, update, delete on attempts to precedent_service;
-- Workers look for the jobs that they must run alone.
create policy precedent_operator on attempts for select to precedent_service
    using (current_setting('precedent.operator', true) = 'on');

-- Claims in a row without an outcome: each but the current one ended with the death of its process.
alter table inbox add column claims integer not null default 0;
