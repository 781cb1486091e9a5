drop table inbox;
drop table webhooks;
