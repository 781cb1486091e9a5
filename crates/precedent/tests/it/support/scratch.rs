//! A PostgreSQL database for one test.

use sqlx::{Connection, Executor, PgConnection};

/// An empty PostgreSQL database, which is dropped with it.
pub(crate) struct Scratch {
    pub(crate) url: String,
    name: String,
}

impl Scratch {
    pub(crate) async fn new() -> Self {
        let name = format!("precedent_test_{}", uuid::Uuid::new_v4().simple());
        admin(format!("create database {name}")).await;
        let server = server();
        let (base, _) = server.rsplit_once('/').expect("a URL with a database");
        Self {
            url: format!("{base}/{name}"),
            name,
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let statement = format!("drop database if exists {} with (force)", self.name);
        // A runtime of its own: the test's runtime may have ended, and a drop cannot wait for it.
        let dropped = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(admin(statement));
        });
        dropped.join().expect("the database was dropped");
    }
}

fn server() -> String {
    std::env::var("PRECEDENT_TEST_POSTGRES").expect(
        "set PRECEDENT_TEST_POSTGRES to a PostgreSQL where databases may be created, or run scripts/test",
    )
}

/// Executes a statement on the server that databases are created on.
pub(super) async fn admin(statement: String) {
    let mut connection = PgConnection::connect(&server()).await.expect("the test server");
    connection
        .execute(sqlx::AssertSqlSafe(statement))
        .await
        .expect("executed");
}
