-- The pace of a tenant's connection, shared by every process that calls its helpdesk: the state is opaque here.
create table pace (
    tenant_id varchar(100) primary key references tenant_configs (tenant_id) on delete cascade,
    state text not null
);

-- When a reconciliation last met a ticket: what no list shows is asked for one by one, and the answer is remembered.
create table sightings (
    tenant_id varchar(100) not null,
    ticket_id varchar(100) not null,
    -- A list showed it.
    seen_at timestamptz,
    -- It was asked for, since no list did.
    asked_at timestamptz,
    answer varchar(10) check (answer in ('there', 'archived', 'gone', 'hidden')),
    primary key (tenant_id, ticket_id)
);

do $$
declare
    protected text;
begin
    foreach protected in array array['pace', 'sightings'] loop
        execute format('alter table %I enable row level security', protected);
        execute format('alter table %I force row level security', protected);
        execute format(
            'create policy precedent_tenant on %I to precedent_service
                using (tenant_id = current_setting(''precedent.tenant_id'', true))
                with check (tenant_id = current_setting(''precedent.tenant_id'', true))',
            protected
        );
        execute format(
            'create policy precedent_others on %I to public
                using (current_user <> ''precedent_service'') with check (current_user <> ''precedent_service'')',
            protected
        );
        execute format('grant select, insert, update, delete on %I to precedent_service', protected);
    end loop;
end $$;

alter table import_runs
    -- What the run did: import, sync, reconcile or verify.
    add column kind varchar(20) not null default 'import',
    add column withdrawn bigint not null default 0,
    -- The latest change at the source that the run met, by the source's clock.
    add column latest_change timestamptz;

-- The first finished import of each tenant, which workers look for often.
create index import_runs_finished on import_runs (tenant_id, started_at) where kind = 'import' and state = 'finished';
