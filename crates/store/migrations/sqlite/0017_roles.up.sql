-- Requests over plain HTTP to other machines, and requests to this machine, are allowed.
alter table tenant_configs add column allow_http integer not null default 0;
alter table tenant_configs add column allow_loopback integer not null default 0;
