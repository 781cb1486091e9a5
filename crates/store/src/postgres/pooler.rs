//! Finds out whether a pooler between this process and PostgreSQL shares one session between several clients.
//!
//! PgBouncer in transaction mode gives a client another session for each transaction. Session state is lost there and
//! meets other clients: names of prepared statements, session-level advisory locks. Transactions are not affected.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, Row as _};
use tokio::time::timeout;

/// Setting that only a direct connection carries to PostgreSQL: poolers refuse or drop it.
const DIRECT: (&str, &str) = ("precedent.direct", "on");

/// Time limit for the second of two sessions. A pooler that lends one connection only keeps it waiting.
const SECOND_SESSION: Duration = Duration::from_secs(10);

/// Connects a pool; returns it, and whether its sessions are kept from the first transaction to the last.
pub(super) async fn connect(options: PgConnectOptions) -> sqlx::Result<(PgPool, bool)> {
    match pool(options.clone().options([DIRECT])).await {
        Ok(pool) if is_direct(&pool).await? => return Ok((pool, true)),
        Ok(pool) => pool.close().await,
        Err(error) if is_refused(&error) => {}
        Err(error) => return Err(error),
    }
    let keeps_sessions = keeps_sessions(&options).await?;
    Ok((pool(options).await?, keeps_sessions))
}

/// Returns whether two clients have different sessions, each the same in all transactions.
pub(super) async fn keeps_sessions(options: &PgConnectOptions) -> sqlx::Result<bool> {
    let mut first = options.connect().await?;
    let mut second = options.connect().await?;
    let process = backend(&mut first).await?;
    // A pooler that takes turns gives each transaction another session.
    if backend(&mut first).await? != process {
        return Ok(false);
    }
    // One that gives the session that was used last gives it to the second client.
    let Ok(begun) = timeout(SECOND_SESSION, second.execute("begin")).await else {
        return Ok(false);
    };
    begun?;
    let kept = backend(&mut second).await? != process && backend(&mut first).await? == process;
    second.execute("rollback").await?;
    second.close().await?;
    first.close().await?;
    Ok(kept)
}

async fn pool(options: PgConnectOptions) -> sqlx::Result<PgPool> {
    PgPoolOptions::new()
        .max_connections(5)
        .acquire_timeout(Duration::from_secs(10))
        // An import would ping before each batch; a connection that was in use a moment ago needs no ping.
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move {
                if about.idle_for > Duration::from_secs(1) {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(options)
        .await
}

/// Returns whether the setting arrived. The statement is not prepared.
async fn is_direct(pool: &PgPool) -> sqlx::Result<bool> {
    let row = pool
        .fetch_one("select current_setting('precedent.direct', true)")
        .await?;
    let setting: Option<String> = row.try_get(0)?;
    Ok(setting.as_deref() == Some(DIRECT.1))
}

/// Returns whether a pooler refused the setting: as a protocol violation (PgBouncer), an unsupported feature, or an
/// unknown parameter.
fn is_refused(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| ["08P01", "0A000", "22023", "42704"].contains(&&*code))
}

/// Returns the id of the server's process behind a connection. The statement is not prepared.
async fn backend(connection: &mut PgConnection) -> sqlx::Result<i32> {
    connection.fetch_one("select pg_backend_pid()").await?.try_get(0)
}
