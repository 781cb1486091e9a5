//! A tenant's settings for people and programs, without secrets.

use serde_json::{Value, json};
use store::Tenant;

use crate::context::Context;
use crate::vault;

/// One line.
pub(crate) fn line(context: &Context, tenant: &Tenant) {
    if context.json() {
        println!("{}", object(tenant));
    } else {
        println!(
            "{:<20} {:<12} {:<40} {}",
            tenant.id,
            edition(tenant),
            tenant.base_url,
            tenant.name
        );
    }
}

/// Everything.
pub(crate) fn all(context: &Context, tenant: &Tenant) {
    if context.json() {
        println!("{}", object(tenant));
        return;
    }
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
        (
            "ca certificate",
            if tenant.ca_certificate.is_some() {
                "own"
            } else {
                "the system's"
            }
            .to_owned(),
        ),
        ("pace", limit),
        (
            "credentials",
            format!("sealed with master key {}", key_id(tenant)),
        ),
        ("added", tenant.created_at.to_rfc3339()),
        ("changed", tenant.updated_at.to_rfc3339()),
    ];
    lines
        .iter()
        .for_each(|(name, value)| println!("{name:<15} {value}"));
}

fn object(tenant: &Tenant) -> Value {
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
        "master_key_id": key_id(tenant),
        "created_at": tenant.created_at.to_rfc3339(),
        "updated_at": tenant.updated_at.to_rfc3339(),
    })
}

fn edition(tenant: &Tenant) -> String {
    tenant.edition.replace('_', "-")
}

fn key_id(tenant: &Tenant) -> &str {
    vault::key_id(&tenant.credentials).unwrap_or("unknown")
}
