-- A reader catches up from the revision that it has seen.
create index ix_ticket_history_changes on ticket_history (tenant_id, revision, ticket_id);
