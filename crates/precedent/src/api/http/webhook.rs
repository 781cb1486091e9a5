//! `/webhook/servicedesk/..`: accepts the events of helpdesks.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode};
use engine::clock;
use engine::webhook::{
    Missing, is_secret, is_signed, is_signed_by_standard, readable_at, ticket_id, ticket_of,
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use store::{EventKind, WebhookEvent};
use subtle::ConstantTimeEq;
use ticket::{FieldError, TenantId};
use tracing::warn;

use super::body::read;
use super::brake::Shown;
use super::origin::Origin;
use super::problem::{Problem, in_time};
use crate::api::state::Api;

/// Header with the secret, which the administrator configures in ServiceDesk Plus.
pub(crate) const SECRET_HEADER: &str = "x-precedent-secret";

/// Accepts a whole resolved ticket that is signed with the tenant's secret.
pub(super) async fn resolved_ticket(
    State(api): State<Arc<Api>>,
    origin: Origin,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let body = read(body)?;
    let now = clock::now();
    let (tenant, event) = match parse_event(&body) {
        Ok(event) => event,
        Err(problem) => return Err(api.brake.admit(origin, None).await?.failed(problem)),
    };
    let mut attempt = api
        .brake
        .admit(origin, Some(Shown::Webhook(tenant.clone())))
        .await?;
    let webhook = api.webhooks.get(&tenant).await?;
    attempt.looked_up();
    let Some(webhook) = webhook else {
        return Err(attempt.failed(Problem::unsigned()));
    };
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let standard = || {
        Some((
            header("webhook-id")?,
            header("webhook-timestamp")?,
            header("webhook-signature")?,
        ))
    };
    let signed = match header("x-servicedesk-signature") {
        Some(signature) => is_signed(&webhook.secret, &body, signature),
        None => standard().is_some_and(|headers| is_signed_by_standard(&webhook.secret, &body, headers, now)),
    };
    if !signed {
        return Err(attempt.failed(Problem::unsigned()));
    }
    attempt.succeeded();
    let ticket = ticket_of(&event, now).map_err(Problem::invalid)?;
    // The id is derived from the body, so that a repeated event is stored once.
    let id = format!("resolved:{}:{}", ticket.id, hex::encode(Sha256::digest(&body)));
    let body = String::from_utf8_lossy(&body).into_owned();
    let event = WebhookEvent::new(id, EventKind::Resolved, body, now, now);
    accept(&api, &tenant, event).await
}

/// Parses an event and the tenant that it names.
fn parse_event(body: &[u8]) -> Result<(TenantId, Map<String, Value>), Problem> {
    let event: Map<String, Value> =
        serde_json::from_slice(body).map_err(|error| Problem::malformed(&error))?;
    let Some(named) = event.get("tenant_id").and_then(Value::as_str) else {
        let reason = "expected the tenant's name".to_owned();
        return Err(Problem::invalid(vec![FieldError {
            field: "tenant_id",
            reason,
        }]));
    };
    let tenant = named.parse().map_err(|_| Problem::unsigned())?;
    Ok((tenant, event))
}

/// Accepts a notification that a ticket changed, in any form that an administrator configured.
pub(super) async fn change_notification(
    State(api): State<Arc<Api>>,
    Path((tenant, webhook_id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    origin: Origin,
    headers: HeaderMap,
    request: Request,
) -> Result<StatusCode, Problem> {
    let query = query.unwrap_or_default();
    let unknown = || Problem::not_found("webhook");
    let tenant = tenant.parse::<TenantId>().ok();
    let mut attempt = api
        .brake
        .admit(origin, tenant.clone().map(Shown::Webhook))
        .await?;
    let webhook = match &tenant {
        Some(tenant) => api.webhooks.get(tenant).await?,
        None => None,
    };
    attempt.looked_up();
    let webhook = webhook.filter(|webhook| bool::from(webhook.id.as_bytes().ct_eq(webhook_id.as_bytes())));
    let Some((tenant, webhook)) = tenant.zip(webhook) else {
        return Err(attempt.failed(unknown()));
    };
    let of_url = url::form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "secret").then(|| value.into_owned()));
    let of_header = headers.get(SECRET_HEADER).and_then(|value| value.to_str().ok());
    let shown = of_header.map(str::to_owned).or(of_url);
    if !shown.is_some_and(|shown| is_secret(&webhook.secret, &shown)) {
        return Err(attempt.failed(Problem::unsigned()));
    }
    attempt.succeeded();
    let body = read(Bytes::from_request(request, &api).await)?;
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
    accept(&api, &tenant, event).await
}

async fn accept(api: &Api, tenant: &TenantId, event: WebhookEvent) -> Result<StatusCode, Problem> {
    let kind = event.kind.as_str();
    let stored = in_time(api.intake.accept(tenant, event)).await;
    // Any failure means that the event was not stored and may be sent again.
    stored.map_err(|_| Problem::unavailable(5))?;
    api.metrics.count_event(kind);
    Ok(StatusCode::ACCEPTED)
}
