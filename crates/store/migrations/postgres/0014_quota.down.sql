alter table tenant_configs
    drop column max_stored_mib,
    drop column max_rejected_mib,
    drop column stored_bytes,
    drop column rejected_bytes,
    drop column stored_counted_at;
