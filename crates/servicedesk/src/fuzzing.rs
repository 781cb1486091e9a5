//! Reads answers from bytes to tickets without the network, for `crates/fuzz`.
//!
//! Exists only with the feature `fuzzing`. It is not part of the stable API.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use url::Url;

use crate::connection::{Address, Exchange, Failure, read};
use crate::ticketing::{Completed, Normaliser, convert_all, resolved_at};
use crate::wire::{Answer, Request, repair};
use crate::{
    Api, Credentials, Dialect, Edition, Filter, Hydrated, InProcess, Row, Settings, Statuses, StoredTickets,
    Window,
};

/// Time of the plan for everything that is read here, in milliseconds since the epoch: 2027-01-01. The latest
/// believable time of a resolution is a day later.
pub const PLANNED_AT_MS: i64 = 1_798_761_600_000;

/// Converts a page of a list as if no row were thin.
///
/// # Errors
/// The kind of failure and its reason, if the page is not an answer.
pub fn list_page(status: u16, body: &[u8]) -> Result<Hydrated, String> {
    hydrated(status, body, |answer| {
        Ok(answer.requests.ok_or("no list of requests")?)
    })
}

/// Converts a detail.
///
/// # Errors
/// The kind of failure and its reason, if the detail is not an answer.
pub fn detail(status: u16, body: &[u8]) -> Result<Hydrated, String> {
    hydrated(status, body, |answer| {
        Ok(vec![answer.request.ok_or("no request")?])
    })
}

/// Classifies status and body.
///
/// # Errors
/// The kind of failure and its reason, if they are not an answer.
pub fn classify(status: u16, body: &[u8]) -> Result<(), String> {
    answer(status, body, |_| Ok(()))
}

/// Reads a resolved time from a JSON value.
///
/// # Errors
/// The reason, if the value is not a time or an impossible one.
pub fn resolved_time(json: &[u8]) -> Result<DateTime<Utc>, String> {
    let resolved_time = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let request = Request {
        resolved_time,
        ..Request::default()
    };
    resolved_at(&request, &window())
}

fn hydrated(
    status: u16,
    body: &[u8],
    rows: impl Fn(Answer<Row>) -> Result<Vec<Row>, String>,
) -> Result<Hydrated, String> {
    let rows = answer(status, body, rows)?;
    for row in &rows {
        // The walk of a list also reads these fields.
        let _ = (row.id(), row.source_time(), row.latest_ms(), row.is_thin());
    }
    let completed = rows.into_iter().map(Completed::whole);
    Ok(convert_all(
        &normaliser(),
        completed.collect(),
        &StoredTickets::new(),
    ))
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
        body: &Arc::new(repair::clean(body.to_vec()).into()),
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

/// Returns a window over all tickets up to the plan, so that no row is outside it.
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
        allow_http: false,
        allow_loopback: true,
        requests_per_minute: 0,
        learned_pace: None,
        pace: Arc::new(InProcess::default()),
        statuses: None,
        lock: Duration::ZERO,
        resolution_from_notes: false,
        keep_html: true,
    })
});
