//! A bench for a test: a migrated database with the tenant acme, whose helpdesk the test describes.

use servicedesk_sim::{Options, Rows, Simulator};

use super::bench::{Bench, PLANTED};
use super::database::Database;
use super::scratch::Scratch;

impl Bench {
    /// Sets a bench up on PostgreSQL.
    pub(crate) async fn new(options: Options) -> Self {
        Self::on(Database::Postgres, options).await
    }

    /// Sets a bench up whose helpdesk has this number of tickets, all of them closed, with their texts in the list.
    pub(crate) async fn with_closed_tickets(database: Database, tickets: u32) -> Self {
        let options = Options {
            tickets: Some(tickets),
            days: 80,
            open_every: 0,
            rows: Rows::Full,
            ..Options::default()
        };
        Self::on(database, options).await
    }

    /// Sets a bench up as `with_closed_tickets` does, and imports the tickets.
    pub(crate) async fn with_imported_tickets(database: Database, tickets: u32) -> Self {
        let bench = Self::with_closed_tickets(database, tickets).await;
        bench.import();
        bench
    }

    pub(crate) async fn on(database: Database, mut options: Options) -> Self {
        let scratch = match database {
            Database::Postgres => Some(Scratch::new().await),
            Database::Sqlite => None,
        };
        options.credentials.authtoken = PLANTED.to_owned();
        let (edition, api) = (options.edition, options.api);
        let simulator = Simulator::start(options).await.expect("a helpdesk");
        let bench = Self {
            home: tempfile::tempdir().expect("a folder"),
            simulator,
            scratch,
        };
        bench.good(&["db", "migrate"]);
        bench.add_tenant("acme", edition, api);
        bench
    }
}
