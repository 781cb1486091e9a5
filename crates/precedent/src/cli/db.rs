//! `precedent db`: migrates the schema and shows its version.

use engine::audit;
use serde_json::json;
use store::Schema;

use super::output::long_result;
use crate::setup::Context;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Migrate the schema to the newest or a given version; ticket_history keeps its rows in both directions
    Migrate {
        /// Version to migrate up or down to; 0 removes all of Precedent's schema but keeps the rows of ticket_history
        #[arg(long, value_name = "VERSION")]
        to: Option<i64>,
    },
    /// Show the schema's version
    Status,
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    let store = context.store_as_it_is().await?;
    match command {
        Command::Migrate { to } => {
            let migrated = store.migrate(to).await?;
            let Schema { current, latest } = store.schema().await?;
            if current == latest {
                audit::record(
                    &store,
                    None,
                    "db migrate",
                    format!("from {} to {}", migrated.from, migrated.to),
                )
                .await?;
            }
            let objects: Vec<_> = migrated
                .duplicates
                .iter()
                .map(|duplicate| {
                    json!({"tenant_id": duplicate.tenant_id, "ticket_id": duplicate.ticket_id, "rows": duplicate.rows})
                })
                .collect();
            let object = json!({"from": migrated.from, "to": migrated.to, "duplicates": objects});
            let mut lines = vec![format!(
                "schema migrated from version {} to {}",
                migrated.from, migrated.to
            )];
            for duplicate in &migrated.duplicates {
                let store::Duplicate {
                    tenant_id,
                    ticket_id,
                    rows,
                } = duplicate;
                lines.push(format!(
                    "tenant {tenant_id}, ticket {ticket_id}: kept the newest row, moved older rows to \
                     ticket_history_duplicates: {rows}"
                ));
            }
            long_result(context, &object, lines)
        }
        Command::Status => {
            let Schema { current, latest } = store.schema().await?;
            let (gaps, notes) = if current == latest {
                (store.isolation_gaps().await?, store.login_notes().await?)
            } else {
                (Vec::new(), Vec::new())
            };
            let words = if current == latest {
                format!("schema version {current}, up to date")
            } else {
                format!("schema version {current}, this program needs {latest}: run `precedent db migrate`")
            };
            let gap_lines = gaps.iter().map(|gap| format!("tenants are not isolated: {gap}"));
            let note_lines = notes.iter().map(|note| format!("note: {note}"));
            let lines: Vec<_> = std::iter::once(words)
                .chain(gap_lines)
                .chain(note_lines)
                .collect();
            let object =
                json!({"current": current, "latest": latest, "isolation_gaps": gaps, "notes": notes});
            long_result(context, &object, lines)
        }
    }
}
