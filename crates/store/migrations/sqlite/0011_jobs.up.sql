-- See the PostgreSQL migration of the same number.
create table jobs (
    tenant_id text not null references tenant_configs (tenant_id) on delete cascade,
    kind text not null,
    arguments text,
    due_at text not null,
    attempts integer not null default 0,
    error text,
    failed_at text,
    primary key (tenant_id, kind)
) without rowid;
