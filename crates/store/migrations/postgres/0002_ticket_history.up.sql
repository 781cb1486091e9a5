-- The table as the platform's first release made it. A platform that has it keeps its rows.
create table if not exists ticket_history (
    id uuid primary key,
    tenant_id varchar(100) not null,
    ticket_id varchar(100) not null,
    description text not null,
    resolution text,
    resolved_date timestamptz,
    tags jsonb,
    created_at timestamptz,
    updated_at timestamptz
);

-- Inserts do not name the id: an adopted table may number its rows itself. Tags and times of an adopted
-- table may be of an older type; times without a zone are taken as UTC.
do $$
declare
    adopted record;
begin
    for adopted in
        select column_name, data_type, column_default
        from information_schema.columns
        where table_schema = current_schema() and table_name = 'ticket_history'
    loop
        if adopted.column_name = 'id' and adopted.data_type = 'uuid' and adopted.column_default is null then
            alter table ticket_history alter column id set default gen_random_uuid();
        elsif adopted.column_name = 'tags' and adopted.data_type <> 'jsonb' then
            alter table ticket_history alter column tags drop default;
            alter table ticket_history alter column tags type jsonb using to_jsonb(tags);
        elsif adopted.data_type = 'timestamp without time zone'
            and adopted.column_name in ('resolved_date', 'created_at', 'updated_at') then
            execute format(
                'alter table ticket_history alter column %I type timestamptz using %I at time zone ''UTC''',
                adopted.column_name, adopted.column_name
            );
        end if;
    end loop;
end $$;

-- One row a ticket: the newest stays, the others are kept aside, whole, for the way back.
create table ticket_history_duplicates (
    tenant_id varchar(100) not null,
    ticket_id varchar(100) not null,
    position bigint not null,
    whole_row jsonb not null,
    primary key (tenant_id, ticket_id, position)
);

with ranked as (
    select
        ctid as place,
        row_number() over (
            partition by tenant_id, ticket_id
            order by updated_at desc nulls last, created_at desc nulls last, resolved_date desc nulls last, id desc
        ) as position
    from ticket_history
),
moved as (
    delete from ticket_history
    using ranked
    where ticket_history.ctid = ranked.place and ranked.position > 1
    returning
        ticket_history.tenant_id,
        ticket_history.ticket_id,
        ranked.position,
        to_jsonb(ticket_history.*) as whole_row
)
insert into ticket_history_duplicates (tenant_id, ticket_id, position, whole_row)
select tenant_id, ticket_id, position, whole_row from moved;

alter table ticket_history
    add column if not exists source varchar(50),
    add column if not exists ingested_at timestamptz,
    add column if not exists display_id varchar(100),
    add column if not exists subject text,
    add column if not exists status varchar(250),
    add column if not exists category varchar(250),
    add column if not exists priority varchar(250),
    add column if not exists url varchar(2000),
    add column if not exists source_updated_at timestamptz,
    add column if not exists content_digest bytea,
    add column if not exists version bigint not null default 0,
    add column if not exists revision bigint not null default 0,
    -- Deleted, merged or reopened at the source: kept, never served.
    add column if not exists withdrawn_at timestamptz;

-- What makes an import idempotent.
alter table ticket_history
    add constraint uq_ticket_history_tenant_ticket unique (tenant_id, ticket_id);
