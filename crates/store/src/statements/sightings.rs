//! Statements on what a reconciliation has met.

macro_rules! sightings {
    ($connection:ty) => {
        /// Served tickets of a range that neither a list nor an answer has shown since: the next `limit` by id.
        pub(super) async fn unseen(
            connection: &mut $connection,
            tenant: &TenantId,
            (from, to): (DateTime<Utc>, DateTime<Utc>),
            (since, archived_since): (DateTime<Utc>, DateTime<Utc>),
            limit: u32,
        ) -> Result<Vec<TicketId>> {
            let rows: Vec<(String,)> = sqlx::query_as(
                "select ticket_id from ticket_history as stored
                 where tenant_id = $1 and resolved_date >= $2 and resolved_date <= $3 and withdrawn_at is null
                     and (updated_at is null or updated_at < $4)
                     and not exists (
                         select 1 from sightings
                         where sightings.tenant_id = $1 and sightings.ticket_id = stored.ticket_id
                             and (seen_at >= $4 or asked_at >= case answer when 'archived' then $5 else $4 end)
                     )
                 order by ticket_id limit $6",
            )
            .bind(tenant.as_str())
            .bind(from)
            .bind(to)
            .bind(since)
            .bind(archived_since)
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await?;
            rows.into_iter().map(|(id,)| sighted(&id)).collect()
        }

        pub(super) async fn note_answer(
            connection: &mut $connection,
            tenant: &TenantId,
            id: &TicketId,
            answer: Answer,
            now: DateTime<Utc>,
        ) -> Result<()> {
            sqlx::query(
                "insert into sightings (tenant_id, ticket_id, asked_at, answer) values ($1, $2, $3, $4)
                 on conflict (tenant_id, ticket_id) do update
                 set asked_at = excluded.asked_at, answer = excluded.answer",
            )
            .bind(tenant.as_str())
            .bind(id.as_str())
            .bind(now)
            .bind(answer.as_str())
            .execute(&mut *connection)
            .await?;
            Ok(())
        }

        /// Served tickets that were asked for since and are not simply there.
        pub(super) async fn lost(
            connection: &mut $connection,
            tenant: &TenantId,
            since: DateTime<Utc>,
        ) -> Result<Vec<(TicketId, Answer)>> {
            let rows: Vec<(String, String)> = sqlx::query_as(
                "select ticket_id, answer from sightings
                 where tenant_id = $1 and asked_at >= $2 and answer in ('gone', 'hidden') and exists (
                     select 1 from ticket_history as stored
                     where stored.tenant_id = $1 and stored.ticket_id = sightings.ticket_id
                         and stored.withdrawn_at is null
                 )
                 order by ticket_id",
            )
            .bind(tenant.as_str())
            .bind(since)
            .fetch_all(&mut *connection)
            .await?;
            let answer = |(id, answer): (String, String)| {
                let answer = Answer::parse(&answer).ok_or(Error::Corrupt {
                    column: "sightings.answer",
                })?;
                Ok((sighted(&id)?, answer))
            };
            rows.into_iter().map(answer).collect()
        }

        /// How many served tickets were resolved within a range.
        pub(super) async fn served(
            connection: &mut $connection,
            tenant: &TenantId,
            (from, to): (DateTime<Utc>, DateTime<Utc>),
        ) -> Result<u64> {
            let (count,): (i64,) = sqlx::query_as(
                "select count(*) from ticket_history
                 where tenant_id = $1 and resolved_date >= $2 and resolved_date <= $3 and withdrawn_at is null",
            )
            .bind(tenant.as_str())
            .bind(from)
            .bind(to)
            .fetch_one(&mut *connection)
            .await?;
            Ok(count.unsigned_abs())
        }

        fn sighted(id: &str) -> Result<TicketId> {
            TicketId::new(id).ok_or(Error::Corrupt {
                column: "sightings.ticket_id",
            })
        }

        pub(super) async fn set_pace(connection: &mut $connection, tenant: &TenantId, state: &str) -> Result<()> {
            sqlx::query("update pace set state = $2 where tenant_id = $1")
                .bind(tenant.as_str())
                .bind(state)
                .execute(&mut *connection)
                .await?;
            Ok(())
        }
    };
}

pub(crate) use sightings;
