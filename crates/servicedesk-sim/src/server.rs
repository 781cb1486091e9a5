//! The server: one path for every call of the API, another for what tests ask.

mod control;
mod life;
mod monster;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use axum::serve::ListenerExt;
use futures::{StreamExt, stream};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::call::Call;
use crate::desk::Desk;
use crate::hook::{Outcome, Plan};
use crate::log::LogEntry;
use crate::options::Options;
use crate::quirk::Quirk;
use crate::reply::Reply;
use crate::tls::TlsListener;

/// A form body larger than this is no refresh of a token.
const FORM_BYTES: usize = 64 * 1024;

/// A running desk. Dropping it closes its port and ends the calls that hang.
pub struct Simulator {
    desk: Arc<Desk>,
    address: SocketAddr,
    authority: Option<String>,
    stopping: watch::Sender<bool>,
    serving: JoinHandle<std::io::Result<()>>,
    living: JoinHandle<()>,
}

#[derive(Clone)]
struct Server {
    desk: Arc<Desk>,
    stopping: watch::Receiver<bool>,
}

impl Simulator {
    /// Makes the desk and listens.
    ///
    /// # Errors
    /// When a corpus cannot be read or the address is taken.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let listen = options.listen;
        let desk = Arc::new(Desk::open(options)?);
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("listen on {listen}"))?;
        let address = listener.local_addr().context("read the address")?;
        let (stopping, stopped) = watch::channel(false);
        let server = Server {
            desk: Arc::clone(&desk),
            stopping: stopped.clone(),
        };
        let router = Router::new()
            .merge(control::routes())
            .fallback(serve)
            .with_state(server);
        let living = tokio::spawn(life::live(Arc::clone(&desk), stopped.clone()));
        let (serving, authority) = if desk.options.quirks.contains(&Quirk::Q47) {
            let (listener, authority) = TlsListener::new(listener)?;
            let serving = axum::serve(listener, router).with_graceful_shutdown(wait_until(stopped));
            (tokio::spawn(async move { serving.await }), Some(authority))
        } else {
            // Without it a small answer waits for the client's delayed acknowledgement; nothing breaks otherwise.
            let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
            let serving = axum::serve(listener, router).with_graceful_shutdown(wait_until(stopped));
            (tokio::spawn(async move { serving.await }), None)
        };
        Ok(Self {
            desk,
            address,
            authority,
            stopping,
            serving,
            living,
        })
    }

    /// Where it listens: `http://127.0.0.1:port`, or https with [`Quirk::Q47`].
    pub fn url(&self) -> String {
        let scheme = if self.authority.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The certificate of its private authority as PEM, if it speaks TLS.
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// The state behind it.
    pub fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }

    /// Stops, once the calls under way are answered.
    ///
    /// # Errors
    /// When the server had failed.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.stopping.send_replace(true);
        (&mut self.living).await.context("join the desk's life")?;
        (&mut self.serving)
            .await
            .context("join the server")?
            .context("serve")
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stopping.send_replace(true);
    }
}

async fn wait_until(mut stopped: watch::Receiver<bool>) {
    // An error means that the simulator is gone, which is the same.
    drop(stopped.wait_for(|stopped| *stopped).await);
}

/// Every call of the API.
async fn serve(State(server): State<Server>, request: Request) -> Response {
    let desk = &server.desk;
    let (at_ms, elapsed_ms) = (desk.now_ms(), desk.elapsed_ms());
    let (parts, body) = request.into_parts();
    let form = axum::body::to_bytes(body, FORM_BYTES).await.unwrap_or_default();
    let form = String::from_utf8_lossy(&form);
    let call = Call::read(parts.method, &parts.uri, parts.headers, &form, &desk.options);
    let mut visit = desk.log.arrive(LogEntry {
        at_ms,
        elapsed_ms,
        took_ms: 0,
        user_agent: call.header("user-agent").unwrap_or_default().to_owned(),
        method: call.method.to_string(),
        kind: call.kind(),
        start_index: None,
        row_count: None,
        rows: None,
        id: call.id().map(str::to_owned),
        status: 0,
        authorised: false,
        during_lock: false,
    });
    let mut plan = Plan {
        delay: desk.options.latency,
        outcome: Outcome::Honest,
        during_lock: false,
    };
    let hooks = desk.hooks();
    hooks.iter().for_each(|hook| hook.arrive(desk, &call));
    hooks.iter().for_each(|hook| hook.before(desk, &call, &mut plan));
    visit.note(|entry| entry.during_lock = plan.during_lock);
    if !plan.delay.is_zero() {
        tokio::time::sleep(plan.delay).await;
    }
    let mut honest = || {
        let mut reply = desk.answer(&call, &mut visit);
        if reply.status == 200 {
            hooks.iter().for_each(|hook| hook.on_reply(&call, &mut reply));
        }
        reply
    };
    let response = match plan.outcome {
        Outcome::Honest => send(honest(), Body::from),
        Outcome::Answer(reply) => send(reply, Body::from),
        Outcome::Truncate => send(honest(), truncated),
        Outcome::Reset => send(honest(), cut_off),
        Outcome::Drip => send(honest(), dripping),
        Outcome::Monster(monster) => monster::response(monster, wait_until(server.stopping.clone())),
        Outcome::Hang => {
            wait_until(server.stopping.clone()).await;
            send(Reply::empty(503), Body::from)
        }
    };
    visit.note(|entry| entry.status = response.status().as_u16());
    hooks.iter().for_each(|hook| hook.after(desk, &call));
    response
}

fn send(reply: Reply, body: impl FnOnce(String) -> Body) -> Response {
    let length = reply.body.len();
    let mut response = Response::builder()
        .status(StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .header(header::CONTENT_TYPE, reply.content_type);
    if let Some(retry_after) = reply.retry_after {
        response = response.header(header::RETRY_AFTER, retry_after);
    }
    if let Some(location) = reply.location {
        response = response.header(header::LOCATION, location);
    }
    let body = body(reply.body);
    if axum::body::HttpBody::size_hint(&body).exact().is_none() {
        response = response.header(header::CONTENT_LENGTH, length);
    }
    response.body(body).unwrap_or_default()
}

fn first_half(body: &str) -> &str {
    &body[..body.floor_char_boundary(body.len() / 2)]
}

fn truncated(body: String) -> Body {
    Body::from(first_half(&body).to_owned())
}

/// The whole body, in pieces.
fn dripping(body: String) -> Body {
    let piece = body.len().div_ceil(20).max(1);
    let pieces: Vec<_> = body
        .into_bytes()
        .chunks(piece)
        .map(Bytes::copy_from_slice)
        .collect();
    Body::from_stream(stream::iter(pieces).then(async |piece| {
        tokio::time::sleep(Duration::from_millis(10)).await;
        Ok::<_, std::io::Error>(piece)
    }))
}

/// Promises the whole body, sends half of it, then fails, upon which the connection is closed. The pause
/// lets the half leave first: a failure at once would take the head of the answer with it.
fn cut_off(body: String) -> Body {
    let half = Bytes::from(first_half(&body).to_owned());
    let failure = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(std::io::Error::other("cut off on purpose"))
    };
    Body::from_stream(stream::iter([Ok(half)]).chain(stream::once(failure)))
}
