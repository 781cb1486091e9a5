-- See the PostgreSQL migration of the same number.
alter table tenant_configs add column language text not null default 'english';

create table api_tokens (
    tenant_id text not null,
    token_id text not null,
    name text not null,
    secret_digest blob not null,
    scopes text not null,
    created_at text not null,
    expires_at text not null,
    revoked_at text,
    primary key (tenant_id, token_id)
) without rowid;
