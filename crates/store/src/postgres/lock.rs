//! The lock on a tenant: on a connection of its own, whose end frees it.
//!
//! That connection says something from time to time, so that the server knows its holder alive. One that hangs, on a
//! machine that sleeps or cannot be reached, loses its connection to whoever wants the tenant next.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Executor};
use ticket::TenantId;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::Result;

/// Between two signs of life.
const BEAT: Duration = Duration::from_secs(5);

/// Without a sign of life for so long, a holder hangs.
const LEASE: Duration = Duration::from_secs(20);

/// Looks whether a hanging holder's lock is free, and time between two.
const LOOKS: u32 = 20;
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A lock that is held.
#[derive(Debug)]
pub(crate) struct Lock {
    /// Ends the task, also when dropped.
    end: oneshot::Sender<()>,
    /// Has the connection.
    beats: JoinHandle<()>,
}

impl Lock {
    /// `None` while somebody has the tenant and shows signs of life.
    pub(super) async fn take(options: &PgConnectOptions, tenant: &TenantId) -> Result<Option<Self>> {
        let name = format!("precedent:{tenant}");
        let mut connection = options.connect().await?;
        let mut taken = try_lock(&mut connection, &name).await?;
        if !taken && end_hanging_holder(&mut connection, &name).await? {
            for _ in 0..LOOKS {
                taken = try_lock(&mut connection, &name).await?;
                if taken {
                    break;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
        Ok(taken.then(|| {
            let (end, ended) = oneshot::channel();
            let beats = tokio::spawn(beat(connection, ended));
            Self { end, beats }
        }))
    }

    /// Frees it: the next one can have it when this returns.
    pub(crate) async fn free(self) {
        let Self { end, beats } = self;
        drop(end);
        // A task that panicked has dropped its connection.
        beats.await.ok();
    }
}

async fn try_lock(connection: &mut PgConnection, name: &str) -> Result<bool> {
    let (taken,): (bool,) = sqlx::query_as("select pg_try_advisory_lock(hashtextextended($1, 0))")
        .bind(name)
        .fetch_one(connection)
        .await?;
    Ok(taken)
}

/// Whether there was one. Both clocks are the server's. A holder whose sign of life the server is slow to answer, and
/// one that this user may not end, stays.
async fn end_hanging_holder(connection: &mut PgConnection, name: &str) -> Result<bool> {
    let ended: Vec<(bool,)> = sqlx::query_as(
        "select pg_terminate_backend(holder.pid)
         from pg_locks join pg_stat_activity as holder using (pid)
         where locktype = 'advisory' and granted and objsubid = 1
             and pg_locks.database = (select oid from pg_database where datname = current_database())
             and (classid::bigint << 32 | objid::bigint) = hashtextextended($1, 0)
             and state = 'idle' and state_change < now() - make_interval(secs => $2)
             and pg_has_role(usesysid, 'member')",
    )
    .bind(name)
    .bind(LEASE.as_secs_f64())
    .fetch_all(connection)
    .await?;
    Ok(ended.into_iter().any(|(ended,)| ended))
}

/// Gives signs of life until the lock is not wanted any more.
async fn beat(mut connection: PgConnection, mut ended: oneshot::Receiver<()>) {
    loop {
        tokio::select! {
            _ = &mut ended => break,
            () = tokio::time::sleep(BEAT) => {}
        }
        // Whoever lost the connection lost the tenant; its next batch is refused.
        if connection.execute("select 1").await.is_err() {
            return;
        }
    }
    // Where this fails the connection is gone, and with it the lock.
    connection.execute("select pg_advisory_unlock_all()").await.ok();
    connection.close().await.ok();
}
