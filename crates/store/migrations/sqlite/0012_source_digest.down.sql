alter table ticket_history drop column source_digest;
