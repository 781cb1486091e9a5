//! Metrics for Prometheus.

mod job_report;

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use store::{JobState, Store};

pub(crate) use job_report::JobReport;

type Labels = [(&'static str, String); 1];

/// Counters of this process, and gauges that are read from the database for each response.
pub(crate) struct Metrics {
    registry: Registry,
    events: Family<Labels, Counter>,
    tickets: Family<Labels, Counter>,
    failures: Family<Labels, Counter>,
    failed_sign_ins: Counter,
    refused_sign_ins: Counter,
    ended_workers: Counter,
    refused_bodies: Counter,
    searches: Histogram,
    open_connections: Family<Labels, Gauge>,
    refused_connections: Family<Labels, Counter>,
    displaced_connections: Family<Labels, Counter>,
    waiting: Family<Labels, Gauge>,
    lag: Family<Labels, Gauge>,
    pace: Family<Labels, Gauge>,
    dead_lettered: Family<Labels, Gauge>,
    stored: Family<Labels, Gauge>,
    rejected: Family<Labels, Gauge>,
    /// One response at a time clears and fills the gauges.
    answering: tokio::sync::Mutex<()>,
}

impl Metrics {
    pub(crate) fn new() -> Arc<Self> {
        let mut registry = Registry::with_prefix("precedent");
        // From 0.5 ms to 8 s.
        let searches = Histogram::new(exponential_buckets(0.0005, 2.0, 15));
        registry.register("search_seconds", "Duration of searches", searches.clone());
        let mut counter = |name, help| {
            let counter = Counter::default();
            registry.register(name, help, counter.clone());
            counter
        };
        let failed_sign_ins = counter(
            "sign_ins_failed",
            "Requests without a valid token, webhook secret or signature that were looked up",
        );
        let refused_sign_ins = counter(
            "sign_ins_refused",
            "Requests refused because their address failed to sign in too often",
        );
        let ended_workers = counter(
            "workers_ended",
            "Worker processes that ended before the service did",
        );
        let refused_bodies = counter(
            "bodies_refused",
            "Bodies refused because too many were on their way at the same time",
        );
        let mut counters = |name, help| {
            let family = Family::<Labels, Counter>::default();
            registry.register(name, help, family.clone());
            family
        };
        let events = counters("webhook_events", "Accepted webhook events");
        let tickets = counters("tickets", "Tickets that were read, by their outcome");
        let failures = counters("job_failures", "Failed imports, syncs and reconciliations");
        let refused_connections = counters(
            "connections_refused",
            "Connections closed at once because too many were open",
        );
        let displaced_connections = counters(
            "connections_displaced",
            "Connections that waited for their client and were closed to make room for others",
        );
        let mut gauges = |name, help| {
            let family = Family::<Labels, Gauge>::default();
            registry.register(name, help, family.clone());
            family
        };
        Arc::new(Self {
            waiting: gauges("webhook_events_pending", "Unprocessed webhook events"),
            lag: gauges("sync_lag_seconds", "Time since the last sync of the tenant"),
            pace: gauges(
                "helpdesk_requests_per_minute",
                "Pace of requests to the tenant's helpdesk, learned or set; 0 without a limit",
            ),
            dead_lettered: gauges(
                "jobs_dead_lettered",
                "Dead-lettered jobs, which wait for an operator",
            ),
            open_connections: gauges("connections_open", "Open connections"),
            stored: gauges("stored_bytes", "Size of the tenant's tickets"),
            rejected: gauges(
                "rejected_bytes",
                "Size of the raw forms of the tenant's rejected tickets",
            ),
            registry,
            refused_connections,
            displaced_connections,
            events,
            tickets,
            failures,
            failed_sign_ins,
            refused_sign_ins,
            ended_workers,
            refused_bodies,
            searches,
            answering: tokio::sync::Mutex::default(),
        })
    }

    pub(crate) fn count_event(&self, kind: &str) {
        self.events.get_or_create(&[("kind", kind.to_owned())]).inc();
    }

    pub(crate) fn count_failed_sign_in(&self) {
        self.failed_sign_ins.inc();
    }

    pub(crate) fn count_refused_sign_in(&self) {
        self.refused_sign_ins.inc();
    }

    pub(crate) fn count_ended_worker(&self) {
        self.ended_workers.inc();
    }

    /// Counts an outcome that a worker process reported.
    pub(crate) fn count_report(&self, report: &JobReport) {
        match report {
            JobReport::Worked {
                imported,
                updated,
                unchanged,
                rejected,
                withdrawn,
            } => {
                for (outcome, count) in [
                    ("imported", imported),
                    ("updated", updated),
                    ("unchanged", unchanged),
                    ("rejected", rejected),
                    ("withdrawn", withdrawn),
                ] {
                    self.tickets
                        .get_or_create(&[("outcome", outcome.to_owned())])
                        .inc_by(*count);
                }
            }
            JobReport::Failed { kind } => {
                self.failures.get_or_create(&[("job", kind.clone())]).inc();
            }
        }
    }

    pub(crate) fn count_refused_body(&self) {
        self.refused_bodies.inc();
    }

    /// Adds to the number of open connections.
    pub(crate) fn count_open_connections(&self, listener: &str, more: i64) {
        let open = &self.open_connections;
        open.get_or_create(&[("listener", listener.to_owned())])
            .inc_by(more);
    }

    pub(crate) fn count_refused_connection(&self, listener: &str) {
        let refused = &self.refused_connections;
        refused.get_or_create(&[("listener", listener.to_owned())]).inc();
    }

    pub(crate) fn count_displaced_connection(&self, listener: &str) {
        let displaced = &self.displaced_connections;
        displaced
            .get_or_create(&[("listener", listener.to_owned())])
            .inc();
    }

    pub(crate) fn time_search(&self, took: Duration) {
        self.searches.observe(took.as_secs_f64());
    }

    /// Renders all metrics as text.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn text(&self, store: &Store) -> anyhow::Result<String> {
        let _turn = self.answering.lock().await;
        let now = store.now().await?;
        self.waiting.clear();
        for backlog in store.backlogs().await? {
            let notes = i64::try_from(backlog.events).unwrap_or(i64::MAX);
            self.waiting
                .get_or_create(&[("tenant", backlog.tenant)])
                .set(notes);
        }
        self.lag.clear();
        for (tenant, freshness) in store.freshness_of_all().await? {
            let lag = freshness
                .synced_at
                .map(|synced| (now - synced).num_seconds().max(0));
            if let Some(lag) = lag {
                self.lag.get_or_create(&[("tenant", tenant.to_string())]).set(lag);
            }
        }
        self.pace.clear();
        self.stored.clear();
        self.rejected.clear();
        for tenant in store.tenants().await? {
            for (gauge, bytes) in [
                (&self.stored, tenant.usage.stored_bytes),
                (&self.rejected, tenant.usage.rejected_bytes),
            ] {
                gauge
                    .get_or_create(&[("tenant", tenant.id.to_string())])
                    .set(i64::try_from(bytes).unwrap_or(i64::MAX));
            }
            let pace = tenant.learned.pace.unwrap_or(tenant.requests_per_minute);
            self.pace
                .get_or_create(&[("tenant", tenant.id.to_string())])
                .set(pace.into());
        }
        self.dead_lettered.clear();
        for job in store.jobs(None).await? {
            self.dead_lettered
                .get_or_create(&[("tenant", job.tenant.to_string())])
                .inc_by(i64::from(job.state() == JobState::DeadLettered));
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
