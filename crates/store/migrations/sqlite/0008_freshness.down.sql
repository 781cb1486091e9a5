alter table tenant_configs drop column synced_to;
alter table tenant_configs drop column synced_at;
alter table tenant_configs drop column reconciled_at;
