create table tenant_configs (
    tenant_id varchar(100) primary key,
    name text not null,
    edition varchar(20) not null check (edition in ('cloud', 'on_premises', 'msp')),
    api varchar(20) not null check (api in ('v3', 'story')),
    base_url text not null,
    portal text,
    accounts_url text,
    credentials text not null,
    ca_certificate text,
    requests_per_minute bigint not null check (requests_per_minute >= 0),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    -- Each batch adds 1 and stamps its rows with it: locks the tenant for the batch, and whoever has seen
    -- revision n misses nothing at or before n.
    revision bigint not null default 0
);
