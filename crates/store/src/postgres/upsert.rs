//! Stores many rows of `ticket_history` at once and finds the rows that the database refuses.

use sqlx::postgres::PgArguments;
use sqlx::{Arguments, Executor};
use ticket::{TenantId, Ticket};

use super::Session;
use super::upsert_sql::{INSERT, UPSERT, UPSERT_REPORTED};
use crate::apply::batch_tickets::{Written, rejection};
use crate::fence::LockedTenant;
use crate::{Batch, Counts, Incoming, Result, TICKET_BYTES};

/// The statement of an attempt.
#[derive(Clone, Copy, PartialEq)]
enum Statement {
    Insert,
    Upsert,
    UpsertReported,
}

impl Statement {
    fn sql(self) -> &'static str {
        match self {
            Self::Insert => &INSERT,
            Self::Upsert => &UPSERT,
            Self::UpsertReported => &UPSERT_REPORTED,
        }
    }
}

/// Stores tickets after the savepoint `part`; the result lists those that the database refuses. `any_stored` if the table
/// may have one of them; `prepared` are the [`arguments`] of all.
pub(super) async fn store(
    session: &mut Session,
    (tenant, batch, locked): (&TenantId, &Batch, LockedTenant),
    tickets: &[&Incoming],
    any_stored: bool,
    mut prepared: Option<PgArguments>,
) -> Result<Written> {
    let mut written = Written {
        counts: Counts::default(),
        refused: Vec::new(),
        bytes: 0,
        limits: locked.limits,
        revision: locked.revision,
    };
    if tickets.is_empty() {
        return Ok(written);
    }
    let upsert = if batch.reported {
        Statement::UpsertReported
    } else {
        Statement::Upsert
    };
    let mut statement = if any_stored { upsert } else { Statement::Insert };
    // A batch without refused rows costs one statement; refused rows are found by halving.
    let mut parts = vec![tickets];
    while let Some(part) = parts.pop() {
        let arguments = match prepared.take() {
            Some(of_all) => of_all,
            None => arguments(tenant, batch, part)?,
        };
        match write(
            session,
            statement,
            arguments,
            (batch, locked.revision),
            part.len(),
        )
        .await
        {
            Ok((counts, bytes)) => {
                written.counts += counts;
                written.bytes += bytes;
                if !parts.is_empty() {
                    let next = "release savepoint part; savepoint part";
                    session.execute(next).await?;
                }
            }
            Err(error) if refuses_a_row(&error) => {
                session.execute("rollback to savepoint part").await?;
                match part {
                    // Another program stored one of them after the lookup.
                    _ if statement == Statement::Insert && is_conflict(&error) => {
                        statement = upsert;
                        parts.push(part);
                    }
                    [alone] => written.refused.push(rejection(alone, &error)),
                    _ => parts.extend(part.chunks(part.len().div_ceil(2))),
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(written)
}

/// Returns whether a row is at fault: data exceptions and broken constraints.
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
    session: &mut Session,
    statement: Statement,
    mut arguments: PgArguments,
    (batch, revision): (&Batch, i64),
    tickets: usize,
) -> Result<(Counts, u64), sqlx::Error> {
    arguments.add(revision).map_err(sqlx::Error::Encode)?;
    if statement == Statement::Upsert {
        arguments.add(batch.read_at).map_err(sqlx::Error::Encode)?;
    }
    let (imported, updated, bytes): (i64, i64, i64) = sqlx::query_as_with(statement.sql(), arguments)
        .persistent(session.keeps_statements())
        .fetch_one(&mut **session)
        .await?;
    let (imported, updated) = (imported.unsigned_abs(), updated.unsigned_abs());
    let counts = Counts {
        imported,
        updated,
        skipped: tickets as u64 - imported - updated,
        rejected: 0,
    };
    Ok((counts, bytes.unsigned_abs() + (imported + updated) * TICKET_BYTES))
}

/// Encodes the values of a statement except for the revision, which is known only after the tenant is locked.
pub(super) fn arguments(
    tenant: &TenantId,
    batch: &Batch,
    part: &[&Incoming],
) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    let mut add = || {
        arguments.add(tenant.as_str())?;
        arguments.add(batch.origin.as_str())?;
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

/// Returns one value of each ticket.
fn column<'a, T>(part: &[&'a Incoming], value: impl Fn(&'a Ticket) -> T) -> Vec<T> {
    part.iter().map(|incoming| value(&incoming.ticket)).collect()
}
