//! The table of the first release, with duplicates.

pub(crate) const FIRST_RELEASE: &str = "
    drop table ticket_history;
    create table ticket_history (
        id uuid primary key,
        tenant_id varchar(100) not null,
        ticket_id varchar(100) not null,
        description text not null,
        resolution text,
        resolved_date timestamp,
        tags text[],
        owner text,
        created_at timestamp not null,
        updated_at timestamp
    );
    insert into ticket_history
    select
        gen_random_uuid(), 'acme', (n % 40)::text, 'ticket ' || n, null, '2026-01-02 03:04:05',
        array['a', 'b'], 'platform', timestamp '2026-01-01' + n * interval '1 minute', null
    from generate_series(1, 100) as n;";
