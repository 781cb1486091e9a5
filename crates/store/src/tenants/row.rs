//! A row of `tenant_configs`.

use chrono::{DateTime, Utc};

use crate::{Error, LearnedSettings, Quota, Result, Tenant, Usage};

#[derive(sqlx::FromRow)]
pub(super) struct TenantRow {
    tenant_id: String,
    name: String,
    edition: String,
    api: String,
    base_url: String,
    portal: Option<String>,
    accounts_url: Option<String>,
    credentials: String,
    ca_certificate: Option<String>,
    insecure: bool,
    allow_http: bool,
    allow_loopback: bool,
    requests_per_minute: i64,
    resolution_from_notes: bool,
    keep_html: bool,
    keep_days: Option<i64>,
    max_stored_mib: Option<i64>,
    max_rejected_mib: Option<i64>,
    stored_bytes: Option<i64>,
    rejected_bytes: Option<i64>,
    language: String,
    learned_pace: Option<i64>,
    probe: Option<String>,
    reauthorise_since: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TenantRow {
    pub(super) fn into_tenant(self) -> Result<Tenant> {
        let corrupt = |column| Error::Corrupt { column };
        let number = |number: Option<i64>, column| {
            let number = number.map(u32::try_from).transpose();
            number.map_err(|_| corrupt(column))
        };
        let id = self.tenant_id.parse();
        let requests_per_minute = u32::try_from(self.requests_per_minute);
        Ok(Tenant {
            id: id.map_err(|_| corrupt("tenant_configs.tenant_id"))?,
            name: self.name,
            edition: self.edition,
            api: self.api,
            base_url: self.base_url,
            portal: self.portal,
            accounts_url: self.accounts_url,
            credentials: self.credentials,
            ca_certificate: self.ca_certificate,
            insecure: self.insecure,
            allow_http: self.allow_http,
            allow_loopback: self.allow_loopback,
            requests_per_minute: requests_per_minute
                .map_err(|_| corrupt("tenant_configs.requests_per_minute"))?,
            resolution_from_notes: self.resolution_from_notes,
            keep_html: self.keep_html,
            keep_days: number(self.keep_days, "tenant_configs.keep_days")?,
            quota: Quota {
                stored_mib: number(self.max_stored_mib, "tenant_configs.max_stored_mib")?,
                rejected_mib: number(self.max_rejected_mib, "tenant_configs.max_rejected_mib")?,
            },
            usage: Usage {
                stored_bytes: self.stored_bytes.unwrap_or(0).unsigned_abs(),
                rejected_bytes: self.rejected_bytes.unwrap_or(0).unsigned_abs(),
            },
            language: self.language,
            learned: LearnedSettings {
                pace: number(self.learned_pace, "tenant_configs.learned_pace")?,
                probe: self.probe,
                reauthorise_since: self.reauthorise_since,
            },
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}
