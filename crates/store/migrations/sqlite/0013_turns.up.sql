-- See the PostgreSQL migration of the same number.
create table pace (
    tenant_id text primary key references tenant_configs (tenant_id) on delete cascade,
    state text not null
);

create table sightings (
    tenant_id text not null,
    ticket_id text not null,
    seen_at text,
    asked_at text,
    answer text check (answer in ('there', 'archived', 'gone', 'hidden')),
    primary key (tenant_id, ticket_id)
) without rowid;

alter table import_runs add column kind text not null default 'import';
alter table import_runs add column withdrawn integer not null default 0;
alter table import_runs add column latest_change text;

create index import_runs_finished on import_runs (tenant_id, started_at) where kind = 'import' and state = 'finished';
