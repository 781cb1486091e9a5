//! Many tenants, written into the database without their helpdesks.

use super::bench::Bench;

impl Bench {
    /// Adds the tenants t0, t1 and so on to a PostgreSQL database, each with its own tickets and a token such as
    /// `precedent~t0~a~secret`.
    pub(crate) async fn fill_tenants(&self, tenants: usize, tickets: usize) {
        let last = tenants - 1;
        for statement in [
            format!(
                "insert into tenant_configs
                     (tenant_id, name, edition, api, base_url, credentials, requests_per_minute, created_at, updated_at, revision)
                 select 't' || n, 'T', 'cloud', 'v3', 'https://desk.example.com', 'v1', 100, now(), now(), 1
                 from generate_series(0, {last}) n"
            ),
            format!(
                "insert into api_tokens (tenant_id, token_id, name, secret_digest, scopes, created_at, expires_at)
                 select 't' || n, 'a', 'agent', sha256('secret'), 'search', now(), now() + interval '1 day'
                 from generate_series(0, {last}) n"
            ),
            format!(
                "insert into ticket_history
                     (id, tenant_id, ticket_id, subject, description, resolution, resolved_date, tags, source, revision)
                 select gen_random_uuid(), 't' || n, m::text, 'Device word' || m || ' of owner' || n,
                     'Device word' || m || E' of owner' || n || E'\n\nfails since ' || md5(n::text || m), 'Replaced part' || m,
                     now(), '[]', 'bulk_import', 1
                 from generate_series(0, {last}) n, generate_series(1, {tickets}) m"
            ),
        ] {
            self.execute(&statement).await;
        }
    }
}
