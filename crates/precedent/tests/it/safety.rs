//! Keys, secrets, the audit log and outbound calls.

mod audit;
mod bombs;
mod files;
mod hostile_fleet;
mod keys;
mod logins;
mod outbound;
mod sealed;
mod secrets;
mod shown;
mod terminal;

use servicedesk_sim::{Edition, Options, Rows};

use crate::support::{Bench, Database};

/// Sets a bench up with a small helpdesk on premises.
async fn bench(database: Database) -> Bench {
    Bench::on(
        database,
        Options {
            tickets: Some(30),
            days: 80,
            rows: Rows::Full,
            edition: Edition::OnPremises,
            ..Options::default()
        },
    )
    .await
}
