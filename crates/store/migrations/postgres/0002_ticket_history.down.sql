-- Back to the first release's table, every row kept.
alter table ticket_history drop constraint uq_ticket_history_tenant_ticket;

alter table ticket_history
    drop column source,
    drop column ingested_at,
    drop column display_id,
    drop column subject,
    drop column status,
    drop column category,
    drop column priority,
    drop column url,
    drop column source_updated_at,
    drop column content_digest,
    drop column version,
    drop column revision,
    drop column withdrawn_at;

insert into ticket_history
select whole.*
from ticket_history_duplicates, jsonb_populate_record(null::ticket_history, whole_row) as whole;

drop table ticket_history_duplicates;
