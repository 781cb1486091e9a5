//! `precedent search`: finds precedents for a person.

use std::io::{IsTerminal, Read};

use serde_json::json;
use ticket::TenantId;

use crate::context::Context;
use crate::desk;
use crate::exit::{ExitCode, Failure};
use crate::import::Edge;
use crate::search::query::Question;
use crate::search::similar::{Hit, search_similar_tickets};

/// Find the stored tickets most like a text
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The tenant, as named by `precedent tenant add`
    #[arg(long)]
    tenant_id: TenantId,
    /// The new ticket's text, of any length; `-` reads it from standard input
    text: String,
    /// The new ticket's subject, if it is not part of the text
    #[arg(long, default_value = "")]
    subject: String,
    /// At most so many
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    limit: u16,
    /// Resolved on this day (UTC) or at this instant, or later
    #[arg(long, value_name = "DATE")]
    start_date: Option<Edge>,
    /// Resolved on this day or at this instant, or earlier
    #[arg(long, value_name = "DATE")]
    end_date: Option<Edge>,
    /// Of this category
    #[arg(long)]
    category: Option<String>,
    /// With this tag; of several one is enough
    #[arg(long)]
    tag: Vec<String>,
    /// Also tickets whose resolution nobody wrote down
    #[arg(long)]
    unsolved_too: bool,
    /// Not this ticket
    #[arg(long, value_name = "TICKET_ID")]
    excluding: Option<String>,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let store = context.store().await?;
    let tenant = desk::tenant(&*store, &arguments.tenant_id).await?;
    let text = match arguments.text.as_str() {
        "-" => {
            let mut text = Vec::new();
            std::io::stdin().lock().read_to_end(&mut text)?;
            String::from_utf8_lossy(&text).into_owned()
        }
        text => text.to_owned(),
    };
    if text.trim().is_empty() && arguments.subject.trim().is_empty() {
        return Err(Failure::new(ExitCode::Usage, "there is nothing to search for")
            .hint("give the new ticket's text, or `-` to read it from standard input")
            .into());
    }
    let question = Question {
        subject: arguments.subject,
        text,
        limit: arguments.limit.into(),
        from_ms: arguments.start_date.map(|edge| edge.first().timestamp_millis()),
        to_ms: arguments.end_date.map(|edge| edge.last().timestamp_millis()),
        category: arguments.category,
        tags: arguments.tag,
        unsolved_too: arguments.unsolved_too,
        excluding: arguments.excluding,
    };
    let hits = search_similar_tickets(&*store, &context.index_folder()?, &tenant.id, &question).await?;
    if hits.is_empty() && !context.json() {
        println!("no precedent found");
    }
    hits.iter().for_each(|hit| show(context, hit));
    Ok(())
}

fn show(context: &Context, hit: &Hit) {
    let ticket = &hit.ticket;
    if context.json() {
        println!(
            "{}",
            json!({
                "ticket_id": ticket.id.as_str(),
                "display_id": ticket.display_id,
                "subject": ticket.subject,
                "description": ticket.description,
                "resolution": ticket.resolution,
                "resolved_date": ticket.resolved_at.to_rfc3339(),
                "tags": ticket.tags,
                "url": ticket.url,
                "score": hit.score,
                "matched_terms": hit.matched_terms,
                "extract": hit.extract.text,
                "highlights": hit.extract.marks,
            })
        );
        return;
    }
    let number = ticket.display_id.as_deref().unwrap_or(ticket.id.as_str());
    println!(
        "#{number} {} ({}, score {:.2})",
        ticket.subject,
        ticket.resolved_at.format("%Y-%m-%d"),
        hit.score
    );
    for line in marked(hit).lines().filter(|line| !line.trim().is_empty()) {
        println!("    {line}");
    }
    if !ticket.resolution.is_empty() {
        let first: String = ticket.resolution.chars().take(300).collect();
        println!("  resolution: {}", first.replace('\n', "\n    "));
    }
    ticket.url.iter().for_each(|url| println!("  {url}"));
    println!();
}

/// The extract with its matched words bold on a terminal, in asterisks elsewhere.
fn marked(hit: &Hit) -> String {
    let (begin, end) = if std::io::stdout().is_terminal() {
        ("\u{1b}[1m", "\u{1b}[0m")
    } else {
        ("*", "*")
    };
    let mut text = String::new();
    let mut at = 0;
    for (from, to) in &hit.extract.marks {
        if *from < at {
            continue;
        }
        text += &hit.extract.text[at..*from];
        text += begin;
        text += &hit.extract.text[*from..*to];
        text += end;
        at = *to;
    }
    text + &hit.extract.text[at..]
}
