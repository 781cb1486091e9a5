//! The way of an answer from bytes to tickets, without the network: what `crates/fuzz` feeds.
//!
//! Only with the feature `fuzzing`, and no part of the API: it changes as the inside changes.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use url::Url;

use crate::address::Address;
use crate::classify::{Exchange, read};
use crate::error::Failure;
use crate::finish::{Completed, Known, normalise_all};
use crate::list::Dialect;
use crate::normalise::{Normaliser, resolved_at};
use crate::statuses::Statuses;
use crate::wire::{Answer, Request, repair};
use crate::{Api, Credentials, Edition, Filter, Finished, InProcess, Row, Settings, Window};

/// When all that is read here was planned, in milliseconds since the epoch: 2027-01-01. A day later is the
/// latest time at which a ticket may have been resolved.
pub const PLANNED_AT_MS: i64 = 1_798_761_600_000;

/// What becomes of a page of a list: the outcome of every row, as if none were thin.
///
/// # Errors
/// The kind of failure and its reason, where the page is no answer.
pub fn list_page(status: u16, body: &[u8]) -> Result<Finished, String> {
    finished(status, body, |answer| {
        Ok(answer.requests.ok_or("no list of requests")?)
    })
}

/// What becomes of a detail.
///
/// # Errors
/// The kind of failure and its reason, where the detail is no answer.
pub fn detail(status: u16, body: &[u8]) -> Result<Finished, String> {
    finished(status, body, |answer| {
        Ok(vec![answer.request.ok_or("no request")?])
    })
}

/// Whether status and body are an answer at all.
///
/// # Errors
/// The kind of failure and its reason, where they are none.
pub fn classify(status: u16, body: &[u8]) -> Result<(), String> {
    answer(status, body, |_| Ok(()))
}

/// When a ticket was resolved whose resolved time is this JSON value.
///
/// # Errors
/// Why it is none, where the value is no time or an impossible one.
pub fn resolved_time(json: &[u8]) -> Result<DateTime<Utc>, String> {
    let resolved_time = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let request = Request {
        resolved_time,
        ..Request::default()
    };
    resolved_at(&request, &window())
}

fn finished(
    status: u16,
    body: &[u8],
    rows: impl Fn(Answer<Row>) -> Result<Vec<Row>, String>,
) -> Result<Finished, String> {
    let rows = answer(status, body, rows)?;
    for row in &rows {
        // What the walk of a list asks of a row beside its ticket.
        let _ = (row.id(), row.source_time(), row.latest_ms(), row.is_thin());
    }
    let completed = rows.into_iter().map(Completed::whole);
    Ok(normalise_all(&normaliser(), completed.collect(), &Known::new()))
}

fn answer<T>(
    status: u16,
    body: &[u8],
    wanted: impl Fn(Answer<Row>) -> Result<T, String>,
) -> Result<T, String> {
    let exchange = Exchange {
        status,
        retry_after: None,
        location: None,
        body: &Arc::new(repair::clean(body.to_vec())),
    };
    read(&exchange, wanted).map_err(|failure| match failure {
        Failure::Throttled { wait, locked, reason } => {
            let kind = if locked { "locked" } else { "throttled" };
            format!("{kind}, wait {wait:?}: {reason}")
        }
        Failure::Transient { reason, .. } => format!("transient: {reason}"),
        Failure::Unauthorised(reason) => format!("unauthorised: {reason}"),
        Failure::Final(error) => format!("final: {error}"),
    })
}

/// Everything up to the plan, whatever its state: nothing is left out unseen.
fn window() -> Window {
    Window {
        filter: Filter::Nothing,
        from_ms: i64::MIN,
        to_ms: PLANNED_AT_MS,
        planned_at_ms: PLANNED_AT_MS,
        dialect: Dialect::FULL,
        total: None,
    }
}

fn normaliser() -> Normaliser {
    Normaliser {
        window: window(),
        statuses: Statuses::default(),
        address: ADDRESS.clone(),
        keep_html: true,
        resolution_from_notes: false,
    }
}

static ADDRESS: LazyLock<Address> = LazyLock::new(|| {
    Address::new(&Settings {
        edition: Edition::Cloud,
        api: Api::V3,
        base_url: Url::parse("https://desk.example.com").expect("a URL"),
        portal: Some("itdesk".to_owned()),
        accounts_url: None,
        credentials: Credentials::ApiKey(SecretString::from("none")),
        ca_certificate: None,
        timeout: Duration::ZERO,
        insecure: false,
        requests_per_minute: 0,
        learned_pace: None,
        pace: Arc::new(InProcess::default()),
        statuses: None,
        lock: Duration::ZERO,
        resolution_from_notes: false,
        keep_html: true,
    })
});
