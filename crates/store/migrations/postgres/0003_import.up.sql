create table import_runs (
    tenant_id varchar(100) not null,
    run_id varchar(36) not null,
    request text not null,
    range_from timestamptz not null,
    range_to timestamptz not null,
    state varchar(20) not null check (state in ('running', 'finished', 'interrupted')),
    imported bigint not null default 0,
    updated bigint not null default 0,
    skipped bigint not null default 0,
    rejected bigint not null default 0,
    error text,
    started_at timestamptz not null,
    finished_at timestamptz,
    primary key (tenant_id, run_id)
);

-- The plan of a run; the cursor moves only together with the rows before it.
create table import_windows (
    tenant_id varchar(100) not null,
    run_id varchar(36) not null,
    position integer not null,
    plan text not null,
    cursor text,
    done boolean not null default false,
    primary key (tenant_id, run_id, position)
);

create table rejected_tickets (
    tenant_id varchar(100) not null,
    -- The ticket's id, or a digest of its raw form where it has none: rejected twice is one row.
    rejection_key varchar(100) not null,
    ticket_id text,
    reason text not null,
    raw text not null,
    run_id varchar(36) not null,
    rejected_at timestamptz not null,
    primary key (tenant_id, rejection_key)
);
