//! Statements on stored tickets.
//! On PostgreSQL, most lookups by id read one row of the unique index for each id, whatever the statistics say. With
//! statistics from when the table held one row, each index that begins with the tenant looks alike for two equal columns.
//! The planner may then take the index by revision, which reads the whole tenant for each id (1,538 ms for 600 ids
//! instead of 14 ms). Only the unique index returns the next row in the order of ids, so a statement asks for the next
//! row and compares its id.

use std::sync::LazyLock;

use crate::query::Sql;
use crate::ticket_row::{EXCERPT_COLUMNS, TICKET_COLUMNS};

pub(super) const KNOWN: Sql = Sql {
    postgres: "
        select stored.ticket_id, stored.source_updated_at, stored.source_digest, stored.resolved
        from unnest($2::text[]) as asked (id)
        cross join lateral (
            select
                ticket_id, source_updated_at, source_digest, resolution <> '' as resolved, withdrawn_at,
                content_digest
            from ticket_history where tenant_id = $1 and ticket_id >= asked.id order by ticket_id limit 1
        ) as stored
        where stored.ticket_id = asked.id and stored.withdrawn_at is null
            and stored.content_digest is not null",
    sqlite: "
        select ticket_id, source_updated_at, source_digest, resolution <> '' as resolved
        from ticket_history
        where tenant_id = $1 and ticket_id in (select value from json_each($2))
            and withdrawn_at is null and content_digest is not null",
};

pub(super) const CONTENT_DIGESTS: Sql = Sql {
    postgres: "
        select stored.ticket_id, stored.content_digest from unnest($2::text[]) as asked (id)
        cross join lateral (
            select ticket_id, content_digest, withdrawn_at, resolved_date
            from ticket_history where tenant_id = $1 and ticket_id >= asked.id order by ticket_id limit 1
        ) as stored
        where stored.ticket_id = asked.id and stored.withdrawn_at is null
            and stored.resolved_date is not null",
    sqlite: "
        select ticket_id, content_digest from ticket_history
        where tenant_id = $1 and ticket_id in (select value from json_each($2))
            and withdrawn_at is null and resolved_date is not null",
};

static TICKETS_POSTGRES: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select stored.* from unnest($2::text[]) as asked (id)
         cross join lateral (
             select {TICKET_COLUMNS}, withdrawn_at
             from ticket_history where tenant_id = $1 and ticket_id >= asked.id order by ticket_id limit 1
         ) as stored
         where stored.ticket_id = asked.id and stored.withdrawn_at is null
             and stored.resolved_date is not null"
    )
});

static TICKETS_SQLITE: LazyLock<String> =
    LazyLock::new(|| by_id(TICKET_COLUMNS, "in (select value from json_each($2))"));

static EXCERPTS_POSTGRES: LazyLock<String> = LazyLock::new(|| by_id(EXCERPT_COLUMNS, "= any($2)"));

static EXCERPTS_SQLITE: LazyLock<String> =
    LazyLock::new(|| by_id(EXCERPT_COLUMNS, "in (select value from json_each($2))"));

/// Returns the statement for whole tickets by id.
pub(super) fn tickets() -> Sql {
    Sql {
        postgres: &TICKETS_POSTGRES,
        sqlite: &TICKETS_SQLITE,
    }
}

/// Returns the statement for excerpts by id.
pub(super) fn excerpts() -> Sql {
    Sql {
        postgres: &EXCERPTS_POSTGRES,
        sqlite: &EXCERPTS_SQLITE,
    }
}

pub(super) static NEWEST: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {TICKET_COLUMNS} from ticket_history
         where tenant_id = $1 and withdrawn_at is null and expired_at is null
             and resolved_date is not null
         order by resolved_date desc, ticket_id limit $2"
    )
});

fn by_id(columns: &str, is_asked: &str) -> String {
    format!(
        "select {columns} from ticket_history
         where tenant_id = $1 and ticket_id {is_asked}
             and withdrawn_at is null and resolved_date is not null"
    )
}
