//! What a caller still sends after being refused.
//!
//! Closing the connection under its hands would lose the answer: many clients write all of a body before they read, and
//! then see a broken connection instead of what is wrong. So the rest is read, and forgotten.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures::StreamExt;
use futures::stream;
use tokio::sync::Semaphore;

/// Requests whose rest is read at the same time; beyond it connections are closed at once.
const READING: usize = 64;

/// Most that is read, and for how long.
const REST_BYTES: usize = 64 << 20;
const REST_TIME: Duration = Duration::from_secs(10);

/// Turns of [`read_the_rest`].
#[derive(Clone)]
pub(super) struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(READING)))
    }
}

pub(super) async fn read_the_rest(State(turns): State<Turns>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let rest = Arc::new(Mutex::new(body.into_data_stream()));
    let body = rest.clone();
    let body = stream::poll_fn(move |context| lock(&body).poll_next_unpin(context));
    let response = next
        .run(Request::from_parts(parts, Body::from_stream(body)))
        .await;
    let read = async {
        let mut bytes = 0;
        while let Some(Ok(chunk)) = poll_fn(|context| lock(&rest).poll_next_unpin(context)).await {
            bytes += chunk.len();
            if bytes > REST_BYTES {
                break;
            }
        }
    };
    // Most requests have no rest, and end at once.
    if let Ok(_turn) = turns.0.try_acquire() {
        // Who sends for longer is closed upon.
        let _ = tokio::time::timeout(REST_TIME, read).await;
    }
    response
}

fn lock(body: &Mutex<BodyDataStream>) -> MutexGuard<'_, BodyDataStream> {
    body.lock().unwrap_or_else(PoisonError::into_inner)
}
