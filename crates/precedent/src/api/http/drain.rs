//! Reads and discards the rest of a body after the response.
//!
//! Many clients write the whole body before they read the response. If the server closed the connection earlier, they
//! would see a broken connection instead of the error.

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

/// Maximum number of bodies that are drained at the same time; other connections are closed immediately.
const READING: usize = 64;

/// Maximum size and duration of the rest.
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
    // Most requests have no rest and end immediately.
    if let Ok(_turn) = turns.0.try_acquire() {
        // After the timeout the server closes the connection.
        let _ = tokio::time::timeout(REST_TIME, read).await;
    }
    response
}

fn lock(body: &Mutex<BodyDataStream>) -> MutexGuard<'_, BodyDataStream> {
    body.lock().unwrap_or_else(PoisonError::into_inner)
}
