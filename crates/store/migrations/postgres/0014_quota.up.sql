alter table tenant_configs
    -- Most that is stored for the tenant, in MiB; null for no limit.
    add column max_stored_mib bigint default 20480 check (max_stored_mib > 0),
    add column max_rejected_mib bigint default 1024 check (max_rejected_mib > 0),
    -- Bytes of its tickets, and of the raw forms of rejected ones; null until they are counted. An update adds to the
    -- first and takes nothing off, so it is counted anew before the limit refuses anything.
    add column stored_bytes bigint,
    add column rejected_bytes bigint,
    add column stored_counted_at timestamptz;
