-- See the PostgreSQL migration of the same number.
alter table tenant_configs add column epoch integer not null default 0;
alter table tenant_configs add column holder text;
alter table tenant_configs add column held_since text;

create table audit_log (
    tenant_id text not null,
    entry_id text not null,
    at text not null,
    actor text not null,
    origin text not null,
    action text not null,
    detail text not null,
    primary key (tenant_id, entry_id)
) without rowid;

-- Append-only.
create trigger audit_log_update before update on audit_log begin
    select raise(abort, 'audit_log is append-only');
end;
create trigger audit_log_delete before delete on audit_log begin
    select raise(abort, 'audit_log is append-only');
end;

create table retired_keys (
    key_id text primary key,
    retired_at text not null
) without rowid;
