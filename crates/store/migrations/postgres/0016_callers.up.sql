alter table webhooks
    -- The envelope of the secret that signs resolved tickets. The other secret travels in a header of each change
    -- notification, so proxies and logs of the helpdesk may know it; it must not sign tickets as well.
    add column signing_secret text,
    -- Whether the secret of change notifications may be part of their URL.
    add column secret_in_url boolean not null default false;

-- The service knows all webhooks before a request names one: a lookup would tell which tenants exist. It also knows the
-- ids of all tokens, so that wrong tokens from the same address do not keep out good ones.
create policy precedent_operator on webhooks for select to precedent_service
    using (current_setting('precedent.operator', true) = 'on');
create policy precedent_operator on api_tokens for select to precedent_service
    using (current_setting('precedent.operator', true) = 'on');
