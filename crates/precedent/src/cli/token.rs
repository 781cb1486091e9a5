//! `precedent token`: creates, lists and revokes API tokens.

use chrono::{SecondsFormat, TimeDelta};
use engine::{audit, clock, source};
use secrecy::ExposeSecret;
use serde_json::json;
use store::ApiToken;
use ticket::TenantId;

use super::of_tenant::OfTenant;
use super::output::{entry, remark, result};
use crate::api::token::{self, Scope};
use crate::exit::{ExitCode, Failure};
use crate::setup::Context;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Create(Create),
    /// List a tenant's tokens without their secrets, which are not stored
    List(OfTenant),
    /// Revoke a token, immediately and permanently
    Revoke {
        #[command(flatten)]
        tenant: OfTenant,
        /// Id of the token, as shown by `precedent token list`
        #[arg(long)]
        token_id: String,
    },
}

/// Create a token and print it; it cannot be shown again
#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    #[command(flatten)]
    tenant: OfTenant,
    /// Display name, such as the agent that uses the token
    #[arg(long)]
    name: String,
    /// Scope of the token; may be repeated [default: both]
    #[arg(long, value_enum)]
    scope: Vec<Scope>,
    /// Number of days until the token expires
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3_650))]
    expires_in_days: u16,
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Create(create) => run_create(context, create).await,
        Command::List(tenant) => list(context, &tenant.tenant_id).await,
        Command::Revoke { tenant, token_id } => revoke(context, &tenant.tenant_id, &token_id).await,
    }
}

async fn run_create(context: &Context, create: Create) -> anyhow::Result<()> {
    let store = context.store().await?;
    let tenant = source::tenant(&store, &create.tenant.tenant_id).await?.id;
    let scopes = match create.scope.as_slice() {
        [] => &[Scope::Search, Scope::Tickets],
        scopes => scopes,
    };
    let lifetime = TimeDelta::days(create.expires_in_days.into());
    let (token, text) = token::make(&tenant, &create.name, scopes, clock::now(), lifetime);
    store.add_token(&token).await?;
    let detail = format!("{} \"{}\", {}", token.id, token.name, token.scopes);
    audit::record(&store, Some(&tenant), "token create", detail).await?;
    let mut object = shown(&token);
    object["token"] = text.expose_secret().into();
    if !context.json() {
        remark(format_args!(
            "token {} of tenant {tenant}, valid until {}; store it now, it is not shown again:",
            token.id,
            token.expires_at.format("%Y-%m-%d")
        ));
    }
    result(context, &object, text.expose_secret())
}

async fn list(context: &Context, tenant: &TenantId) -> anyhow::Result<()> {
    let store = context.store().await?;
    let tenant = source::tenant(&store, tenant).await?.id;
    for token in store.tokens(&tenant, None).await? {
        let words = format_args!(
            "{} {} until {}, {}: {}",
            token.id,
            state(&token),
            token.expires_at.format("%Y-%m-%d"),
            token.scopes,
            token.name
        );
        entry(context, &shown(&token), words)?;
    }
    Ok(())
}

async fn revoke(context: &Context, tenant: &TenantId, id: &str) -> anyhow::Result<()> {
    let store = context.store().await?;
    let tenant = source::tenant(&store, tenant).await?.id;
    if !store.revoke_token(&tenant, id, clock::now()).await? {
        let message = format!("tenant {tenant} has no token {id}");
        let hint = format!("`precedent token list --tenant-id={tenant}` shows its tokens");
        return Err(Failure::new(ExitCode::Usage, message).hint(hint).into());
    }
    audit::record(&store, Some(&tenant), "token revoke", id).await?;
    if !context.json() {
        remark(format_args!("token {id} of tenant {tenant} is revoked"));
        return Ok(());
    }
    for token in store.tokens(&tenant, Some(id)).await? {
        result(context, &shown(&token), "")?;
    }
    Ok(())
}

fn state(token: &ApiToken) -> &'static str {
    match token.revoked_at {
        Some(_) => "revoked",
        None if token.expires_at <= clock::now() => "expired",
        None => "valid",
    }
}

fn shown(token: &ApiToken) -> serde_json::Value {
    let time = |time: chrono::DateTime<chrono::Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    json!({
        "token_id": token.id,
        "tenant_id": token.tenant.as_str(),
        "name": token.name,
        "scopes": token.scopes.split(' ').collect::<Vec<_>>(),
        "state": state(token),
        "created_at": time(token.created_at),
        "expires_at": time(token.expires_at),
        "revoked_at": token.revoked_at.map(time),
    })
}
