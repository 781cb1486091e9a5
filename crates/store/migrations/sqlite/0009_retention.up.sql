-- See the PostgreSQL migration of the same number.
alter table tenant_configs add column keep_days integer check (keep_days > 0);
alter table ticket_history add column expired_at text;
create index ix_ticket_history_resolved on ticket_history (tenant_id, resolved_date) where expired_at is null;
