//! `precedent inbox`: reports of helpdesks that wait, or were given up.

use chrono::SecondsFormat;
use serde_json::json;
use store::Note;

use super::of_tenant::OfTenant;
use crate::context::Context;
use crate::{audit, clock, desk};

/// Notes that are shown or tried again.
const LIMIT: u32 = 10_000;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the reports that were not worked off yet, the first that came first
    List(OfTenant),
    /// Try those again that were given up
    Retry(OfTenant),
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    let store = context.store().await?;
    let (Command::List(of) | Command::Retry(of)) = &command;
    let tenant = desk::tenant(&*store, &of.tenant_id).await?.id;
    let notes = store.notes(&tenant, LIMIT).await?;
    if let Command::List(_) = command {
        notes.iter().for_each(|note| line(context, note));
        return Ok(());
    }
    let mut count = 0;
    for note in notes.into_iter().filter(|note| note.failed_at.is_some()) {
        let again = Note {
            due_at: clock::now(),
            attempts: 0,
            failed_at: None,
            ..note
        };
        store.postpone_note(&tenant, &again).await?;
        count += 1;
    }
    audit::note(&*store, Some(&tenant), "inbox retry", format!("{count} reports")).await?;
    println!("{count} reports are tried again");
    Ok(())
}

fn line(context: &Context, note: &Note) {
    let received = note.received_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let state = if note.failed_at.is_some() {
        "given up"
    } else {
        "waits"
    };
    if context.json() {
        let shown = json!({"note_id": note.id, "kind": note.kind.as_str(), "state": state, "received_at": received,
            "attempts": note.attempts, "error": note.error, "body": note.body});
        println!("{shown}");
        return;
    }
    let error = note.error.as_deref().unwrap_or_default();
    println!(
        "{received}  {state:<8}  {} attempts  {}  {error}",
        note.attempts, note.id
    );
}
