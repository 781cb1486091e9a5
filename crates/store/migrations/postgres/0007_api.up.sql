-- Language of the tickets: how the search stems words and which it passes over.
alter table tenant_configs add column language varchar(20) not null default 'english';

-- Who may ask over HTTP. Of a token only a digest is kept.
create table api_tokens (
    tenant_id varchar(100) not null,
    token_id varchar(36) not null,
    name text not null,
    secret_digest bytea not null,
    -- Names of what it may do, separated by blanks.
    scopes text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    primary key (tenant_id, token_id)
);

alter table api_tokens enable row level security;
alter table api_tokens force row level security;
create policy precedent_tenant on api_tokens to precedent_service
    using (tenant_id = current_setting('precedent.tenant_id', true))
    with check (tenant_id = current_setting('precedent.tenant_id', true));
create policy precedent_others on api_tokens to public
    using (current_user <> 'precedent_service') with check (current_user <> 'precedent_service');
grant select, insert, update, delete on api_tokens to precedent_service;
