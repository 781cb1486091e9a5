//! `precedent serve`: answers agents, accepts webhook events, and keeps the histories up to date.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use chrono::TimeDelta;
use engine::jobs::Intervals;
use tokio::net::TcpListener;
use tracing::{info, warn};

use super::timeouts;
use crate::api::hosts::Hosts;
use crate::api::http::metrics_address::{self, MetricsAddress};
use crate::api::http::webhook_cache::WebhookCache;
use crate::api::http::{Listeners, Role, serve};
use crate::api::state::Api;
use crate::exit::{ExitCode, Failure};
use crate::setup::Context;
use crate::setup::Metrics;
use crate::workers::process::{self, Work};
use crate::workers::supervisor::Supervisor;

/// Answer agents over HTTP and MCP, accept webhook events, sync and reconcile all tenants
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Address to listen on; plain HTTP, so put a proxy with TLS in front of any address but loopback
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Host name by which MCP clients reach the service, such as that of a proxy that keeps the `Host` header; can be
    /// repeated
    ///
    /// `/mcp` answers 403 to a `Host` or `Origin` other than localhost, the address of --listen and these hosts.
    #[arg(long, value_name = "HOST", value_parser = url::Host::parse)]
    allowed_host: Vec<url::Host>,
    /// Address of `/metrics` for Prometheus, which shows the names of all tenants without a token; or `off`
    ///
    /// Default: 127.0.0.1:9464. If the default is in use, the service logs a warning and runs without metrics.
    #[arg(long, value_name = "ADDR:PORT")]
    metrics_listen: Option<MetricsAddress>,
    /// Maximum number of requests per minute with one token; 0 means no limit
    #[arg(long, value_name = "N", default_value_t = 600)]
    requests_per_minute: u32,
    /// Role of this process; any number of processes may share a database
    #[arg(long, value_enum, default_value_t = Role::All)]
    role: Role,
    /// Seconds between two syncs of a tenant; 0 means never
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    sync_every: u32,
    /// Seconds between two reconciliations of a tenant; 0 means never
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    reconcile_every: u32,
    /// Number of worker processes, which read from the helpdesks
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    workers: u32,
    /// Memory of a worker process, in MiB; one that uses more ends, and another one takes over
    #[arg(long, value_name = "MIB", default_value_t = 768, value_parser = clap::value_parser!(u64).range(16..))]
    worker_memory: u64,
    /// Run as a worker process; `serve` itself passes this to the processes that it starts
    #[arg(long, hide = true)]
    worker_process: bool,
    #[command(flatten)]
    timeouts: timeouts::TimeoutArguments,
}

impl Arguments {
    fn intervals(&self) -> Intervals {
        let interval = |seconds: u32| (seconds > 0).then(|| TimeDelta::seconds(seconds.into()));
        Intervals {
            sync: interval(self.sync_every),
            reconcile: interval(self.reconcile_every),
        }
    }

    fn work(&self) -> Work {
        Work {
            intervals: self.intervals(),
            timeouts: self.timeouts.timeouts(),
            memory_mib: self.worker_memory,
        }
    }
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    if arguments.worker_process {
        return process::run(context, arguments.work()).await;
    }
    let store = context.store().await?;
    // Workers could not acquire a lease, and each job would fail with the same error.
    store.check_sessions().await?;
    let listeners = listen(&arguments).await?;
    let vault = match context.opening_vault() {
        Ok(vault) => Some(Arc::new(vault)),
        Err(error) => {
            warn!("no usable master key: webhooks and sync are disabled: {error}");
            None
        }
    };
    let stop = context.stop()?;
    let metrics = Metrics::new();
    let webhooks = WebhookCache::new(store.clone(), vault);
    let indexes = context.indexes()?;
    let api = Api::new(
        store,
        indexes,
        webhooks,
        metrics.clone(),
        arguments.requests_per_minute,
    );
    let lifecycle = context.lifecycle();
    let at_once = lifecycle.at_once_token();
    let supervisor = Supervisor::new(metrics, stop.clone(), lifecycle.over_token());
    let served = serve(listeners, Arc::new(api), arguments.role, stop.soft.clone());
    let worked = async {
        if arguments.role != Role::Web {
            supervisor.run(arguments.workers).await;
        }
    };
    tokio::select! {
        ((), ()) = async { tokio::join!(served, worked) } => {}
        () = at_once.cancelled() => warn!("stopped immediately; unfinished work will be retried"),
    }
    info!("stopped");
    Ok(())
}

/// Opens the listener for callers and, if it has an address, the one for metrics.
async fn listen(arguments: &Arguments) -> anyhow::Result<Listeners> {
    let callers = TcpListener::bind(arguments.listen).await.map_err(|error| {
        Failure::new(ExitCode::Usage, format!("cannot listen on {}", arguments.listen))
            .hint("choose another address or port with --listen")
            .caused_by(error.into())
    })?;
    let metrics = metrics_address::listen(arguments.metrics_listen).await?;
    let address = callers.local_addr().context("read the address")?;
    info!("listening on http://{address}");
    if let Some(listener) = &metrics {
        let address = listener.local_addr().context("read the address")?;
        info!("metrics on http://{address}/metrics");
    }
    Ok(Listeners {
        callers,
        metrics,
        hosts: Hosts::new(arguments.listen.ip(), &arguments.allowed_host),
    })
}
