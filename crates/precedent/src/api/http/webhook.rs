//! `/webhook/servicedesk/..`: accepts the events of helpdesks.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::extract::{Path, RawQuery, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use engine::clock;
use engine::webhook::{Missing, Signature, is_secret, make_secret, readable_at, ticket_id, ticket_of};
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use store::{EventKind, WebhookEvent};
use subtle::ConstantTimeEq;
use ticket::{FieldError, TenantId};
use tracing::warn;

use super::origin::Origin;
use super::problem::Problem;
use super::webhook_cache::CachedWebhook;
use crate::api::state::{Api, BODY_BYTES};
use crate::api::time_limit::TRY_AGAIN_SECONDS;

/// Header with the secret, which the administrator configures in ServiceDesk Plus.
pub(crate) const SECRET_HEADER: &str = "x-precedent-secret";

/// Maximum size of a change notification, of which only the ticket's id is needed.
const NOTIFICATION_BYTES: usize = 64 << 10;

/// Secret that stands for those of an unknown webhook, so that the comparison takes as long.
static NO_SECRET: LazyLock<SecretString> = LazyLock::new(make_secret);

/// Time limit for the lookup of a webhook, and for the storage of its event; helpdesks wait 10 s for the response.
const DATABASE_WAIT: Duration = Duration::from_secs(4);

/// Seconds after which a helpdesk with too many unprocessed events should send the event again.
const INBOX_FULL_SECONDS: u64 = 60;

/// Accepts a whole resolved ticket that is signed with the tenant's secret.
pub(super) async fn resolved_ticket(
    State(api): State<Arc<Api>>,
    origin: Origin,
    request: Request,
) -> Result<StatusCode, Problem> {
    let failed = |tenant: Option<&TenantId>, problem| api.brake.webhook_failed(origin, tenant, problem);
    let (Parts { headers, .. }, body) = request.into_parts();
    let now = clock::now();
    let Some(signature) = signature(&headers, now) else {
        return Err(failed(None, Problem::unsigned()));
    };
    let (body, _lease) = api.events.read(&headers, body, BODY_BYTES).await?;
    let tenant = tenant_of(&body).map_err(|problem| failed(None, problem))?;
    let webhook = within_limit(api.webhooks.get(&tenant)).await?;
    let secrets = webhook.as_deref().map(CachedWebhook::secrets).transpose()?;
    let secret = secrets.and_then(|secrets| secrets.signing_secret.as_ref());
    let is_signed = signature.signs(secret.unwrap_or(&NO_SECRET), &body);
    if secret.is_none() || !is_signed {
        return Err(failed(Some(&tenant), Problem::unsigned()));
    }
    let event: Map<String, Value> =
        serde_json::from_slice(&body).map_err(|error| Problem::malformed(&error))?;
    let ticket = ticket_of(&event, now).map_err(Problem::invalid)?;
    // The id is derived from the body, so that a repeated event is stored once.
    let id = format!("resolved:{}:{}", ticket.id, hex::encode(Sha256::digest(&body)));
    let body = String::from_utf8_lossy(&body).into_owned();
    let event = WebhookEvent::new(id, EventKind::Resolved, body, now, now);
    within_limit(accept(&api, &tenant, event)).await
}

/// Returns the signature in the headers; `None` if there is none that could be valid.
fn signature(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Signature> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(digits) = header("x-servicedesk-signature") {
        return Signature::of_digits(digits);
    }
    let standard = (
        header("webhook-id")?,
        header("webhook-timestamp")?,
        header("webhook-signature")?,
    );
    Signature::of_standard(standard, now)
}

