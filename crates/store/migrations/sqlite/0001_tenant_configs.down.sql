drop table tenant_configs;
