//! Statements that store many rows of `ticket_history` at once.
//!
//! They were measured to be as fast as `copy` into a staging table; PostgreSQL refuses `copy` into the table itself where
//! row-level security applies. The filter on the digest spares unchanged rows the conflict. It is a scalar subquery, not
//! `not exists`: on a table without statistics a join may be planned as a scan of the whole tenant for each row, and an
//! import of 47,837 tickets then took twice as long. It looks for the next id, as `tickets/sql.rs` explains. `version`,
//! which starts at 0, separates inserted from updated rows; on a distributed database the number of affected rows of an
//! upsert is not reliable.

use std::sync::LazyLock;

use crate::apply::conflict::{IF_NOT_OLDER, IF_REPORT_IS_NEWS, replace_stored};

/// Insert of `$1` to `$20`. The lists are in the select, not in the from, where PostgreSQL would copy all of them before
/// it stores the first row.
const INSERT_INCOMING: &str = "
    insert into ticket_history
        (tenant_id, ticket_id, display_id, subject, description, resolution, resolved_date, tags, status, category,
         priority, url, source_updated_at, content_digest, source, ingested_at, created_at, updated_at, revision,
         description_html, resolution_html, source_digest)
    select
        $1, t.ticket_id, t.display_id, t.subject, t.description, t.resolution, t.resolved_date, t.tags::jsonb,
        t.status, t.category, t.priority, t.url, t.source_updated_at, t.content_digest, $2, $3, $3, $3, $20,
        t.description_html, t.resolution_html, t.source_digest
    from (
        select
            unnest($4::text[]) as ticket_id, unnest($5::text[]) as display_id, unnest($6::text[]) as subject,
            unnest($7::text[]) as description, unnest($8::text[]) as resolution,
            unnest($9::timestamptz[]) as resolved_date, unnest($10::text[]) as tags, unnest($11::text[]) as status,
            unnest($12::text[]) as category, unnest($13::text[]) as priority, unnest($14::text[]) as url,
            unnest($15::timestamptz[]) as source_updated_at, unnest($16::bytea[]) as content_digest,
            unnest($17::text[]) as description_html, unnest($18::text[]) as resolution_html,
            unnest($19::bytea[]) as source_digest
    ) as t";

/// Condition that leaves rows alone that are stored in the same form.
const UNLESS_UNCHANGED: &str = "
    where not coalesce((
        select
            ticket_id = t.ticket_id
            and withdrawn_at is null
            and content_digest = t.content_digest
            and coalesce(t.source_digest, source_digest) is not distinct from source_digest
        from (
            select ticket_id, withdrawn_at, content_digest, source_digest from ticket_history
            where tenant_id = $1 and ticket_id >= t.ticket_id order by ticket_id limit 1
        ) as stored
    ), false)
";

/// Numbers of new and of replaced rows and the size of both, in one row. A row that keeps its revision got another digest
/// of the source's JSON and nothing else.
const COUNTED: &str = " returning case when revision = $20 then version = 0 end as new,
            octet_length(subject) + octet_length(description) + octet_length(resolution)
            + coalesce(octet_length(description_html), 0) + coalesce(octet_length(resolution_html), 0)
            + pg_column_size(tags) as bytes)
        select
            count(*) filter (where new), count(*) filter (where not new),
            coalesce(sum(bytes) filter (where new is not null), 0)::bigint
        from stored";

/// Statement for tickets none of which is stored: PostgreSQL need not look for a conflicting row.
pub(super) static INSERT: LazyLock<String> =
    LazyLock::new(|| format!("with stored as ({INSERT_INCOMING}{COUNTED}"));

/// Statement for tickets some of which may be stored.
pub(super) static UPSERT: LazyLock<String> = LazyLock::new(|| upsert(IF_NOT_OLDER));

/// Statement for reported tickets.
pub(super) static UPSERT_REPORTED: LazyLock<String> = LazyLock::new(|| upsert(IF_REPORT_IS_NEWS));

fn upsert(condition: &str) -> String {
    let replace = replace_stored();
    format!("with stored as ({INSERT_INCOMING}{UNLESS_UNCHANGED}{replace}where {condition}{COUNTED}")
}
