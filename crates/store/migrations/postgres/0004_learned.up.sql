alter table tenant_configs
    -- Any TLS certificate is accepted.
    add column insecure boolean not null default false,
    -- Resolutions are looked for among notes.
    add column resolution_from_notes boolean not null default false,
    -- The HTML that texts were read from is kept beside them.
    add column keep_html boolean not null default false,
    -- Requests a minute that the helpdesk turned out to take; null while the allowed pace works.
    add column learned_pace bigint check (learned_pace > 0),
    -- What the last look at the helpdesk found, as JSON.
    add column probe text,
    -- Since when the helpdesk refuses the credentials.
    add column reauthorise_since timestamptz;

alter table ticket_history
    add column description_html text,
    add column resolution_html text;
