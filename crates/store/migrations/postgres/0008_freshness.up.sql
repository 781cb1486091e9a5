alter table tenant_configs
    -- The latest change at the source that was looked at: the next sync goes on from there.
    add column synced_to timestamptz,
    add column synced_at timestamptz,
    add column reconciled_at timestamptz;
