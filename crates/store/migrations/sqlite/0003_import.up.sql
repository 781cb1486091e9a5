create table import_runs (
    tenant_id text not null,
    run_id text not null,
    request text not null,
    range_from text not null,
    range_to text not null,
    state text not null check (state in ('running', 'finished', 'interrupted')),
    imported integer not null default 0,
    updated integer not null default 0,
    skipped integer not null default 0,
    rejected integer not null default 0,
    error text,
    started_at text not null,
    finished_at text,
    primary key (tenant_id, run_id)
) without rowid;

-- The plan of a run; the cursor moves only together with the rows before it.
create table import_windows (
    tenant_id text not null,
    run_id text not null,
    position integer not null,
    plan text not null,
    cursor text,
    done integer not null default 0,
    primary key (tenant_id, run_id, position)
) without rowid;

create table rejected_tickets (
    tenant_id text not null,
    -- The ticket's id, or a digest of its raw form where it has none: rejected twice is one row.
    rejection_key text not null,
    ticket_id text,
    reason text not null,
    raw text not null,
    run_id text not null,
    rejected_at text not null,
    primary key (tenant_id, rejection_key)
) without rowid;
