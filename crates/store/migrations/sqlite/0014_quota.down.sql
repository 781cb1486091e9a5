alter table tenant_configs drop column max_stored_mib;
alter table tenant_configs drop column max_rejected_mib;
alter table tenant_configs drop column stored_bytes;
alter table tenant_configs drop column rejected_bytes;
alter table tenant_configs drop column stored_counted_at;
