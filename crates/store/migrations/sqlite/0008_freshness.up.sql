-- See the PostgreSQL migration of the same number.
alter table tenant_configs add column synced_to text;
alter table tenant_configs add column synced_at text;
alter table tenant_configs add column reconciled_at text;
