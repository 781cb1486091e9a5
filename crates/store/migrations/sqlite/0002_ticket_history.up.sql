-- The table as the platform's first release made it. A database that has it keeps its rows.
create table if not exists ticket_history (
    id text primary key default (
        lower(
            hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a'
            || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))
        )
    ),
    tenant_id text not null,
    ticket_id text not null,
    description text not null,
    resolution text,
    resolved_date text,
    tags text,
    created_at text,
    updated_at text
);

-- One row a ticket: the newest stays, the others are kept aside for the way back.
create table ticket_history_duplicates as
select
    tenant_id, ticket_id, position, id, description, resolution, resolved_date, tags, created_at, updated_at,
    place
from (
    select
        *,
        rowid as place,
        row_number() over (
            partition by tenant_id, ticket_id
            order by updated_at desc nulls last, created_at desc nulls last, resolved_date desc nulls last, id desc
        ) as position
    from ticket_history
)
where position > 1;

delete from ticket_history where rowid in (select place from ticket_history_duplicates);

alter table ticket_history add column source text check (length(source) <= 50);
alter table ticket_history add column ingested_at text;
alter table ticket_history add column display_id text
    check (length(display_id) <= 100 and instr(display_id, char(0)) = 0);
alter table ticket_history add column subject text check (instr(subject, char(0)) = 0);
alter table ticket_history add column status text check (length(status) <= 250 and instr(status, char(0)) = 0);
alter table ticket_history add column category text
    check (length(category) <= 250 and instr(category, char(0)) = 0);
alter table ticket_history add column priority text
    check (length(priority) <= 250 and instr(priority, char(0)) = 0);
alter table ticket_history add column url text check (length(url) <= 2000);
alter table ticket_history add column source_updated_at text;
alter table ticket_history add column content_digest blob;
alter table ticket_history add column version integer not null default 0;
alter table ticket_history add column revision integer not null default 0;
alter table ticket_history add column withdrawn_at text;

create unique index uq_ticket_history_tenant_ticket on ticket_history (tenant_id, ticket_id);

-- SQLite takes any text of any length: refuse what PostgreSQL refuses, so that both hold the same rows.
create trigger ticket_history_refuse before insert on ticket_history
when
    length(new.tenant_id) > 100
    or length(new.ticket_id) > 100
    or instr(new.ticket_id, char(0)) > 0
    or instr(new.description, char(0)) > 0
    or instr(new.resolution, char(0)) > 0
    or instr(new.tags, '\u0000') > 0
begin
    select raise(abort, 'value too long or with U+0000');
end;
