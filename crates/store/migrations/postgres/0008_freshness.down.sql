alter table tenant_configs drop column synced_to, drop column synced_at, drop column reconciled_at;
