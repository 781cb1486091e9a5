//! What a caller still sends after being refused.
//!
//! Closing the connection under its hands would lose the answer: many clients write all of a body before they read, and
//! then see a broken connection instead of what is wrong. So the rest is read, and forgotten.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures::StreamExt;
use futures::stream;

/// Most that is read, and for how long.
const REST_BYTES: usize = 64 << 20;
const REST_TIME: Duration = Duration::from_secs(10);

pub(super) async fn read_the_rest(request: Request, next: Next) -> Response {
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
    // Who sends for longer is closed upon.
    let _ = tokio::time::timeout(REST_TIME, read).await;
    response
}

fn lock(body: &Mutex<BodyDataStream>) -> MutexGuard<'_, BodyDataStream> {
    body.lock().unwrap_or_else(PoisonError::into_inner)
}
