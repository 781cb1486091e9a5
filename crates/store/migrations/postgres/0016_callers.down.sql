drop policy precedent_operator on api_tokens;
drop policy precedent_operator on webhooks;
alter table webhooks drop column signing_secret, drop column secret_in_url;
