-- See the PostgreSQL migration of the same number.
create table webhooks (
    tenant_id text not null,
    hook_id text not null,
    secret text not null,
    created_at text not null,
    primary key (tenant_id)
) without rowid;

create table inbox (
    tenant_id text not null,
    note_id text not null,
    kind text not null,
    body text not null,
    received_at text not null,
    due_at text not null,
    attempts integer not null default 0,
    error text,
    failed_at text,
    primary key (tenant_id, note_id)
) without rowid;
create index ix_inbox_due on inbox (tenant_id, due_at) where failed_at is null;
