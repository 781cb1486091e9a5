//! The table of tickets, and SQL of a test's own.

use sqlx::{AssertSqlSafe, Connection, Executor, FromRow, SqliteConnection};

use super::bench::Bench;

/// A row of `ticket_history`.
#[derive(Clone, Debug, FromRow, PartialEq)]
pub(crate) struct Row {
    pub(crate) ticket_id: String,
    pub(crate) description: String,
    pub(crate) resolution: String,
    pub(crate) resolved_date: chrono::DateTime<chrono::Utc>,
    pub(crate) tags: sqlx::types::Json<Vec<String>>,
    pub(crate) source: String,
    pub(crate) ingested_at: chrono::DateTime<chrono::Utc>,
    pub(crate) tenant_id: String,
    pub(crate) subject: String,
    pub(crate) status: Option<String>,
    pub(crate) version: i64,
    pub(crate) withdrawn_at: Option<chrono::DateTime<chrono::Utc>>,
}

impl Bench {
    /// Returns acme's rows, ordered by ticket id.
    pub(crate) async fn rows(&self) -> Vec<Row> {
        self.rows_of("acme").await
    }

    pub(crate) async fn rows_of(&self, tenant: &str) -> Vec<Row> {
        let query = "select * from ticket_history where tenant_id = $1 order by ticket_id";
        if self.is_sqlite() {
            let rows = sqlx::query_as(query).bind(tenant);
            rows.fetch_all(&mut self.sqlite().await).await.expect("rows")
        } else {
            let rows = sqlx::query_as(query).bind(tenant);
            rows.fetch_all(&mut self.postgres().await).await.expect("rows")
        }
    }

    /// Executes statements on whichever database there is.
    pub(crate) async fn execute(&self, statements: &str) {
        let statements = AssertSqlSafe(statements.to_owned());
        let executed = if self.is_sqlite() {
            self.sqlite().await.execute(statements).await.map(drop)
        } else {
            self.postgres().await.execute(statements).await.map(drop)
        };
        executed.expect("executed");
    }

    /// Returns the number that a query selects.
    pub(crate) async fn count(&self, query: &str) -> i64 {
        let query = AssertSqlSafe(query.to_owned());
        let count = if self.is_sqlite() {
            sqlx::query_scalar(query)
                .fetch_one(&mut self.sqlite().await)
                .await
        } else {
            sqlx::query_scalar(query)
                .fetch_one(&mut self.postgres().await)
                .await
        };
        count.expect("a count")
    }

    fn is_sqlite(&self) -> bool {
        self.scratch.is_none()
    }

    pub(crate) async fn sqlite(&self) -> SqliteConnection {
        SqliteConnection::connect(&self.database_url())
            .await
            .expect("connected")
    }
}
