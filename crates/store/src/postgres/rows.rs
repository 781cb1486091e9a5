//! Rows of `ticket_history`, many in one statement.
//!
//! It was measured to be as fast as `copy` into a staging table; `copy` into the table itself is refused where
//! row-level security applies. The filter on the digest spares unchanged rows the conflict; it is a scalar
//! subquery, not `not exists`, because a join may be planned, on a table without statistics, as a scan of the
//! whole tenant for each row: an import of 47,837 tickets then took twice as long. It looks for the next id for the
//! reason that is in `look_up.rs`. Inserted and updated rows are
//! told apart by `version`, which starts at 0; the number of affected rows of an upsert is not to be trusted
//! on a distributed database.

use sqlx::postgres::PgArguments;
use sqlx::{Arguments, Executor, PgConnection};
use ticket::{TenantId, Ticket};

use crate::refused::rejection;
use crate::statements::rows::{if_not_older, if_report_is_news, replace_stored, same_content, unless_same};
use crate::{Applied, Batch, Counts, Incoming, Result};

/// Rows come from lists in the select, not in the from: there they would be copied before the first is stored.
macro_rules! insert_incoming {
    () => {
        "
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
    ) as t"
    };
}

/// How many rows are new, and how many were replaced: one answer, not one a row. A row whose revision stays got another
/// digest of the source's form, and nothing else.
macro_rules! counted {
    () => {
        " returning case when revision = $20 then version = 0 end as new)
        select count(*) filter (where new), count(*) filter (where not new) from stored"
    };
}

/// Of tickets none of which is in the table: it spares each a look for the row that it may be in conflict with.
const INSERT: &str = concat!("with stored as (", insert_incoming!(), counted!());

/// Of tickets some of which may be in the table: those that are there just so are left alone.
macro_rules! upsert {
    ($condition:expr) => {
        concat!(
            "with stored as (",
            insert_incoming!(),
            "
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
",
            replace_stored!(),
            "where ",
            $condition,
            counted!()
        )
    };
}

const UPSERT: &str = upsert!(if_not_older!());
const UPSERT_REPORTED: &str = upsert!(if_report_is_news!());

/// Stores tickets, those aside that the database refuses, from the savepoint `part` on; `stored` if the table may have
/// one of them; `prepared` the [`arguments`] of all.
pub(super) async fn store(
    connection: &mut PgConnection,
    tenant: &TenantId,
    batch: &Batch,
    revision: i64,
    tickets: &[&Incoming],
    stored: bool,
    mut prepared: Option<PgArguments>,
) -> Result<Applied> {
    let mut applied = Applied::default();
    if tickets.is_empty() {
        return Ok(applied);
    }
    let upsert = if batch.reported { UPSERT_REPORTED } else { UPSERT };
    let mut statement = if stored { upsert } else { INSERT };
    // Refused rows are found by halving: a batch without any costs one statement.
    let mut parts = vec![tickets];
    while let Some(part) = parts.pop() {
        let arguments = match prepared.take() {
            Some(of_all) => of_all,
            None => arguments(tenant, batch, part)?,
        };
        match write(connection, statement, arguments, (batch, revision), part.len()).await {
            Ok(counts) => {
                applied.counts += counts;
                if !parts.is_empty() {
                    connection
                        .execute("release savepoint part; savepoint part")
                        .await?;
                }
            }
            Err(error) if refuses_a_row(&error) => {
                connection.execute("rollback to savepoint part").await?;
                match part {
                    // Somebody else stored one of them since the look at the table.
                    _ if statement == INSERT && is_conflict(&error) => {
                        statement = upsert;
                        parts.push(part);
                    }
                    [alone] => applied.refused.push(rejection(alone, &error)),
                    _ => parts.extend(part.chunks(part.len().div_ceil(2))),
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(applied)
}

/// Data exceptions and broken constraints are a row's fault; everything else is not.
fn refuses_a_row(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return false;
    };
    error
        .code()
        .is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
}

fn is_conflict(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.is_unique_violation())
}

async fn write(
    connection: &mut PgConnection,
    statement: &'static str,
    mut arguments: PgArguments,
    (batch, revision): (&Batch, i64),
    tickets: usize,
) -> Result<Counts, sqlx::Error> {
    arguments.add(revision).map_err(sqlx::Error::Encode)?;
    if statement == UPSERT {
        arguments.add(batch.read_at).map_err(sqlx::Error::Encode)?;
    }
    let (imported, updated): (i64, i64) = sqlx::query_as_with(statement, arguments)
        .fetch_one(connection)
        .await?;
    let (imported, updated) = (imported.unsigned_abs(), updated.unsigned_abs());
    Ok(Counts {
        imported,
        updated,
        skipped: tickets as u64 - imported - updated,
        rejected: 0,
    })
}

/// What is bound to a statement, but for the revision, which is known when the tenant is locked.
pub(super) fn arguments(
    tenant: &TenantId,
    batch: &Batch,
    part: &[&Incoming],
) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    let mut add = || {
        arguments.add(tenant.as_str())?;
        arguments.add(batch.source.as_str())?;
        arguments.add(batch.now)?;
        arguments.add(column(part, |ticket| ticket.id.as_str()))?;
        arguments.add(column(part, |ticket| ticket.display_id.as_deref()))?;
        arguments.add(column(part, |ticket| ticket.subject.as_str()))?;
        arguments.add(column(part, |ticket| ticket.description.as_str()))?;
        arguments.add(column(part, |ticket| ticket.resolution.as_str()))?;
        arguments.add(column(part, |ticket| ticket.resolved_at))?;
        arguments.add(column(part, |ticket| {
            serde_json::to_string(&ticket.tags).expect("a list of texts is JSON")
        }))?;
        arguments.add(column(part, |ticket| ticket.status.as_deref()))?;
        arguments.add(column(part, |ticket| ticket.category.as_deref()))?;
        arguments.add(column(part, |ticket| ticket.priority.as_deref()))?;
        arguments.add(column(part, |ticket| ticket.url.as_deref()))?;
        arguments.add(column(part, |ticket| ticket.source_updated_at))?;
        arguments.add(column(part, |ticket| ticket.digest().as_bytes().to_vec()))?;
        arguments.add(column(part, |ticket| ticket.description_html.as_deref()))?;
        arguments.add(column(part, |ticket| ticket.resolution_html.as_deref()))?;
        let digests = part.iter().map(|incoming| incoming.source_digest.as_deref());
        arguments.add(digests.collect::<Vec<_>>())
    };
    add().map_err(sqlx::Error::Encode)?;
    Ok(arguments)
}

/// One value of each ticket.
fn column<'a, T>(part: &[&'a Incoming], value: impl Fn(&'a Ticket) -> T) -> Vec<T> {
    part.iter().map(|incoming| value(&incoming.ticket)).collect()
}
