//! A server that sends its statuses late, or never.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Json, Router, routing::get};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use servicedesk::{Client, Edition, Error, Hydrated, Row, StoredTickets, Window};

use crate::client::client_of;

struct Server {
    /// Names of open statuses in `/statuses`; `Err` answers this HTTP status instead.
    listed: Mutex<Result<Vec<String>, u16>>,
    queries: AtomicU32,
    /// HTTP status of lists.
    lists: Mutex<u16>,
}

async fn statuses(State(server): State<Arc<Server>>) -> (StatusCode, Json<Value>) {
    server.queries.fetch_add(1, Ordering::Relaxed);
    match &*server.listed.lock().expect("not poisoned") {
        Ok(names) => {
            let rows: Vec<_> = names
                .iter()
                .map(|name| json!({"name": name, "in_progress": true}))
                .collect();
            answer(200, json!({"statuses": rows}))
        }
        Err(code) => answer(*code, json!({})),
    }
}

async fn lists(State(server): State<Arc<Server>>) -> (StatusCode, Json<Value>) {
    answer(
        *server.lists.lock().expect("not poisoned"),
        json!({"requests": []}),
    )
}

fn answer(code: u16, mut body: Value) -> (StatusCode, Json<Value>) {
    let own_code = if code == 200 { 2000 } else { 4000 };
    body["response_status"] = json!({"status_code": own_code});
    (StatusCode::from_u16(code).expect("a status"), Json(body))
}

struct Setting {
    server: Arc<Server>,
    client: Client,
    _serving: tokio_util::task::AbortOnDropHandle<()>,
}

impl Setting {
    async fn new(listed: Result<&[&str], u16>) -> Self {
        let listed = listed.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let server = Arc::new(Server {
            listed: Mutex::new(listed),
            queries: AtomicU32::new(0),
            lists: Mutex::new(200),
        });
        let router = Router::new()
            .route("/api/v3/statuses", get(statuses))
            .route("/api/v3/requests", get(lists))
            .with_state(server.clone());
        let (client, serving) = client_of(Edition::OnPremises, router).await;
        Self {
            server,
            client,
            _serving: serving,
        }
    }

    fn list(&self, names: &[&str]) {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        *self.server.listed.lock().expect("not poisoned") = Ok(names);
    }

    fn queries(&self) -> u32 {
        self.server.queries.load(Ordering::Relaxed)
    }

    /// Hydrates one resolved ticket with this status.
    async fn hydrate(&self, status: &str) -> Result<Hydrated, Error> {
        let now: DateTime<Utc> = DateTime::from_timestamp_millis(1_770_000_000_000).expect("a time");
        let time = json!({"value": "1769000000000"});
        let row = json!({"id": "1", "subject": "s", "description": "d", "resolution": null, "status": {"name": status},
            "resolved_time": time, "completed_time": null, "last_updated_time": time});
        let rows = vec![Row::from_json(&row.to_string())];
        let hydrate = self
            .client
            .hydrate(Window::anything(now), rows, StoredTickets::new());
        let mut hydrated = hydrate.await;
        hydrated.failure.take().map_or(Ok(hydrated), Err)
    }

    /// Returns whether a ticket with this status is final.
    async fn is_final(&self, status: &str) -> bool {
        self.hydrate(status).await.expect("hydrated").outcomes.len() == 1
    }
}

#[tokio::test]
async fn a_failed_call_is_an_error_and_repeated() {
    let setting = Setting::new(Err(503)).await;
    let error = setting.hydrate("Esperando").await.expect_err("no answer");
    assert!(error.is_transient(), "{error}");
    assert!(error.to_string().contains("list of statuses"), "{error}");
    setting.list(&["Esperando"]);
    assert!(!setting.is_final("Esperando").await);
}

#[tokio::test]
async fn a_refusal_counts_as_an_answer_if_lists_work() {
    for code in [401, 403, 404, 400] {
        let setting = Setting::new(Err(code)).await;
        assert!(setting.is_final("Esperando").await, "{code}");
        assert!(setting.is_final("Esperando").await, "{code}");
        assert_eq!(setting.queries(), 1, "{code}");
        let setting = Setting::new(Err(code)).await;
        *setting.server.lists.lock().expect("not poisoned") = code;
        setting.hydrate("Esperando").await.expect_err("an invalid key");
        *setting.server.lists.lock().expect("not poisoned") = 200;
        setting.list(&["Esperando"]);
        assert!(!setting.is_final("Esperando").await, "{code}");
    }
}

#[tokio::test]
async fn an_unlisted_name_costs_one_query_and_all_names_a_limited_number() {
    let setting = Setting::new(Ok(&["Esperando"])).await;
    assert!(!setting.is_final("Esperando").await);
    setting.list(&["Esperando", "En pausa"]);
    assert!(!setting.is_final("En pausa").await);
    assert!(setting.is_final("Borrada").await);
    assert!(setting.is_final("Borrada").await);
    assert_eq!(setting.queries(), 3);
    for number in 0..100 {
        assert!(setting.is_final(&format!("invented {number}")).await);
    }
    assert!(setting.queries() <= 20, "{}", setting.queries());
}
