//! PgBouncer between the binary and PostgreSQL.

use std::fs::{Permissions, set_permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use super::bench::Bench;

/// A running PgBouncer, which is killed with it.
pub(crate) struct Pooler {
    process: Child,
    /// URL of the bench's database through the pooler.
    pub(crate) url: String,
    _folder: TempDir,
}

impl Pooler {
    /// Starts a pooler before the bench's database, in a mode (`session` or `transaction`) and with at most this number
    /// of sessions.
    pub(crate) async fn start(bench: &Bench, mode: &str, sessions: u32) -> Self {
        let server = bench.database_url();
        let (_, server) = server.split_once('@').expect("a URL with a user");
        let (address, database) = server.split_once('/').expect("a database");
        let (host, port) = address.split_once(':').expect("a port");
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let listen_port = free.local_addr().expect("an address").port();
        drop(free);
        let folder = tempfile::tempdir().expect("a folder");
        // The pooler runs as another user.
        set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("opened");
        let file = folder.path().join("pgbouncer.ini");
        let settings = format!(
            "[databases]\n{database} = host={host} port={port} user=postgres\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {listen_port}\nunix_socket_dir =\n\
             auth_type = any\npool_mode = {mode}\ndefault_pool_size = {sessions}\n"
        );
        std::fs::write(&file, settings).expect("written");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/pgbouncer");
        let process = Command::new(script)
            .arg(&file)
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        let pooler = Self {
            process,
            url: format!("postgres://postgres@127.0.0.1:{listen_port}/{database}"),
            _folder: folder,
        };
        pooler.wait().await;
        pooler
    }

    /// Connects through the pooler, as another program does.
    pub(crate) async fn connect(&self) -> sqlx::Result<PgConnection> {
        let options: sqlx::postgres::PgConnectOptions = self.url.parse()?;
        PgConnection::connect_with(&options.extra_float_digits(None)).await
    }

    /// Waits until it accepts connections; it may be installed first.
    async fn wait(&self) {
        let accepts = async {
            while self.connect().await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let accepts = tokio::time::timeout(Duration::from_secs(120), accepts).await;
        accepts.expect("a running PgBouncer");
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // It may have ended.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
