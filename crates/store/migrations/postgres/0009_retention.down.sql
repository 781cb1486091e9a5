-- What was forgotten stays withdrawn: it comes back only from the helpdesk.
drop index ix_ticket_history_resolved;
alter table ticket_history drop column expired_at;
alter table tenant_configs drop column keep_days;
