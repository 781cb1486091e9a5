//! One test for each case of a function, so that the cases run in parallel and fail one by one.

/// Makes a test for each case: `cases!(function: name => (arguments), ...)`.
macro_rules! cases {
    ($function:ident: $($name:ident => ($($argument:expr),* $(,)?)),* $(,)?) => {
        mod $function {
            use super::*;

            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    $function($($argument),*).await;
                }
            )*
        }
    };
}

/// Makes a test on PostgreSQL and one on SQLite of each function.
macro_rules! on_both_databases {
    ($($function:ident),* $(,)?) => {
        $(
            cases!($function:
                on_postgres => (crate::support::Database::Postgres),
                on_sqlite => (crate::support::Database::Sqlite),
            );
        )*
    };
}
