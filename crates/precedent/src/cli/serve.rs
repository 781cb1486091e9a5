//! `precedent serve`: answers agents over HTTP.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tracing::{info, warn};

use super::import::stop_on_signal;
use super::patience;
use crate::context::Context;
use crate::exit::{ExitCode, Failure};
use crate::http::hooks::Hooks;
use crate::http::{Api, serve};
use crate::inbox::worker::Worker;

/// Answer agents over HTTP: search, tickets, MCP under /mcp, /openapi.json, /healthz, /readyz
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Where to listen; plain HTTP, so put a proxy with TLS before any address but this machine's own
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Most requests in a minute with one token; 0 means no limit
    #[arg(long, value_name = "N", default_value_t = 600)]
    requests_per_minute: u32,
    #[command(flatten)]
    patience: patience::Waits,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let store = context.store().await?;
    let listener = TcpListener::bind(arguments.listen).await.map_err(|error| {
        Failure::new(ExitCode::Usage, format!("cannot listen on {}", arguments.listen))
            .hint("choose another address or port with --listen")
            .caused_by(error.into())
    })?;
    let vault = match context.opening_vault() {
        Ok(vault) => Some(Arc::new(vault)),
        Err(error) => {
            warn!("webhooks are refused: {error}");
            None
        }
    };
    let stop = stop_on_signal()?;
    let address = listener.local_addr().context("read the address")?;
    info!("listening on http://{address}");
    let hooks = Hooks::new(store.clone(), vault.clone());
    let worker = Worker::new(store.clone(), vault, arguments.patience.patience());
    let api = Api::new(store, context.indexes()?, hooks, arguments.requests_per_minute);
    let (served, ()) = tokio::join!(serve(listener, Arc::new(api), stop.clone()), worker.run(stop));
    served?;
    info!("stopped");
    Ok(())
}
