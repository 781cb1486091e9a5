//! `precedent eval`: measures the search on data with known answers.

mod copies;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use chrono::DateTime;
use flate2::read::MultiGzDecoder;
use search::evaluate::{JudgedQuery, Measure, evaluate};
use search::{Language, Resolution, SearchQuery, TicketIndex};
use serde::Deserialize;
use serde_json::{Value, json};
use store::History;
use ticket::{Ticket, TicketId, join_description};

use self::copies::copies;
use super::output::long_result;
use crate::exit::{ExitCode, Failure};
use crate::setup::Context;

/// Number of results requested for each query.
const LIMIT: usize = 10;

/// Measure the search on tickets and queries with known answers: nDCG@10, recall@10, MRR@10, unanswered queries,
/// latency
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// JSON lines, optionally gzipped: {"id", "subject"?, "description", "resolution_text"?}; may be repeated
    #[arg(long, required = true, value_name = "FILE")]
    corpus: Vec<PathBuf>,
    /// JSON lines, optionally gzipped: {"qid", "text"?, "relevant"}; "relevant" is a list of ids, empty for a query
    /// without an answer; without "text" the query is the ticket with this id
    #[arg(long, value_name = "FILE")]
    queries: PathBuf,
    /// Language of the tickets
    #[arg(long, default_value = "english")]
    language: Language,
    /// Fill the corpus up to this number of tickets with varied copies, to measure time and space of a longer history
    #[arg(long, value_name = "N", default_value_t = 0)]
    tickets: usize,
}

/// Tickets by id, for queries that name one.
type Corpus = HashMap<String, Ticket>;

#[derive(Deserialize)]
struct Record {
    id: Value,
    subject: Option<String>,
    description: Option<String>,
    category: Option<String>,
    resolution_text: Option<String>,
}

#[derive(Deserialize)]
struct Query {
    qid: Value,
    text: Option<String>,
    relevant: Vec<Value>,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let started = Instant::now();
    let folder = tempfile::tempdir()?;
    let history = History {
        revision: 0,
        since: DateTime::UNIX_EPOCH,
        language: arguments.language.to_string(),
        helpdesk_url: String::new(),
    };
    let index = TicketIndex::make(folder.path(), &history)?;
    let mut writer = index.writer()?;
    let mut corpus = Corpus::new();
    for file in &arguments.corpus {
        for record in lines::<Record>(file)? {
            let ticket = ticket(record).with_context(|| format!("read a ticket of {}", file.display()))?;
            writer.put(&ticket)?;
            corpus.insert(ticket.id.to_string(), ticket);
        }
    }
    let mut originals: Vec<_> = corpus.values().collect();
    originals.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    let missing = arguments.tickets.saturating_sub(originals.len());
    if !originals.is_empty() {
        for ticket in copies(&originals).take(missing) {
            writer.put(&ticket)?;
        }
    }
    writer.commit(0)?;
    index.reload(0)?;
    let built = started.elapsed();
    let (tickets, bytes) = index.size()?;
    let queries = lines::<Query>(&arguments.queries)?
        .into_iter()
        .map(|query| judged(query, &corpus))
        .collect::<Result<Vec<_>, _>>()?;
    let evaluation = evaluate(&index, &queries)?;
    let [p50, p95, p99] = evaluation.latency.map(|latency| latency.as_secs_f64() * 1_000.0);
    let measures = [
        ("ndcg_at_10", evaluation.ndcg),
        ("recall_at_10", evaluation.recall),
        ("mrr_at_10", evaluation.reciprocal_rank),
        ("unanswered", evaluation.unanswered),
    ];
    let mut object = json!({"tickets": tickets, "queries": evaluation.queries,
        "build_ms": built.as_millis() as u64, "index_bytes": bytes,
        "latency_ms": {"p50": p50, "p95": p95, "p99": p99}});
    let mut words = format!(
        "{tickets} tickets, {} queries, index of {} KiB built in {built:.1?}\n",
        evaluation.queries,
        bytes / 1024
    );
    for (name, Measure { mean, low, high }) in measures {
        object[name] = json!(mean);
        object[format!("{name}_interval")] = json!([low, high]);
        words += &format!("{name:<14} {mean:.4} [{low:.4}, {high:.4}]\n");
    }
    words += &format!("latency        p50 {p50:.2} ms, p95 {p95:.2} ms, p99 {p99:.2} ms");
    long_result(context, &object, words.lines())
}

fn judged(judgement: Query, corpus: &Corpus) -> Result<JudgedQuery, Failure> {
    let qid = text(&judgement.qid);
    let mut query = SearchQuery {
        limit: LIMIT,
        resolution: Resolution::Any,
        ..SearchQuery::default()
    };
    match (judgement.text, corpus.get(&qid)) {
        (Some(text), _) => query.text = text,
        (None, Some(ticket)) => {
            query.subject.clone_from(&ticket.subject);
            query.text = search::body(ticket).to_owned();
            query.excluding = Some(qid);
        }
        (None, None) => {
            let message = format!("query {qid} has no text, and no corpus contains a ticket with that id");
            return Err(Failure::new(ExitCode::Usage, message));
        }
    }
    let relevant: HashSet<_> = judgement.relevant.iter().map(text).collect();
    Ok(JudgedQuery { query, relevant })
}

fn ticket(record: Record) -> anyhow::Result<Ticket> {
    let subject = record.subject.unwrap_or_default();
    let body = record.description.unwrap_or_default();
    Ok(Ticket {
        id: TicketId::new(&text(&record.id)).context("it has no id")?,
        display_id: None,
        description: join_description(&subject, &body),
        subject,
        resolution: record.resolution_text.unwrap_or_default(),
        resolved_at: DateTime::UNIX_EPOCH,
        source_updated_at: None,
        status: None,
        category: record.category,
        priority: None,
        url: None,
        tags: Vec::new(),
        description_html: None,
        resolution_html: None,
    })
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Reads one value per line and skips blank lines.
fn lines<T: for<'de> Deserialize<'de>>(path: &Path) -> anyhow::Result<Vec<T>> {
    let place = path.display();
    let unreadable = |error: std::io::Error| {
        Failure::new(ExitCode::Usage, format!("{place} cannot be read")).caused_by(error.into())
    };
    let file = File::open(path).map_err(unreadable)?;
    let reader: Box<dyn Read> = match path.extension().is_some_and(|extension| extension == "gz") {
        true => Box::new(MultiGzDecoder::new(file)),
        false => Box::new(file),
    };
    let mut values = Vec::new();
    for (number, line) in (1..).zip(BufReader::new(reader).lines()) {
        let line = line.map_err(unreadable)?;
        if line.trim().is_empty() {
            continue;
        }
        values.push(serde_json::from_str(&line).map_err(|error| {
            Failure::new(
                ExitCode::Usage,
                format!("{place}, line {number} is not as expected"),
            )
            .caused_by(error.into())
        })?);
    }
    Ok(values)
}
