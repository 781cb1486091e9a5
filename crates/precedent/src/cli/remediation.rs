//! Hints for errors: what the user can do next.

use engine::{secrets, source};
use ticket::TenantId;

use crate::exit::Failure;
use crate::setup::config::MAKE_MASTER_KEY;

/// Returns the hint for an error, if there is one.
pub(crate) fn hint(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            return failure.next_step().map(str::to_owned);
        }
        if let Some(error) = cause.downcast_ref() {
            return of_engine(error);
        }
        if let Some(error) = cause.downcast_ref() {
            return Some(of_secret(error));
        }
        of_store(cause.downcast_ref()?)
    })
}

fn of_engine(error: &engine::Error) -> Option<String> {
    use engine::Error;
    Some(match error {
        Error::Helpdesk { tenant, source } => return of_helpdesk(source.source_error()?, tenant),
        Error::Step { source, .. } => return of_engine(source),
        Error::Store(error) => return of_store(error),
        Error::Secret(error) => of_secret(error),
        Error::Setting { .. } => "set it again with `precedent tenant set`".to_owned(),
        Error::NeverImported(tenant) => format!("precedent import --tenant-id={tenant}"),
        Error::ImplausibleDeletions { .. } => {
            "a key with fewer permissions looks the same: first check the technician's sites and groups"
                .to_owned()
        }
        Error::Stopped(_) => "run the same command again to continue".to_owned(),
        _ => return None,
    })
}

fn of_helpdesk(error: &source::Error, tenant: &TenantId) -> Option<String> {
    use source::Error;
    Some(match error {
        Error::Settings(_) => format!("correct it with `precedent tenant set --tenant-id={tenant}`"),
        Error::Reauthorise(_) => format!(
            "the tenant needs re-authorisation: 1. in the API console of its data centre (https://api-console.zoho.com, .eu, \
             .in, ..) open the self client; 2. generate a code for the scopes \
             SDPOnDemand.requests.READ,SDPOnDemand.setup.READ; 3. exchange it for a refresh token within ten minutes; \
             4. run `precedent tenant set --tenant-id={tenant} --credentials-stdin` with client_id, client_secret and \
             refresh_token; 5. run the same command again"
        ),
        Error::Unauthorised(_) => format!(
            "create a new key in ServiceDesk Plus, then run `precedent tenant set --tenant-id={tenant} \
             --credentials-stdin` and run the same command again"
        ),
        Error::Forbidden(_) => format!(
            "give the key's technician the right to view all requests (cloud: scope SDPOnDemand.requests.READ), then \
             run `precedent tenant check --tenant-id={tenant}`"
        ),
        Error::NotFound(_) => {
            format!("check the URL and the portal: `precedent tenant show --tenant-id={tenant}`")
        }
        Error::Throttled { .. } => format!(
            "lower the pace with `precedent tenant set --tenant-id={tenant} --requests-per-minute=30`, wait a few minutes and \
             run the same command again: it continues where it stopped"
        ),
        Error::Unavailable { .. } | Error::RepeatedPage { .. } => {
            "run the same command again when the server works: it continues where it stopped".to_owned()
        }
        Error::Implausible(_) => format!(
            "compare the figures with those in ServiceDesk Plus, and check the permissions of the key with `precedent tenant \
             check --tenant-id={tenant}`; run the same command again when the server works, or import fewer days: \
             shorter lists may be correct"
        ),
        Error::Refused(_) | Error::TooLong { .. } => format!(
            "check URL and portal with `precedent tenant show --tenant-id={tenant}`; `precedent tenant check \
             --tenant-id={tenant}` shows what this server accepts"
        ),
        // The helpdesk is not the cause.
        Error::Stopped | Error::Paused { .. } | Error::Pace(_) => return None,
    })
}

fn of_secret(error: &secrets::Error) -> String {
    use secrets::Error;
    match error {
        Error::MasterKeyForm => MAKE_MASTER_KEY.to_owned(),
        Error::OtherMasterKey { .. } => {
            "set PRECEDENT_MASTER_KEY or PRECEDENT_MASTER_KEY_FILE to the key that sealed them".to_owned()
        }
        Error::Damaged {
            tenant,
            column: "webhook_secret",
        }
        | Error::SealedWithoutUse {
            tenant,
            column: "webhook_secret",
        } => format!("replace it with `precedent webhook rotate --tenant-id={tenant}`"),
        Error::Damaged { tenant, .. } | Error::SealedWithoutUse { tenant, .. } => format!(
            "check the settings with `precedent tenant show --tenant-id={tenant}`, then store them again together: \
             `precedent tenant set --tenant-id={tenant} --url=URL --credentials-stdin`"
        ),
        Error::TooLong => "give a shorter secret".to_owned(),
        Error::CredentialsForm(_) | Error::CredentialsOfOtherEdition { .. } => {
            source::CREDENTIAL_FORMS.to_owned()
        }
    }
}

fn of_store(error: &store::Error) -> Option<String> {
    use store::Error;
    let hint = match error {
        Error::QuotaFull { tenant, .. } => {
            return Some(format!(
                "raise the quota with `precedent tenant set --tenant-id={tenant} --max-stored-mib=N` (0: no limit), or keep \
                 tickets for fewer days with --keep-days and run `precedent tenant expire --tenant-id={tenant}`; then run \
                 the same command again: it continues where it stopped"
            ));
        }
        Error::NotMigrated { .. } => "run `precedent db migrate`",
        Error::NewerSchema { .. } => {
            "install a newer version of precedent, or migrate down with that version"
        }
        Error::TenantNotFound(_) => {
            "`precedent tenant list` shows the tenants, `precedent tenant add` adds one"
        }
        Error::TenantExists(_) => "change it with `precedent tenant set`",
        Error::RowsLeft(_) => {
            "add it with --adopt to keep the rows if it is the same customer, or with --erase to delete them first"
        }
        Error::UnsupportedUrl => "set DATABASE_URL, for example postgres://user@host/database",
        Error::UnknownVersion(_) => "`precedent db status` shows the versions",
        Error::Migrate(_) => "nothing was changed; fix the cause, then run the same command again",
        Error::Database(_) => {
            "check that the server in DATABASE_URL is running and accepts this user; then run the same command again"
        }
        Error::Held { .. } => "wait until it is done, or stop it; then run the same command again",
        Error::Fenced(_) => {
            "another process is working on this tenant; run the same command again when it is done"
        }
        Error::NotIsolated(_) => {
            "`precedent db status` shows the gaps; run `precedent db migrate` as a user with the right to create roles and policies"
        }
        Error::SharedSessions => {
            "set PRECEDENT_LOCK_URL to the address of PostgreSQL itself, or of a pooler in session mode"
        }
        Error::Corrupt { .. } | Error::UnknownWindow(_) => return None,
    };
    Some(hint.to_owned())
}
