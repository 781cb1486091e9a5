//! The two kinds of database that Precedent stores tickets in.

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Database {
    Postgres,
    Sqlite,
}
