drop table api_tokens;
alter table tenant_configs drop column language;
