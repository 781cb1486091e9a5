-- See the PostgreSQL migration of the same number.
create index ix_ticket_history_changes on ticket_history (tenant_id, revision, ticket_id);
