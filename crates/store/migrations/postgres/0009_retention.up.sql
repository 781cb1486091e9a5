alter table tenant_configs
    -- Days after its resolution that a ticket is kept; null for ever.
    add column keep_days bigint check (keep_days > 0);

alter table ticket_history
    -- When it was forgotten because it was older than the tenant keeps: no text is left. Without the row, those who
    -- keep a copy of the table would not learn of it.
    add column expired_at timestamptz;

-- What is to be forgotten is found without reading the rest.
create index ix_ticket_history_resolved on ticket_history (tenant_id, resolved_date) where expired_at is null;
