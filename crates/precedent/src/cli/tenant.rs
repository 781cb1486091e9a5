//! `precedent tenant`: who is served, and how their helpdesk is reached.

mod check;
mod expire;
mod settings;
mod show;

use std::io::{BufRead, IsTerminal, Write};

use anyhow::Context as _;

use secrecy::SecretString;
use serde_json::json;
use ticket::TenantId;
use tracing::info;

use super::output::result;
use super::webhook::set_secret;
use crate::exit::{ExitCode, Failure};
use crate::setup::Context;
use engine::audit;
use engine::clock;
use engine::erase;
use engine::source;
use settings::{Changes, Required};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Add a tenant; credentials come as JSON from a file, standard input or a prompt
    Add {
        #[command(flatten)]
        tenant: Tenant,
        #[command(flatten)]
        required: Required,
        #[command(flatten)]
        changes: Changes,
        /// Keep what is stored of an earlier tenant of this id: it is the same customer
        #[arg(long)]
        adopt: bool,
        /// Delete what is stored of an earlier tenant of this id first, for good
        #[arg(long, conflicts_with = "adopt")]
        erase: bool,
    },
    /// List all tenants
    List,
    /// Show a tenant's settings, without secrets
    Show(Tenant),
    /// Change settings; those not named stay
    Set {
        #[command(flatten)]
        tenant: Tenant,
        /// Name for people
        #[arg(long)]
        name: Option<String>,
        /// Which product answers
        #[arg(long, value_enum)]
        edition: Option<settings::EditionName>,
        /// Address of the helpdesk
        #[arg(long)]
        url: Option<String>,
        /// Read the secret that signs the helpdesk's reports from standard input
        #[arg(long, conflicts_with = "credentials_stdin")]
        webhook_secret_stdin: bool,
        #[command(flatten)]
        changes: Changes,
    },
    /// Call the helpdesk and say what works
    Check(check::Arguments),
    /// Forget tickets that are older than their tenant keeps (--keep-days); for a timer
    Expire(expire::Arguments),
    /// Remove a tenant's settings and tokens; its tickets stay, unless they are to be erased, and until the id is added
    /// again nothing serves them
    Remove {
        #[command(flatten)]
        tenant: Tenant,
        /// Delete everything of the tenant but its audit entries, for good; give it again if it was stopped
        #[arg(long)]
        erase: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Tenant {
    /// Letters, digits, '-', '_' and '.', up to 100
    #[arg(long)]
    tenant_id: TenantId,
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Add {
            tenant,
            required,
            changes,
            adopt,
            erase,
        } => {
            let store = context.store().await?;
            if store.tenant(&tenant.tenant_id).await?.is_some() {
                return Err(store::Error::TenantExists(tenant.tenant_id).into());
            }
            let added = changes.new_tenant(tenant.tenant_id, required, &context.vault(&*store).await?)?;
            if erase {
                let stop = context.stop()?.soft;
                let rows = erase::erase_left(&*store, discard(context)?, &added.id, &stop).await?;
                info!(tenant_id = %added.id, "erased {rows} rows of an earlier tenant {}", added.id);
            }
            if adopt {
                store.adopt_tenant(&added).await?;
            } else {
                store.add_tenant(&added).await?;
            }
            audit::record(&*store, Some(&added.id), "tenant add", added.base_url.as_str()).await?;
            let words = format!(
                "added tenant {id}; next: precedent tenant check --tenant-id={id}",
                id = added.id
            );
            result(context, &show::object(&added), words)?;
        }
        Command::List => {
            for tenant in context.store().await?.tenants().await? {
                show::line(context, &tenant)?;
            }
        }
        Command::Show(Tenant { tenant_id }) => {
            let store = context.store().await?;
            show::all(context, &source::tenant(&*store, &tenant_id).await?)?;
        }
        Command::Set {
            tenant,
            name,
            edition,
            url,
            webhook_secret_stdin,
            changes,
        } => {
            let store = context.store().await?;
            let mut changed = source::tenant(&*store, &tenant.tenant_id).await?;
            let before = changed.clone();
            if let Some(name) = name {
                changed.name = name;
            }
            if let Some(edition) = edition {
                changed.edition = edition.column().to_owned();
            }
            changes.apply(&mut changed, url.as_deref(), &context.vault(&*store).await?)?;
            let mut names = settings::changed_names(&before, &changed);
            if webhook_secret_stdin {
                let secret = line_of_stdin()?;
                set_secret(&*store, &context.vault(&*store).await?, &changed.id, &secret).await?;
                names.push("webhook secret");
            }
            changed.updated_at = clock::now();
            store.update_tenant(&changed).await?;
            let news = changed.learned.news_since(&before.learned);
            store.set_learned(&changed.id, &news).await?;
            let detail = names.join(", ");
            audit::record(&*store, Some(&changed.id), "tenant set", detail).await?;
            // What failed may have failed because of what is different now.
            let retried = super::jobs::retry(&*store, &changed.id).await?;
            let names: Vec<_> = names.iter().map(|name| name.replace(' ', "_")).collect();
            let object = json!({"tenant_id": changed.id.as_str(), "changed": names, "retried": retried});
            let mut words = format!("changed tenant {}", changed.id);
            if retried > 0 {
                words += &format!("\n{retried} jobs that failed are tried again");
            }
            result(context, &object, words)?;
        }
        Command::Check(arguments) => check::run(context, arguments).await?,
        Command::Expire(arguments) => expire::run(context, arguments).await?,
        Command::Remove { tenant, erase, yes } => {
            let store = context.store().await?;
            source::tenant(&*store, &tenant.tenant_id).await?;
            if !yes {
                confirm(&tenant.tenant_id, erase)?;
            }
            if erase {
                let stop = context.stop()?.soft;
                let rows = erase::erase(&*store, discard(context)?, &tenant.tenant_id, &stop).await?;
                let object = json!({"tenant_id": tenant.tenant_id.as_str(), "erased": true, "rows": rows});
                let words = format!("erased tenant {}: {rows} rows", tenant.tenant_id);
                return result(context, &object, words);
            }
            store.remove_tenant(&tenant.tenant_id).await?;
            context.indexes()?.discard(&tenant.tenant_id).await?;
            audit::record(&*store, Some(&tenant.tenant_id), "tenant remove", "").await?;
            let object = json!({"tenant_id": tenant.tenant_id.as_str(), "erased": false, "rows": 0});
            let words = format!(
                "removed tenant {}; its tickets are kept: precedent tenant add --adopt takes them over, --erase deletes \
                 them",
                tenant.tenant_id
            );
            result(context, &object, words)?;
        }
    }
    Ok(())
}

/// Deletes the search index of a tenant.
fn discard(context: &Context) -> anyhow::Result<impl AsyncFn(&TenantId) -> anyhow::Result<()>> {
    let indexes = context.indexes()?;
    Ok(async move |tenant: &TenantId| indexes.discard(tenant).await.context("delete the search index"))
}

/// A secret's line; blanks around it are nobody's intention.
fn line_of_stdin() -> anyhow::Result<SecretString> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim().to_owned().into())
}

fn confirm(tenant: &TenantId, erase: bool) -> anyhow::Result<()> {
    let refused = || Failure::new(ExitCode::Usage, format!("tenant {tenant} was not removed"));
    if !std::io::stdin().is_terminal() {
        return Err(refused()
            .hint("add --yes to remove it without being asked")
            .into());
    }
    let what = if erase {
        "everything that is stored of it"
    } else {
        "its credentials"
    };
    let mut stderr = std::io::stderr();
    write!(stderr, "Remove tenant {tenant} and {what}? [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if answer.trim().eq_ignore_ascii_case("y") {
        Ok(())
    } else {
        Err(refused().into())
    }
}
