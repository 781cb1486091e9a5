-- See the PostgreSQL migration of the same number.
alter table webhooks add column signing_secret text;
alter table webhooks add column secret_in_url boolean not null default false;
