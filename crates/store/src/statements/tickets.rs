//! Statements on tickets that are stored.

macro_rules! tickets {
    ($connection:ty) => {
        pub(super) async fn history(connection: &mut $connection, tenant: &TenantId) -> Result<History> {
            let row: Option<(i64, DateTime<Utc>, String)> = sqlx::query_as("select revision, created_at, language from tenant_configs where tenant_id = $1")
                .bind(tenant.as_str())
                .fetch_optional(&mut *connection)
                .await?;
            let history = |(revision, since, language)| History {
                revision,
                since,
                language,
            };
            row.map(history).ok_or_else(|| Error::TenantNotFound(tenant.clone()))
        }

        pub(super) async fn changes(
            connection: &mut $connection,
            tenant: &TenantId,
            after: (i64, &str),
            limit: u32,
        ) -> Result<Vec<Change>> {
            let rows: Vec<ChangeRow> = sqlx::query_as(
                concat!(
"select ", excerpt_columns!(), ", revision, withdrawn_at is not null or resolved_date is null as withdrawn,
                     expired_at is not null as expired
                 from ticket_history
                 where tenant_id = $1 and (revision, ticket_id) > ($2, $3)
                 order by revision, ticket_id limit $4"),
            )
            .bind(tenant.as_str())
            .bind(after.0)
            .bind(after.1)
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await?;
            rows.into_iter().map(ChangeRow::into_change).collect()
        }

        pub(super) async fn newest_tickets(
            connection: &mut $connection,
            tenant: &TenantId,
            limit: u32,
        ) -> Result<Vec<Ticket>> {
            let rows: Vec<TicketRow> = sqlx::query_as(
                concat!(
"select ", ticket_columns!(), "
                 from ticket_history
                 where tenant_id = $1 and withdrawn_at is null and expired_at is null and resolved_date is not null
                 order by resolved_date desc, ticket_id limit $2"),
            )
            .bind(tenant.as_str())
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await?;
            rows.into_iter().map(TicketRow::into_ticket).collect()
        }

        /// Served tickets that were resolved within a range, both ends included, ordered by id after `after`.
        pub(super) async fn digests(
            connection: &mut $connection,
            tenant: &TenantId,
            from: DateTime<Utc>,
            to: DateTime<Utc>,
            after: &str,
            limit: u32,
        ) -> Result<Vec<StoredDigest>> {
            let rows: Vec<(String, Option<Vec<u8>>)> = sqlx::query_as(
                "select ticket_id, content_digest from ticket_history
                 where tenant_id = $1 and resolved_date >= $2 and resolved_date <= $3 and ticket_id > $4
                     and withdrawn_at is null
                 order by ticket_id limit $5",
            )
            .bind(tenant.as_str())
            .bind(from)
            .bind(to)
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await?;
            let digest = |(id, digest): (String, _)| {
                let id = TicketId::new(&id).ok_or(Error::Corrupt {
                    column: "ticket_history.ticket_id",
                })?;
                Ok(StoredDigest { id, digest })
            };
            rows.into_iter().map(digest).collect()
        }
    };
}

pub(crate) use tickets;
