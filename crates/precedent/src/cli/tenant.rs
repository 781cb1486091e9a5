//! `precedent tenant`: settings of tenants.

mod add;
mod base_url;
mod check;
mod expire;
mod id;
mod remove;
mod set;
mod settings;
mod show;

use engine::quota;

use self::id::Tenant;
use crate::setup::Context;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Add(add::Arguments),
    /// List all tenants
    List,
    /// Show a tenant's settings, without secrets
    Show(Tenant),
    Set(set::Arguments),
    /// Call the helpdesk and show what works
    Check(check::Arguments),
    /// Delete tickets that are past their tenant's retention period (--keep-days); for use with a timer
    Expire(expire::Arguments),
    Remove(remove::Arguments),
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Add(arguments) => add::run(context, arguments).await,
        Command::List => {
            for tenant in context.store().await?.tenants().await? {
                show::line(context, &tenant)?;
            }
            Ok(())
        }
        Command::Show(Tenant { tenant_id }) => {
            let store = context.store().await?;
            show::all(context, &quota::tenant_with_usage(&store, &tenant_id).await?)
        }
        Command::Set(arguments) => set::run(context, arguments).await,
        Command::Check(arguments) => check::run(context, arguments).await,
        Command::Expire(arguments) => expire::run(context, arguments).await,
        Command::Remove(arguments) => remove::run(context, arguments).await,
    }
}
