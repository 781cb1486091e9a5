-- See the PostgreSQL migration of the same number.
alter table tenant_configs add column max_stored_mib integer default 20480 check (max_stored_mib > 0);
alter table tenant_configs add column max_rejected_mib integer default 1024 check (max_rejected_mib > 0);
alter table tenant_configs add column stored_bytes integer;
alter table tenant_configs add column rejected_bytes integer;
alter table tenant_configs add column stored_counted_at text;
