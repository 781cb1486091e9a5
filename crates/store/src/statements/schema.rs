//! Statements on the schema.

macro_rules! schema {
    ($pool:ty) => {
        pub(super) async fn migrate(
            pool: &$pool,
            migrator: &sqlx::migrate::Migrator,
            from: i64,
            target: Option<i64>,
        ) -> Result<Migrated> {
            let to = target.unwrap_or(latest(migrator));
            if to != 0 && !migrator.version_exists(to) {
                return Err(Error::UnknownVersion(to));
            }
            if from > latest(migrator) {
                return Err(Error::NewerSchema {
                    current: from,
                    latest: latest(migrator),
                });
            }
            if to < from {
                migrator.undo(pool, to).await?;
            } else {
                migrator.run_to(to, pool).await?;
            }
            let duplicates = if to > from && (from..to).contains(&1) {
                duplicates(pool).await?
            } else {
                Vec::new()
            };
            Ok(Migrated {
                from,
                to,
                duplicates,
            })
        }

        async fn duplicates(pool: &$pool) -> Result<Vec<Duplicate>> {
            let rows: Vec<(String, String, i64)> = sqlx::query_as(
                "select tenant_id, ticket_id, count(*) from ticket_history_duplicates
                 group by tenant_id, ticket_id order by tenant_id, ticket_id",
            )
            .fetch_all(pool)
            .await?;
            let duplicate = |(tenant_id, ticket_id, rows): (_, _, i64)| Duplicate {
                tenant_id,
                ticket_id,
                rows: rows.unsigned_abs(),
            };
            Ok(rows.into_iter().map(duplicate).collect())
        }
    };
}

pub(crate) use schema;
