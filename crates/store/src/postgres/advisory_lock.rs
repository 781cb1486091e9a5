//! The advisory lock on a tenant, on a separate connection whose end frees it.
//!
//! The holder sends a heartbeat on that connection. A holder that hangs, on a machine that sleeps or cannot be reached,
//! sends none: the next process that wants the tenant ends its connection.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Executor};
use ticket::TenantId;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::Result;

/// Time between two heartbeats.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(5);

/// Time without a heartbeat after which a holder counts as hanging.
const HEARTBEAT_TIMEOUT: Duration = Duration::from_secs(20);

/// Number of attempts to acquire the lock of a holder whose connection was ended, and the time between two.
const ATTEMPTS: u32 = 20;
const ATTEMPT_INTERVAL: Duration = Duration::from_millis(50);

/// An acquired lock.
#[derive(Debug)]
pub(crate) struct AdvisoryLock {
    /// Ends the heartbeats, also when it is dropped.
    end: oneshot::Sender<()>,
    /// Owns the connection.
    heartbeats: JoinHandle<()>,
}

impl AdvisoryLock {
    /// Acquires the lock; `None` while another process holds it and sends heartbeats.
    pub(super) async fn try_acquire(options: &PgConnectOptions, tenant: &TenantId) -> Result<Option<Self>> {
        let name = format!("precedent:{tenant}");
        let mut connection = options.connect().await?;
        let mut acquired = try_lock(&mut connection, &name).await?;
        if !acquired && end_hanging_holder(&mut connection, &name).await? {
            for _ in 0..ATTEMPTS {
                acquired = try_lock(&mut connection, &name).await?;
                if acquired {
                    break;
                }
                tokio::time::sleep(ATTEMPT_INTERVAL).await;
            }
        }
        Ok(acquired.then(|| {
            let (end, ended) = oneshot::channel();
            let heartbeats = tokio::spawn(send_heartbeats(connection, ended));
            Self { end, heartbeats }
        }))
    }

    /// Frees the lock; another process can acquire it when this returns.
    pub(crate) async fn free(self) {
        let Self { end, heartbeats } = self;
        drop(end);
        // A task that panicked has dropped its connection.
        heartbeats.await.ok();
    }
}

async fn try_lock(connection: &mut PgConnection, name: &str) -> Result<bool> {
    let (acquired,): (bool,) = sqlx::query_as("select pg_try_advisory_lock(hashtextextended($1, 0))")
        .bind(name)
        .fetch_one(connection)
        .await?;
    Ok(acquired)
}

/// Ends the connection of a holder that hangs; returns whether there was one. Both times are the server's. The holder
/// stays if the server itself is slow to answer its heartbeat, and if this user may not end its connection.
async fn end_hanging_holder(connection: &mut PgConnection, name: &str) -> Result<bool> {
    let ended: Vec<(bool,)> = sqlx::query_as(
        "select pg_terminate_backend(holder.pid)
         from pg_locks join pg_stat_activity as holder using (pid)
         where locktype = 'advisory' and granted and objsubid = 1
             and pg_locks.database = (select oid from pg_database where datname = current_database())
             and (classid::bigint << 32 | objid::bigint) = hashtextextended($1, 0)
             and state = 'idle' and state_change < now() - make_interval(secs => $2)
             and pg_has_role(usesysid, 'usage')",
    )
    .bind(name)
    .bind(HEARTBEAT_TIMEOUT.as_secs_f64())
    .fetch_all(connection)
    .await?;
    Ok(ended.into_iter().any(|(ended,)| ended))
}

/// Sends heartbeats until the lock is freed.
async fn send_heartbeats(mut connection: PgConnection, mut ended: oneshot::Receiver<()>) {
    loop {
        tokio::select! {
            _ = &mut ended => break,
            () = tokio::time::sleep(HEARTBEAT_INTERVAL) => {}
        }
        // A holder that lost its connection lost the tenant; the store refuses its next batch.
        if connection.execute("select 1").await.is_err() {
            return;
        }
    }
    // If this fails, the connection is gone, and the lock with it.
    connection.execute("select pg_advisory_unlock_all()").await.ok();
    connection.close().await.ok();
}
