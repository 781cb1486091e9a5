//! Statements on webhooks and what came by them.

macro_rules! inbox {
    ($connection:ty) => {
        pub(super) async fn webhook(connection: &mut $connection, tenant: &TenantId) -> Result<Option<Webhook>> {
            let row: Option<(String, String, DateTime<Utc>)> =
                sqlx::query_as("select hook_id, secret, created_at from webhooks where tenant_id = $1")
                    .bind(tenant.as_str())
                    .fetch_optional(&mut *connection)
                    .await?;
            Ok(row.map(|(id, secret, created_at)| Webhook {
                tenant: tenant.clone(),
                id,
                secret,
                created_at,
            }))
        }

        pub(super) async fn set_webhook(connection: &mut $connection, webhook: &Webhook) -> Result<()> {
            sqlx::query(
                "insert into webhooks (tenant_id, hook_id, secret, created_at) values ($1, $2, $3, $4)
                 on conflict (tenant_id) do update
                 set hook_id = excluded.hook_id, secret = excluded.secret, created_at = excluded.created_at",
            )
            .bind(webhook.tenant.as_str())
            .bind(&webhook.id)
            .bind(&webhook.secret)
            .bind(webhook.created_at)
            .execute(&mut *connection)
            .await?;
            Ok(())
        }

        /// A note that waits already is renewed: what it is about may have changed once more.
        pub(super) async fn add_notes(connection: &mut $connection, tenant: &TenantId, notes: &[Note]) -> Result<()> {
            for note in notes {
                sqlx::query(
                    "insert into inbox (tenant_id, note_id, kind, body, received_at, due_at)
                     values ($1, $2, $3, $4, $5, $6)
                     on conflict (tenant_id, note_id) do update
                     set received_at = excluded.received_at, attempts = 0, error = null,
                         due_at = case when inbox.failed_at is null then inbox.due_at else excluded.due_at end,
                         failed_at = null",
                )
                .bind(tenant.as_str())
                .bind(&note.id)
                .bind(note.kind.as_str())
                .bind(&note.body)
                .bind(note.received_at)
                .bind(note.due_at)
                .execute(&mut *connection)
                .await?;
            }
            Ok(())
        }

        pub(super) async fn claim_notes(
            connection: &mut $connection,
            tenant: &TenantId,
            kind: NoteKind,
            now: DateTime<Utc>,
            until: DateTime<Utc>,
            limit: u32,
        ) -> Result<Vec<Note>> {
            let rows: Vec<NoteRow> = sqlx::query_as(
                "update inbox set due_at = $3
                 where tenant_id = $1 and kind = $5 and failed_at is null and due_at <= $2 and note_id in (
                     select note_id from inbox
                     where tenant_id = $1 and kind = $5 and failed_at is null and due_at <= $2
                     order by due_at limit $4
                 )
                 returning *",
            )
            .bind(tenant.as_str())
            .bind(now)
            .bind(until)
            .bind(i64::from(limit))
            .bind(kind.as_str())
            .fetch_all(&mut *connection)
            .await?;
            rows.into_iter().map(NoteRow::into_note).collect()
        }

        /// Takes notes off that were worked off, unless they came again meanwhile: those are due at once.
        pub(super) async fn settle_notes(
            connection: &mut $connection,
            tenant: &TenantId,
            notes: &[Note],
            now: DateTime<Utc>,
        ) -> Result<()> {
            for note in notes {
                let settled: Option<(String,)> = sqlx::query_as(
                    "delete from inbox where tenant_id = $1 and note_id = $2 and received_at = $3 returning note_id",
                )
                .bind(tenant.as_str())
                .bind(&note.id)
                .bind(note.received_at)
                .fetch_optional(&mut *connection)
                .await?;
                if settled.is_none() {
                    sqlx::query("update inbox set due_at = $3 where tenant_id = $1 and note_id = $2")
                        .bind(tenant.as_str())
                        .bind(&note.id)
                        .bind(now)
                        .execute(&mut *connection)
                        .await?;
                }
            }
            Ok(())
        }

        /// Puts a note off, or gives it up, with what is wrong.
        pub(super) async fn postpone_note(connection: &mut $connection, tenant: &TenantId, note: &Note) -> Result<()> {
            sqlx::query(
                "update inbox set due_at = $3, attempts = $4, error = $5, failed_at = $6
                 where tenant_id = $1 and note_id = $2",
            )
            .bind(tenant.as_str())
            .bind(&note.id)
            .bind(note.due_at)
            .bind(i64::from(note.attempts))
            .bind(&note.error)
            .bind(note.failed_at)
            .execute(&mut *connection)
            .await?;
            Ok(())
        }

        /// Notes in the order they came.
        pub(super) async fn notes(connection: &mut $connection, tenant: &TenantId, after: Option<&Note>, limit: u32) -> Result<Vec<Note>> {
            let rows: Vec<NoteRow> = sqlx::query_as(
                "select * from inbox
                 where tenant_id = $1 and ($3 is null or (received_at, note_id) > ($3, $4))
                 order by received_at, note_id limit $2",
            )
            .bind(tenant.as_str())
            .bind(i64::from(limit))
            .bind(after.map(|note| note.received_at))
            .bind(after.map(|note| &note.id))
            .fetch_all(&mut *connection)
            .await?;
            rows.into_iter().map(NoteRow::into_note).collect()
        }

        /// Of every tenant that has notes to work off.
        pub(super) async fn backlogs(connection: &mut $connection) -> Result<Vec<Backlog>> {
            let rows: Vec<(String, i64, DateTime<Utc>, DateTime<Utc>)> = sqlx::query_as(
                "select tenant_id, count(*), min(received_at), min(due_at) from inbox where failed_at is null
                 group by tenant_id order by min(received_at)",
            )
            .fetch_all(&mut *connection)
            .await?;
            let backlog = |(tenant, notes, oldest, due_at): (_, i64, _, _)| Backlog {
                tenant,
                notes: notes.unsigned_abs(),
                oldest,
                due_at,
            };
            Ok(rows.into_iter().map(backlog).collect())
        }
    };
}

pub(crate) use inbox;
