create table tenant_configs (
    tenant_id text primary key,
    name text not null,
    edition text not null check (edition in ('cloud', 'on_premises', 'msp')),
    api text not null check (api in ('v3', 'story')),
    base_url text not null,
    portal text,
    accounts_url text,
    credentials text not null,
    ca_certificate text,
    requests_per_minute integer not null check (requests_per_minute >= 0),
    created_at text not null,
    updated_at text not null,
    -- See the PostgreSQL migration of the same number.
    revision integer not null default 0
) without rowid;
