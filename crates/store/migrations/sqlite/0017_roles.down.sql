alter table tenant_configs drop column allow_http;
alter table tenant_configs drop column allow_loopback;
