//! Versions of the schema.

/// Version of the schema in the database and in this binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Version of the database; 0 before the first migration.
    pub current: i64,
    /// Newest version that this binary knows.
    pub latest: i64,
}

/// Result of a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// Version before.
    pub from: i64,
    /// Version after.
    pub to: i64,
    /// Older rows of an adopted table with the tenant and the ticket of a newer row, ordered by tenant and ticket. The
    /// migration moved them to `ticket_history_duplicates`.
    pub duplicates: Vec<Duplicate>,
}

/// A ticket that an adopted table held more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// Tenant of the rows.
    pub tenant_id: String,
    /// Ticket of the rows.
    pub ticket_id: String,
    /// Number of rows that were moved; the newest row stayed.
    pub rows: u64,
}
