//! Bodies of requests: their time limit, and what happens to the rest of a body that is refused.
//!
//! Many clients write the whole body before they read the response. If the server closed the connection earlier, they
//! would see a broken connection instead of the error. So the server reads and discards the rest, within limits.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::http::header::EXPECT;
use axum::middleware::Next;
use axum::response::Response;
use futures::{Stream, StreamExt};
use tokio::sync::Semaphore;
use tokio::time::{Sleep, sleep, timeout};

use super::activity::Activity;
use super::bucket::{Bucket, Size};

/// Time limit for a whole body, from the first byte that the server waits for.
pub(super) const BODY_TIME: Duration = Duration::from_secs(10);

/// Maximum number of bodies that are drained at the same time; other connections are closed immediately.
const READING: usize = 32;

/// Maximum size and duration of the rest of one body.
const REST_BYTES: usize = 32 << 20;
const REST_TIME: Duration = Duration::from_secs(5);

/// Maximum size of the rests of all bodies, in bytes: a burst, and a rate.
const ALL_RESTS: Size = Size {
    most: 512.0 * 1_048_576.0,
    per_second: 32.0 * 1_048_576.0,
};

/// Turns and bytes that [`limit_body`] may spend on rests.
#[derive(Clone)]
pub(super) struct Rests {
    turns: Arc<Semaphore>,
    bytes: Arc<Mutex<Bucket>>,
}

impl Default for Rests {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(READING)),
            bytes: Arc::new(Mutex::new(Bucket::empty(Instant::now()))),
        }
    }
}

impl Rests {
    /// Reads the rest of a body. After a limit is reached, the server closes the connection.
    async fn read(&self, body: &Mutex<LimitedBody>) {
        let read = async {
            let mut bytes = 0;
            while let Some(Ok(chunk)) = poll_fn(|context| lock(body).poll_next_unpin(context)).await {
                bytes += chunk.len();
                if bytes > REST_BYTES
                    || !lock(&self.bytes).take(ALL_RESTS, chunk.len() as f64, Instant::now())
                {
                    break;
                }
            }
        };
        if let Ok(_turn) = self.turns.try_acquire() {
            let _ = timeout(REST_TIME, read).await;
        }
    }
}

/// Limits the time of the request's body, and reads its rest after the response.
pub(super) async fn limit_body(State(rests): State<Rests>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let asks_first = parts.headers.contains_key(EXPECT);
    let body = Arc::new(Mutex::new(LimitedBody {
        chunks: body.into_data_stream(),
        activity: parts.extensions.get::<Activity>().cloned(),
        deadline: None,
        state: Reading::NotYet,
    }));
    let shared = body.clone();
    let chunks = futures::stream::poll_fn(move |context| lock(&shared).poll_next_unpin(context));
    let response = next
        .run(Request::from_parts(parts, Body::from_stream(chunks)))
        .await;
    // A client that asks before it sends the body sees the refusal, and sends nothing.
    let is_unsent = asks_first && lock(&body).state == Reading::NotYet;
    if !is_unsent {
        rests.read(&body).await;
    }
    response
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    NotYet,
    Started,
    Over,
}

/// A body that has to arrive in time.
struct LimitedBody {
    chunks: BodyDataStream,
    activity: Option<Activity>,
    deadline: Option<Pin<Box<Sleep>>>,
    state: Reading,
}

impl Stream for LimitedBody {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.state == Reading::Over {
            return Poll::Ready(None);
        }
        self.state = Reading::Started;
        let mut chunk = self.chunks.poll_next_unpin(context);
        if chunk.is_pending() {
            if let Some(activity) = &self.activity {
                activity.waits_for_client();
            }
            // Not reset by later chunks: a client that sends byte by byte gets no more time.
            let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(BODY_TIME)));
            if deadline.as_mut().poll(context).is_ready() {
                let late = axum::Error::new(io::Error::from(io::ErrorKind::TimedOut));
                chunk = Poll::Ready(Some(Err(late)));
            }
        }
        if matches!(chunk, Poll::Ready(None | Some(Err(_)))) {
            self.state = Reading::Over;
            if let Some(activity) = &self.activity {
                activity.works();
            }
        }
        chunk
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