/// Returns the tenant that an event names. Reads nothing else, because the signature is not verified yet.
fn tenant_of(body: &[u8]) -> Result<TenantId, Problem> {
    #[derive(Deserialize)]
    struct Event<'a> {
        #[serde(borrow)]
        tenant_id: Option<&'a RawValue>,
    }
    let malformed = |error| Problem::malformed(&error);
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(malformed(serde_json::Error::custom("expected an object")));
    }
    let event: Event<'_> = serde_json::from_slice(body).map_err(malformed)?;
    let named = event
        .tenant_id
        .and_then(|value| serde_json::from_str::<String>(value.get()).ok());
    let Some(named) = named else {
        let reason = "expected the tenant's name".to_owned();
        return Err(Problem::invalid(vec![FieldError {
            field: "tenant_id",
            reason,
        }]));
    };
    named.parse().map_err(|_| Problem::unsigned())
}

/// Accepts a notification that a ticket changed, in any form that an administrator configured.
pub(super) async fn change_notification(
    State(api): State<Arc<Api>>,
    Path((tenant, webhook_id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    origin: Origin,
    request: Request,
) -> Result<StatusCode, Problem> {
    let query = query.unwrap_or_default();
    let (Parts { headers, .. }, body) = request.into_parts();
    let failed = |tenant: Option<&TenantId>, problem| api.brake.webhook_failed(origin, tenant, problem);
    let Ok(tenant) = tenant.parse::<TenantId>() else {
        return Err(failed(None, Problem::not_found("webhook")));
    };
    let webhook = within_limit(api.webhooks.get(&tenant)).await?;
    let webhook = webhook.filter(|webhook| is_equal(webhook.id(), &webhook_id));
    let secrets = webhook.as_deref().map(CachedWebhook::secrets).transpose()?;
    let secret = secrets.map_or(&*NO_SECRET, |secrets| &secrets.secret);
    let of_url = url::form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "secret").then(|| value.into_owned()))
        .filter(|_| webhook.as_ref().is_none_or(|webhook| webhook.secret_in_url()));
    let of_header = headers.get(SECRET_HEADER);
    let of_header = of_header.and_then(|value| Some(value.to_str().ok()?.to_owned()));
    let is_known = is_secret(secret, &of_header.or(of_url).unwrap_or_default());
    if webhook.is_none() {
        return Err(failed(Some(&tenant), Problem::not_found("webhook")));
    }
    if !is_known {
        return Err(failed(Some(&tenant), Problem::unsigned()));
    }
    let (body, _lease) = api.events.read(&headers, body, NOTIFICATION_BYTES).await?;
    let text = String::from_utf8_lossy(&body);
    let of_query = || ticket_id(&query);
    let id = ticket_id(&text).or_else(|missing| of_query().map_err(|_| missing));
    let id = id.map_err(|missing| {
        warn!(tenant_id = %tenant, "refused a webhook event without a ticket ({missing:?}): check the webhook's template");
        match missing {
            Missing::NoId => Problem::no_ticket(),
            Missing::NotReplaced => Problem::invalid(vec![FieldError {
                field: "id",
                reason: "the variable was not replaced: choose it from the list in the webhook's form".to_owned(),
            }]),
        }
    })?;
    let now = clock::now();
    let event = WebhookEvent::new(
        format!("changed:{id}"),
        EventKind::Changed,
        id,
        now,
        readable_at(now),
    );
    within_limit(accept(&api, &tenant, event)).await
}

fn is_equal(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

async fn accept(api: &Api, tenant: &TenantId, event: WebhookEvent) -> Result<StatusCode, Problem> {
    let kind = event.kind.as_str();
    match api.intake.accept(tenant, event).await {
        Ok(()) => {
            api.metrics.count_event(kind);
            Ok(StatusCode::ACCEPTED)
        }
        Err(engine::Error::InboxFull) => Err(Problem::inbox_full(INBOX_FULL_SECONDS)),
        // The event was not stored and may be sent again.
        Err(_) => Err(Problem::unavailable(TRY_AGAIN_SECONDS)),
    }
}

/// Waits for an outcome within the time limit. An event that is stored later is stored once when it is sent again.
async fn within_limit<T>(outcome: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    let outcome = tokio::time::timeout(DATABASE_WAIT, outcome).await;
    outcome.unwrap_or_else(|_| {
        warn!("the database was too slow for a webhook event");
        Err(Problem::unavailable(TRY_AGAIN_SECONDS))
    })
}
