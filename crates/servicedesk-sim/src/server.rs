//! The server: one path for every call of the API, another for what tests read and change.

mod answer;
mod body;
mod control;
mod life;
mod oversized;
mod serve;
mod shared;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::desk::Desk;
use crate::options::Options;
use crate::quirk::catalog::Quirk;
use shared::{Server, stopped};
use tls::TlsListener;

/// A running desk. Dropping it closes its port and ends the calls that hang.
pub struct Simulator {
    desk: Arc<Desk>,
    address: SocketAddr,
    authority: Option<String>,
    stopping: watch::Sender<bool>,
    serving: JoinHandle<std::io::Result<()>>,
    living: JoinHandle<()>,
}

impl Simulator {
    /// Creates the desk and listens.
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
        let (stopping, stop) = watch::channel(false);
        let server = Server {
            desk: Arc::clone(&desk),
            stop: stop.clone(),
        };
        let router = Router::new()
            .merge(control::routes())
            .fallback(serve::serve)
            .with_state(server);
        let living = tokio::spawn(life::live(Arc::clone(&desk), stop.clone()));
        let (serving, authority) = if desk.options.quirks.contains(&Quirk::Q47) {
            let (listener, authority) = TlsListener::new(listener)?;
            let serving = axum::serve(listener, router).with_graceful_shutdown(stopped(stop));
            (tokio::spawn(async move { serving.await }), Some(authority))
        } else {
            // Otherwise a small answer waits for the client's delayed acknowledgement. A failure only costs time.
            let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
            let serving = axum::serve(listener, router).with_graceful_shutdown(stopped(stop));
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

    /// Returns the URL: `http://127.0.0.1:port`, or https with [`Quirk::Q47`].
    pub fn url(&self) -> String {
        let scheme = if self.authority.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Returns the certificate of the private authority as PEM, if the simulator speaks TLS.
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// Returns the desk.
    pub fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }

    /// Stops after the calls under way are answered.
    ///
    /// # Errors
    /// When the server has failed.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.stopping.send_replace(true);
        (&mut self.living).await.context("join the desk's life")?;
        let served = (&mut self.serving).await.context("join the server")?;
        served.context("serve")
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stopping.send_replace(true);
    }
}
