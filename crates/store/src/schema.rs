//! The schema: its version, migrations, and the isolation of tenants.

use crate::{Migrated, Result, Schema, Store};

impl Store {
    /// Returns the versions in the database and in this binary.
    pub async fn schema(&self) -> Result<Schema> {
        self.database.schema().await
    }

    /// Migrates up or down to `target`, or up to the latest version. Both ways keep the rows of `ticket_history`.
    pub async fn migrate(&self, target: Option<i64>) -> Result<Migrated> {
        self.forget_schema();
        self.database.migrate(target).await
    }

    /// Returns each gap in the isolation of tenants as text for an operator. SQLite has no roles and never a gap.
    pub async fn isolation_gaps(&self) -> Result<Vec<String>> {
        self.database.isolation_gaps().await
    }

    /// Returns what an operator should know about the login, although no gap follows from it.
    pub async fn login_notes(&self) -> Result<Vec<String>> {
        self.database.login_notes().await
    }
}
