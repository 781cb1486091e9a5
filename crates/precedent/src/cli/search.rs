//! `precedent search`: finds precedents for a person.

use std::io::{IsTerminal, Read};

use engine::source;
use search::{Precedent, Resolution, SearchRequest, search_similar_tickets};
use ticket::{OneLine, Printable};

use super::of_tenant::OfTenant;
use super::output::{emphasised, entry, line};
use crate::exit::{ExitCode, Failure};
use crate::setup::Context;

/// Find the stored tickets that are most similar to a text
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: OfTenant,
    /// The new ticket's text, of any length; `-` reads it from standard input
    text: String,
    /// The new ticket's subject, if it is not part of the text
    #[arg(long, default_value = "")]
    subject: String,
    /// Maximum number of results, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 5)]
    limit: i64,
    /// Resolved on or after this day (UTC) or time
    #[arg(long, value_name = "DATE")]
    start_date: Option<String>,
    /// Resolved on or before this day (UTC) or time
    #[arg(long, value_name = "DATE")]
    end_date: Option<String>,
    /// Only tickets of this category
    #[arg(long)]
    category: Option<String>,
    /// Only tickets with this tag; if repeated, with any of the tags
    #[arg(long)]
    tag: Vec<String>,
    /// Only tickets with or without a recorded resolution
    #[arg(long, value_enum, default_value_t)]
    resolution: ResolutionFilter,
    /// Exclude this ticket
    #[arg(long, value_name = "TICKET_ID")]
    excluding: Option<String>,
}

/// Filter on the resolution.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum ResolutionFilter {
    /// Only tickets with a resolution
    #[default]
    With,
    /// Only tickets without a resolution
    Without,
    /// All tickets
    Any,
}

impl From<ResolutionFilter> for Resolution {
    fn from(filter: ResolutionFilter) -> Self {
        match filter {
            ResolutionFilter::With => Self::With,
            ResolutionFilter::Without => Self::Without,
            ResolutionFilter::Any => Self::Any,
        }
    }
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let store = context.store().await?;
    let tenant = source::tenant(&store, &arguments.tenant.tenant_id).await?;
    let description = match arguments.text.as_str() {
        "-" => {
            let mut text = Vec::new();
            std::io::stdin().lock().read_to_end(&mut text)?;
            String::from_utf8_lossy(&text).into_owned()
        }
        text => text.to_owned(),
    };
    let request = SearchRequest {
        description,
        subject: arguments.subject,
        limit: Some(arguments.limit),
        start_date: arguments.start_date,
        end_date: arguments.end_date,
        category: arguments.category,
        tags: arguments.tag,
        resolution: arguments.resolution.into(),
        exclude_ticket_id: arguments.excluding,
    };
    let query = request.check().map_err(|invalid| {
        let all: Vec<_> = invalid
            .iter()
            .map(|invalid| format!("{}: {}", invalid.field.replace('_', "-"), invalid.reason))
            .collect();
        Failure::new(ExitCode::Usage, all.join("; ")).hint("`precedent search --help` shows the options")
    })?;
    let precedents = search_similar_tickets(&store, &context.indexes()?, &tenant.id, query).await?;
    if precedents.is_empty() && !context.json() {
        line("no useful precedent")?;
    }
    for precedent in &precedents {
        match context.json() {
            true => entry(context, &serde_json::to_value(precedent)?, "")?,
            false => emphasised(in_words(precedent))?,
        }
    }
    Ok(())
}

fn in_words(precedent: &Precedent) -> String {
    let ticket = &precedent.ticket;
    let number = ticket.display_id.as_deref().unwrap_or(&ticket.ticket_id);
    let day = ticket
        .resolved_date
        .split('T')
        .next()
        .unwrap_or(&ticket.resolved_date);
    let content = &ticket.untrusted_content;
    let mut words = format!(
        "#{number} {} ({day}, score {:.2})\n",
        OneLine(&content.subject),
        precedent.score
    );
    for line in marked(precedent).lines().filter(|line| !line.trim().is_empty()) {
        words += &format!("    {line}\n");
    }
    if !content.resolution.is_empty() {
        let first: String = content.resolution.chars().take(300).collect();
        words += &format!("  resolution: {}\n", Printable(first.replace('\n', "\n    ")));
    }
    if let Some(url) = &ticket.url {
        words += &format!("  {url}\n");
    }
    words
}

/// Returns the extract with its matched words in bold on a terminal, otherwise between asterisks.
fn marked(precedent: &Precedent) -> String {
    let (begin, end) = if std::io::stdout().is_terminal() {
        ("\u{1b}[1m", "\u{1b}[0m")
    } else {
        ("*", "*")
    };
    let extract = &precedent.untrusted_extract;
    let mut text = String::new();
    let mut at = 0;
    for (from, to) in &precedent.highlights {
        let (before, matched) = (Printable(&extract[at..*from]), Printable(&extract[*from..*to]));
        text += &format!("{before}{begin}{matched}{end}");
        at = *to;
    }
    text + &Printable(&extract[at..]).to_string()
}
