//! A prepared statement that runs on either database.
//!
//! sqlx separates the databases by type. This file is the only place that joins them: a concern writes its SQL, binds
//! its values and names its row type once. Statements are prepared and cached as sqlx does by
//! default, except on sessions that other clients share.

use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::types::Json;
use sqlx::{Encode, FromRow, Postgres, Sqlite, Type};

use crate::Result;

/// The text of a statement, which may differ between the databases.
#[derive(Clone, Copy)]
pub(crate) struct Sql {
    pub(crate) postgres: &'static str,
    pub(crate) sqlite: &'static str,
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self {
            postgres: text,
            sqlite: text,
        }
    }
}

/// A value that both databases can bind.
pub(crate) trait Value<'t>:
    Encode<'t, Postgres> + Type<Postgres> + Encode<'t, Sqlite> + Type<Sqlite>
{
}

impl<'t, T> Value<'t> for T where T: Encode<'t, Postgres> + Type<Postgres> + Encode<'t, Sqlite> + Type<Sqlite> {}

/// A type that both databases can make from a row.
pub(crate) trait Row:
    for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin
{
}

impl<T> Row for T where T: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin {}

/// A statement with the values that are bound so far.
#[must_use = "a query does nothing until it is fetched or executed"]
pub(crate) enum Query<'c> {
    Postgres(
        &'c mut PgConnection,
        sqlx::query::Query<'static, Postgres, PgArguments>,
    ),
    Sqlite(
        &'c mut SqliteConnection,
        sqlx::query::Query<'static, Sqlite, SqliteArguments>,
    ),
}

impl Query<'_> {
    /// Binds the next parameter.
    pub(crate) fn bind<'t>(self, value: impl Value<'t>) -> Self {
        match self {
            Self::Postgres(connection, query) => Self::Postgres(connection, query.bind(value)),
            Self::Sqlite(connection, query) => Self::Sqlite(connection, query.bind(value)),
        }
    }

    /// Binds a list of texts as the next parameter: a `text[]` on PostgreSQL, a JSON array on SQLite.
    pub(crate) fn bind_list<'t>(self, texts: impl IntoIterator<Item = &'t str>) -> Self {
        let texts: Vec<_> = texts.into_iter().collect();
        match self {
            Self::Postgres(connection, query) => Self::Postgres(connection, query.bind(texts)),
            Self::Sqlite(connection, query) => Self::Sqlite(connection, query.bind(Json(texts))),
        }
    }

    /// Runs the statement and drops its rows.
    pub(crate) async fn execute(self) -> Result<()> {
        match self {
            Self::Postgres(connection, query) => query.execute(connection).await.map(drop)?,
            Self::Sqlite(connection, query) => query.execute(connection).await.map(drop)?,
        }
        Ok(())
    }

    /// Returns all rows.
    pub(crate) async fn fetch_all<R: Row>(self) -> Result<Vec<R>> {
        Ok(match self {
            Self::Postgres(connection, query) => {
                let rows = query.try_map(|row| R::from_row(&row));
                rows.fetch_all(connection).await?
            }
            Self::Sqlite(connection, query) => {
                let rows = query.try_map(|row| R::from_row(&row));
                rows.fetch_all(connection).await?
            }
        })
    }

    /// Returns the first row, `None` without one.
    pub(crate) async fn fetch_optional<R: Row>(self) -> Result<Option<R>> {
        Ok(match self {
            Self::Postgres(connection, query) => {
                let row = query.fetch_optional(connection).await?;
                row.map(|row| R::from_row(&row)).transpose()?
            }
            Self::Sqlite(connection, query) => {
                let row = query.fetch_optional(connection).await?;
                row.map(|row| R::from_row(&row)).transpose()?
            }
        })
    }

    /// Returns the row of a statement that always has one.
    pub(crate) async fn fetch_one<R: Row>(self) -> Result<R> {
        let row = self.fetch_optional().await?;
        row.ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// Returns whether the statement has a row.
    pub(crate) async fn has_row(self) -> Result<bool> {
        Ok(match self {
            Self::Postgres(connection, query) => query.fetch_optional(connection).await?.is_some(),
            Self::Sqlite(connection, query) => query.fetch_optional(connection).await?.is_some(),
        })
    }
}
