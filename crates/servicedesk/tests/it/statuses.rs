//! A server that tells its statuses late, or not at all.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Json, Router, routing::get};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use servicedesk::{Client, Edition, Error, Finished, Known, Row, Window};

use crate::client::client_of;

struct Desk {
    /// Names of open statuses that `/statuses` tells; `None` gives this HTTP status instead.
    told: Mutex<Result<Vec<String>, u16>>,
    asked: AtomicU32,
    /// What lists answer.
    lists: Mutex<u16>,
}

async fn statuses(State(desk): State<Arc<Desk>>) -> (StatusCode, Json<Value>) {
    desk.asked.fetch_add(1, Ordering::Relaxed);
    match &*desk.told.lock().expect("not poisoned") {
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

async fn lists(State(desk): State<Arc<Desk>>) -> (StatusCode, Json<Value>) {
    answer(*desk.lists.lock().expect("not poisoned"), json!({"requests": []}))
}

fn answer(code: u16, mut body: Value) -> (StatusCode, Json<Value>) {
    let told = if code == 200 { 2000 } else { 4000 };
    body["response_status"] = json!({"status_code": told});
    (StatusCode::from_u16(code).expect("a status"), Json(body))
}

struct Setting {
    desk: Arc<Desk>,
    client: Client,
    _serving: tokio_util::task::AbortOnDropHandle<()>,
}

impl Setting {
    async fn new(told: Result<&[&str], u16>) -> Self {
        let told = told.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let desk = Arc::new(Desk {
            told: Mutex::new(told),
            asked: AtomicU32::new(0),
            lists: Mutex::new(200),
        });
        let router = Router::new()
            .route("/api/v3/statuses", get(statuses))
            .route("/api/v3/requests", get(lists))
            .with_state(desk.clone());
        let (client, serving) = client_of(Edition::OnPremises, router).await;
        Self {
            desk,
            client,
            _serving: serving,
        }
    }

    fn tell(&self, names: &[&str]) {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        *self.desk.told.lock().expect("not poisoned") = Ok(names);
    }

    fn asked(&self) -> u32 {
        self.desk.asked.load(Ordering::Relaxed)
    }

    /// Finishes one ticket that was resolved and has this status.
    async fn finish(&self, status: &str) -> Result<Finished, Error> {
        let now: DateTime<Utc> = DateTime::from_timestamp_millis(1_770_000_000_000).expect("a time");
        let time = json!({"value": "1769000000000"});
        let row = json!({"id": "1", "subject": "s", "description": "d", "resolution": null, "status": {"name": status},
            "resolved_time": time, "completed_time": null, "last_updated_time": time});
        let rows = vec![Row::from_json(&row.to_string())];
        let finish = self.client.finish(Window::anything(now), rows, Known::new());
        let mut finished = finish.await;
        finished.failure.take().map_or(Ok(finished), Err)
    }

    /// How many tickets are final.
    async fn is_final(&self, status: &str) -> bool {
        self.finish(status).await.expect("finished").outcomes.len() == 1
    }
}

#[tokio::test]
async fn a_call_that_failed_is_an_error_and_made_again() {
    let setting = Setting::new(Err(503)).await;
    let error = setting.finish("Esperando").await.expect_err("no answer");
    assert!(error.is_transient(), "{error}");
    assert!(error.to_string().contains("list of statuses"), "{error}");
    setting.tell(&["Esperando"]);
    assert!(!setting.is_final("Esperando").await);
}

#[tokio::test]
async fn a_refusal_is_an_answer_if_lists_are_allowed() {
    for code in [401, 403, 404, 400] {
        let setting = Setting::new(Err(code)).await;
        assert!(setting.is_final("Esperando").await, "{code}");
        assert!(setting.is_final("Esperando").await, "{code}");
        assert_eq!(setting.asked(), 1, "{code}");
        let setting = Setting::new(Err(code)).await;
        *setting.desk.lists.lock().expect("not poisoned") = code;
        setting
            .finish("Esperando")
            .await
            .expect_err("a key that is no longer good");
        *setting.desk.lists.lock().expect("not poisoned") = 200;
        setting.tell(&["Esperando"]);
        assert!(!setting.is_final("Esperando").await, "{code}");
    }
}

#[tokio::test]
async fn a_name_that_the_list_lacks_is_asked_for_once_and_not_without_end() {
    let setting = Setting::new(Ok(&["Esperando"])).await;
    assert!(!setting.is_final("Esperando").await);
    setting.tell(&["Esperando", "En pausa"]);
    assert!(!setting.is_final("En pausa").await);
    assert!(setting.is_final("Borrada").await);
    assert!(setting.is_final("Borrada").await);
    assert_eq!(setting.asked(), 3);
    for number in 0..100 {
        assert!(setting.is_final(&format!("invented {number}")).await);
    }
    assert!(setting.asked() <= 20, "{}", setting.asked());
}
