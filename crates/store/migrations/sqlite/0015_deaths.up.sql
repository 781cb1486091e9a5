-- See the PostgreSQL migration of the same number.
create table attempts (
    tenant_id text not null references tenant_configs (tenant_id) on delete cascade,
    kind text not null,
    epoch integer not null,
    begun_at text,
    deaths integer not null default 0,
    died_at text,
    primary key (tenant_id, kind)
) without rowid;

alter table inbox add column claims integer not null default 0;
