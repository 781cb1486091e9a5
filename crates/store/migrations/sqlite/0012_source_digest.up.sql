-- See the PostgreSQL migration of the same number.
alter table ticket_history add column source_digest blob;
