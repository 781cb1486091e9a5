alter table inbox drop column claims;
drop table attempts;
