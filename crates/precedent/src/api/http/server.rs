//! Accepts connections and serves HTTP/1.1 on them, within limits.
//!
//! Reading order: [`limits`] (numbers of connections), [`connections`] (who leaves when they are reached), [`super::activity`]
//! and [`stream`] (time limits), [`response_body`] (the end of a response).

mod connections;
mod limits;
mod response_body;
mod stream;

use std::convert::Infallible;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use self::connections::{Connections, Place};
use self::limits::Limits;
use self::response_body::ResponseBody;
use self::stream::LimitedStream;
use super::origin::Origin;
use super::warning::WarningInterval;
use crate::setup::Metrics;

/// Maximum size of the head of a request.
const HEAD_BYTES: usize = 32 << 10;

/// Maximum size of the buffers of a connection.
const BUFFER_BYTES: usize = 64 << 10;

/// Delay after a failure to accept a connection, such as too many open files.
const ACCEPT_DELAY: Duration = Duration::from_millis(100);

/// A server on one address.
pub(super) struct Server {
    listener: TcpListener,
    connections: Arc<Connections>,
    warning: WarningInterval,
}

impl Server {
    pub(super) fn for_callers(listener: TcpListener, metrics: Arc<Metrics>) -> Self {
        Self::new(listener, "callers", Limits::of_callers(), metrics)
    }

    pub(super) fn for_metrics(listener: TcpListener, metrics: Arc<Metrics>) -> Self {
        Self::new(listener, "metrics", Limits::of_metrics(), metrics)
    }

    fn new(listener: TcpListener, name: &'static str, limits: Limits, metrics: Arc<Metrics>) -> Self {
        Self {
            listener,
            connections: Connections::new(name, limits, metrics),
            warning: WarningInterval::default(),
        }
    }

    /// Serves until `stop` is cancelled, then finishes the requests in progress.
    pub(super) async fn run(self, router: Router, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        let accepted = async {
            loop {
                let (stream, origin) = self.accept().await;
                // A refused stream is closed when it is dropped.
                if let Some(place) = self.connections.place(origin).await {
                    tasks.spawn(serve(stream, origin, place, router.clone(), stop.clone()));
                }
            }
        };
        let _ = stop.run_until_cancelled(accepted).await;
        drop(self.listener);
        tasks.close();
        tasks.wait().await;
    }

    /// Waits for a connection. Failures to accept one never end the server.
    async fn accept(&self) -> (TcpStream, Origin) {
        loop {
            match self.listener.accept().await {
                Ok((stream, address)) => return (stream, address.ip().into()),
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::ConnectionAborted
                            | ErrorKind::ConnectionReset
                            | ErrorKind::ConnectionRefused
                    ) => {}
                Err(error) => {
                    if self.warning.is_due() {
                        warn!("failed to accept a connection; closing an idle one and retrying: {error}");
                    }
                    self.connections.close_one();
                    tokio::time::sleep(ACCEPT_DELAY).await;
                }
            }
        }
    }
}

/// Serves one connection until it closes, has to leave, or `stop` is cancelled and its request is answered.
async fn serve(stream: TcpStream, origin: Origin, place: Place, router: Router, stop: CancellationToken) {
    let activity = place.activity.clone();
    let routes = TowerToHyperService::new(router);
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        activity.works();
        request.extensions_mut().insert(origin);
        request.extensions_mut().insert(activity.clone());
        let (answer, activity) = (routes.call(request), activity.clone());
        async move {
            let response = answer.await?;
            activity.works();
            Ok::<_, Infallible>(response.map(|body| ResponseBody::new(body, activity)))
        }
    });
    let stream = TokioIo::new(LimitedStream::new(stream, activity.clone()));
    let connection = http1::Builder::new()
        .max_header_size(HEAD_BYTES)
        .max_buf_size(BUFFER_BYTES)
        .header_read_timeout(None)
        .serve_connection(stream, service);
    let mut connection = std::pin::pin!(connection);
    let served = async {
        tokio::select! {
            served = connection.as_mut() => return served,
            () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        connection.await
    };
    if let Some(Err(error)) = place.leave.run_until_cancelled(served).await {
        debug!("a connection ended early: {error}");
    }
}
