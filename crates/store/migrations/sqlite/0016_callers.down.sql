alter table webhooks drop column signing_secret;
alter table webhooks drop column secret_in_url;
