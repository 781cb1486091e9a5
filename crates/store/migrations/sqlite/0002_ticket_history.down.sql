-- Back to the first release's table, every row kept.
drop trigger ticket_history_refuse;
drop index uq_ticket_history_tenant_ticket;
alter table ticket_history drop column source;
alter table ticket_history drop column ingested_at;
alter table ticket_history drop column display_id;
alter table ticket_history drop column subject;
alter table ticket_history drop column status;
alter table ticket_history drop column category;
alter table ticket_history drop column priority;
alter table ticket_history drop column url;
alter table ticket_history drop column source_updated_at;
alter table ticket_history drop column content_digest;
alter table ticket_history drop column version;
alter table ticket_history drop column revision;
alter table ticket_history drop column withdrawn_at;

insert into ticket_history
    (id, tenant_id, ticket_id, description, resolution, resolved_date, tags, created_at, updated_at)
select id, tenant_id, ticket_id, description, resolution, resolved_date, tags, created_at, updated_at
from ticket_history_duplicates;

drop table ticket_history_duplicates;
