alter table tenant_configs drop column allow_http, drop column allow_loopback;
