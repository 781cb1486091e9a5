//! Prints a tenant's settings for people and programs, without secrets.

use chrono::DateTime;
use engine::{secrets, source};
use serde_json::{Value, json};
use store::{Tenant, Usage};

use crate::cli::output::{entry, long_entry};
use crate::setup::Context;

/// Prints a tenant on one line.
pub(crate) fn line(context: &Context, tenant: &Tenant) -> anyhow::Result<()> {
    let words = format_args!(
        "{:<20} {:<12} {:<40} {}",
        tenant.id,
        edition(tenant),
        tenant.base_url,
        tenant.name
    );
    entry(context, &object(tenant), words)
}

/// Prints all settings of a tenant.
pub(crate) fn all(context: &Context, tenant: &Tenant) -> anyhow::Result<()> {
    let limit = match tenant.requests_per_minute {
        0 => "no limit".to_owned(),
        limit => format!("{limit} requests a minute"),
    };
    let lines = [
        ("tenant", tenant.id.to_string()),
        ("name", tenant.name.clone()),
        ("edition", edition(tenant)),
        ("api", tenant.api.clone()),
        ("url", tenant.base_url.clone()),
        ("portal", tenant.portal.clone().unwrap_or_else(|| "-".to_owned())),
        (
            "accounts url",
            tenant
                .accounts_url
                .clone()
                .unwrap_or_else(|| "by data centre".to_owned()),
        ),
        ("ca certificate", certificate(tenant).to_owned()),
        ("allows http", yes_or_no(tenant.allow_http)),
        ("allows loopback", yes_or_no(tenant.allow_loopback)),
        ("pace", limit),
        ("learned pace", learned_pace(tenant)),
        ("checked", checked(tenant)),
        ("from notes", yes_or_no(tenant.resolution_from_notes)),
        ("keeps html", yes_or_no(tenant.keep_html)),
        ("keeps tickets", kept(tenant)),
        ("stored", used(tenant.usage.stored_bytes, tenant.quota.stored_mib)),
        (
            "rejected",
            used(tenant.usage.rejected_bytes, tenant.quota.rejected_mib),
        ),
        ("language", tenant.language.clone()),
        ("credentials", credentials(tenant)),
        ("added", tenant.created_at.to_rfc3339()),
        ("changed", tenant.updated_at.to_rfc3339()),
    ];
    let lines = lines.map(|(name, value)| format!("{name:<15} {value}"));
    long_entry(context, &object(tenant), lines)
}

fn certificate(tenant: &Tenant) -> &'static str {
    match (tenant.insecure, tenant.ca_certificate.is_some()) {
        (true, _) => "not checked (insecure)",
        (false, true) => "own",
        (false, false) => "the system's",
    }
}

fn learned_pace(tenant: &Tenant) -> String {
    match tenant.learned.pace {
        Some(pace) => format!("{pace} requests a minute: the helpdesk throttled"),
        None => "-".to_owned(),
    }
}

fn checked(tenant: &Tenant) -> String {
    let at = source::probe(tenant).and_then(|probe| DateTime::from_timestamp_millis(probe.at_ms));
    at.map_or_else(|| "never".to_owned(), |at| at.to_rfc3339())
}

fn credentials(tenant: &Tenant) -> String {
    match tenant.learned.reauthorise_since {
        Some(since) => format!("needs re-authorisation since {}", since.to_rfc3339()),
        None => format!("sealed with master key {}", key_id(tenant)),
    }
}

fn kept(tenant: &Tenant) -> String {
    match tenant.keep_days {
        Some(days) => format!("{days} days after they were resolved"),
        None => "for ever".to_owned(),
    }
}

fn used(bytes: u64, limit_mib: Option<u32>) -> String {
    let mebibytes = bytes.div_ceil(1 << 20);
    match limit_mib {
        Some(limit) => format!(
            "{mebibytes} of {limit} MiB ({} %)",
            Usage::percent(bytes, limit_mib)
        ),
        None => format!("{mebibytes} MiB, no limit"),
    }
}

fn yes_or_no(setting: bool) -> String {
    if setting { "yes" } else { "no" }.to_owned()
}

/// Returns the settings as a JSON object.
pub(crate) fn object(tenant: &Tenant) -> Value {
    json!({
        "tenant_id": tenant.id.as_str(),
        "name": tenant.name,
        "edition": edition(tenant),
        "api": tenant.api,
        "url": tenant.base_url,
        "portal": tenant.portal,
        "accounts_url": tenant.accounts_url,
        "own_ca_certificate": tenant.ca_certificate.is_some(),
        "requests_per_minute": tenant.requests_per_minute,
        "insecure": tenant.insecure,
        "allow_http": tenant.allow_http,
        "allow_loopback": tenant.allow_loopback,
        "resolution_from_notes": tenant.resolution_from_notes,
        "keep_html": tenant.keep_html,
        "keep_days": tenant.keep_days,
        "max_stored_mib": tenant.quota.stored_mib,
        "max_rejected_mib": tenant.quota.rejected_mib,
        "stored_bytes": tenant.usage.stored_bytes,
        "rejected_bytes": tenant.usage.rejected_bytes,
        "language": tenant.language,
        "learned_pace": tenant.learned.pace,
        "probe": source::probe(tenant),
        "reauthorise_since": tenant.learned.reauthorise_since.map(|since| since.to_rfc3339()),
        "master_key_id": key_id(tenant),
        "created_at": tenant.created_at.to_rfc3339(),
        "updated_at": tenant.updated_at.to_rfc3339(),
    })
}

fn edition(tenant: &Tenant) -> String {
    tenant.edition.replace('_', "-")
}

fn key_id(tenant: &Tenant) -> &str {
    secrets::key_id(&tenant.credentials).unwrap_or("unknown")
}
