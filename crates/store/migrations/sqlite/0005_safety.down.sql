drop table retired_keys;
drop table audit_log;
alter table tenant_configs drop column epoch;
alter table tenant_configs drop column holder;
alter table tenant_configs drop column held_since;
