alter table ticket_history drop column description_html;
alter table ticket_history drop column resolution_html;

alter table tenant_configs drop column insecure;
alter table tenant_configs drop column resolution_from_notes;
alter table tenant_configs drop column keep_html;
alter table tenant_configs drop column learned_pace;
alter table tenant_configs drop column probe;
alter table tenant_configs drop column reauthorise_since;
