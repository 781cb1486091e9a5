-- See the PostgreSQL migration of the same number.
alter table tenant_configs add column insecure integer not null default 0;
alter table tenant_configs add column resolution_from_notes integer not null default 0;
alter table tenant_configs add column keep_html integer not null default 0;
alter table tenant_configs add column learned_pace integer check (learned_pace > 0);
alter table tenant_configs add column probe text;
alter table tenant_configs add column reauthorise_since text;

alter table ticket_history add column description_html text;
alter table ticket_history add column resolution_html text;
