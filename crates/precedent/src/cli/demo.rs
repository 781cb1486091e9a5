//! `precedent demo`: imports from a simulated helpdesk, offline, on one machine.

use std::time::{Duration, Instant};

use engine::clock;
use engine::import::{Purpose, RunContext, import as run_import};
use engine::secrets::MasterKey;
use engine::source::Stop;
use engine::source::{self, Timeouts};
use search::Language;
use secrecy::SecretString;
use serde_json::json;
use servicedesk_sim::{Options, Simulator};
use store::{LearnedSettings, Store, Tenant};
use ticket::{Range, TenantId, Ticket};

use super::output::{line, long_entry};
use super::{import, progress};
use crate::setup::Context;
use crate::setup::config::{Config, Database, MasterKeySource};

/// Import from a simulated helpdesk into a temporary database, offline
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Number of tickets in the simulated helpdesk
    #[arg(long, default_value_t = 3_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    tickets: u32,
}

/// Timeouts of the client. The simulated helpdesk neither delays nor locks.
const TIMEOUTS: Timeouts = Timeouts {
    answer: Duration::from_secs(30),
    lock: Duration::from_secs(300),
};

/// Number of tickets shown at the end.
const SHOWN: u32 = 3;

/// Latency of the simulated helpdesk, as in a local network.
const LATENCY: Duration = Duration::from_millis(5);

pub(crate) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let started = Instant::now();
    let options = Options {
        tickets: Some(arguments.tickets),
        latency: LATENCY,
        ..Options::default()
    };
    let simulator = Simulator::start(options).await?;
    let folder = tempfile::tempdir()?;
    let context = Context::new(
        Config {
            database: Database::Url(format!("sqlite://{}", folder.path().join("demo.db").display()).into()),
            master_key: MasterKeySource::Text(MasterKey::generate().to_base64()),
            old_master_key: None,
            lock_url: None,
            cache_folder: folder.path().join("cache"),
            log_level: String::new(),
        },
        context.json(),
        context.screen().clone(),
    );
    say(
        &context,
        &format!(
            "Started a simulated helpdesk with {} tickets at {}.",
            arguments.tickets,
            simulator.url()
        ),
    )?;
    let store = context.store().await?;
    store.migrate(None).await?;
    let tenant = add_tenant(&context, &store, &simulator).await?;
    say(
        &context,
        &format!(
            "Added tenant {}; importing the tickets that it resolved in the last 90 days.\n",
            tenant.id
        ),
    )?;

    let client = context.connect(&store, &tenant, TIMEOUTS).await?;
    let (progress, bar) = progress::of_import(&context);
    let range = Range::new(90, None, None, clock::now()).map_err(anyhow::Error::msg)?;
    let lease = store.acquire_lease(&tenant.id, "the demo", clock::now()).await?;
    let of = (&tenant.id, &client);
    let progress_of = (&progress, Purpose::Import);
    let run_context = RunContext::new(&store, of, lease.epoch, progress_of, Stop::default());
    run_import(&run_context, &range, false).await?;
    drop(bar);

    let tickets = store.newest_tickets(&tenant.id, SHOWN).await?;
    tickets.iter().try_for_each(|ticket| show(&context, ticket))?;
    import::report(&context, &tenant.id, &progress, started.elapsed())?;
    say(&context, NEXT)
}

const NEXT: &str = "
Next: add a real tenant and import its history.
  precedent tenant add --tenant-id=acme --name=Acme --edition=cloud --url=https://sdpondemand.manageengine.com
  precedent tenant check --tenant-id=acme
  precedent import --tenant-id=acme --days=90
See also docs/import-guide.md.";

async fn add_tenant(context: &Context, store: &Store, simulator: &Simulator) -> anyhow::Result<Tenant> {
    let secrets = simulator.desk().credentials();
    let credentials = SecretString::from(
        json!({
            "client_id": secrets.client_id,
            "client_secret": secrets.client_secret,
            "refresh_token": secrets.refresh_token,
        })
        .to_string(),
    );
    let id: TenantId = "demo".parse()?;
    let now = clock::now();
    let mut tenant = Tenant {
        credentials: String::new(),
        id,
        name: "Demo".to_owned(),
        edition: "cloud".to_owned(),
        api: "v3".to_owned(),
        base_url: simulator.url(),
        portal: None,
        accounts_url: Some(simulator.url()),
        ca_certificate: None,
        insecure: false,
        allow_http: false,
        allow_loopback: true,
        requests_per_minute: 0,
        resolution_from_notes: false,
        keep_html: false,
        keep_days: None,
        quota: store::Quota::default(),
        usage: store::Usage::default(),
        language: Language::ENGLISH.to_string(),
        learned: LearnedSettings::default(),
        created_at: now,
        updated_at: now,
    };
    tenant.credentials = source::seal_credentials(&context.vault(store).await?, &tenant, &credentials)?;
    store.add_tenant(&tenant).await?;
    Ok(tenant)
}

/// Prints text between the results, unless the output is JSON.
fn say(context: &Context, words: &str) -> anyhow::Result<()> {
    if context.json() {
        return Ok(());
    }
    words.split('\n').try_for_each(line)
}

fn show(context: &Context, ticket: &Ticket) -> anyhow::Result<()> {
    let object = json!({"ticket_id": ticket.id.as_str(), "description": ticket.description, "resolution": ticket.resolution});
    let number = ticket.display_id.as_deref().unwrap_or(ticket.id.as_str());
    let body = ticket
        .description
        .strip_prefix(&ticket.subject)
        .unwrap_or(&ticket.description);
    let lines = [
        format!(
            "#{number} {} ({})",
            ticket.subject,
            ticket.resolved_at.format("%Y-%m-%d")
        ),
        format!("  asked:  {}", extract(body)),
        format!("  solved: {}", extract(&ticket.resolution)),
        String::new(),
    ];
    long_entry(context, &object, lines)
}

/// Returns the beginning of a text as one line.
fn extract(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(100) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None if line.is_empty() => "(nothing was written down)".to_owned(),
        None => line,
    }
}
