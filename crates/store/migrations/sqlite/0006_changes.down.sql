drop index ix_ticket_history_changes;
