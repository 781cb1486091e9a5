-- Requests over plain HTTP to other machines, and requests to this machine, are allowed.
alter table tenant_configs
    add column allow_http boolean not null default false,
    add column allow_loopback boolean not null default false;
