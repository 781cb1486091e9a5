//! Exit codes: a contract with scripts and runbooks.

use std::fmt;

/// What a command's exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitCode {
    /// Done.
    Success = 0,
    /// Invalid arguments or configuration, or a local file or folder that cannot be read or written; also anything
    /// unexpected.
    Usage = 1,
    /// No such tenant.
    TenantNotFound = 2,
    /// ServiceDesk Plus refused or stayed unreachable.
    ServiceDesk = 3,
    /// The database failed; an import can be given again.
    Database = 4,
    /// Finished, but not all is as it should be: the message says what.
    Incomplete = 5,
    /// Stopped by a signal; resumable.
    Interrupted = 130,
}

/// An error that knows its exit code and what to do next.
#[derive(Debug)]
pub(crate) struct Failure {
    code: ExitCode,
    message: String,
    hint: Option<String>,
    source: Option<anyhow::Error>,
}

impl Failure {
    pub(crate) fn new(code: ExitCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
            source: None,
        }
    }

    /// What to do next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What led to it.
    pub(crate) fn caused_by(mut self, source: anyhow::Error) -> Self {
        self.source = Some(source);
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref())
    }
}

/// The exit code of whatever a command returned.
pub(crate) fn code(error: &anyhow::Error) -> ExitCode {
    let found =
        |code: fn(&(dyn std::error::Error + 'static)) -> Option<ExitCode>| error.chain().find_map(code);
    found(|cause| Some(cause.downcast_ref::<Failure>()?.code))
        // Before the helpdesk: a call that was never sent, because the database failed, is the database's trouble.
        .or_else(|| found(|cause| cause.downcast_ref().map(of_store)))
        .or_else(|| found(|cause| cause.downcast_ref().map(of_helpdesk)))
        // A local file or folder, or something unexpected: neither the helpdesk nor the database.
        .unwrap_or(ExitCode::Usage)
}

fn of_store(error: &store::Error) -> ExitCode {
    match error {
        store::Error::TenantNotFound(_) => ExitCode::TenantNotFound,
        store::Error::TenantExists(_)
        | store::Error::RowsLeft(_)
        | store::Error::UnsupportedUrl
        | store::Error::UnknownVersion(_) => ExitCode::Usage,
        _ => ExitCode::Database,
    }
}

fn of_helpdesk(error: &servicedesk::Error) -> ExitCode {
    match error {
        servicedesk::Error::Settings(_) => ExitCode::Usage,
        servicedesk::Error::Stopped => ExitCode::Interrupted,
        _ => ExitCode::ServiceDesk,
    }
}

/// What to do next, where somebody knows.
pub(crate) fn hint(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            return failure.hint.clone();
        }
        let hint = match cause.downcast_ref::<store::Error>()? {
            store::Error::NotMigrated { .. } => "run `precedent db migrate`",
            store::Error::NewerSchema { .. } => "install a newer precedent, or migrate down with the newer one",
            store::Error::TenantNotFound(_) => {
                "`precedent tenant list` shows the tenants, `precedent tenant add` adds one"
            }
            store::Error::TenantExists(_) => "change it with `precedent tenant set`",
            store::Error::RowsLeft(_) => {
                "add it with --adopt if it is the same customer and the rows are to stay, or with --erase to delete \
                 them first"
            }
            store::Error::UnsupportedUrl => "set DATABASE_URL, for example postgres://user@host/database",
            store::Error::UnknownVersion(_) => "`precedent db status` shows the versions",
            store::Error::Migrate(_) => {
                "nothing was changed; mend what the error names, then give the same command again"
            }
            store::Error::Database(_) => {
                "check that the server in DATABASE_URL runs and lets this user in; then give the same command again"
            }
            store::Error::Held { .. } => "wait until it is done, or stop it; then give the same command again",
            store::Error::Fenced(_) => {
                "another process works on this tenant now; give the same command again when it is done"
            }
            store::Error::NotIsolated(_) => {
                "`precedent db status` says what is missing; `precedent db migrate` makes it, as a user who may"
            }
            store::Error::Corrupt { .. } | store::Error::UnknownWindow(_) => return None,
        };
        Some(hint.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    /// As a call to the helpdesk that needs the database before it is sent.
    #[derive(Debug)]
    struct Unsent(store::Error);

    impl fmt::Display for Unsent {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("the request was not sent")
        }
    }

    impl std::error::Error for Unsent {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn the_cause_decides_and_not_what_was_being_done() {
        let file = || std::io::Error::other("read-only");
        let desk = || servicedesk::Error::Refused("no".into());
        let corrupt = || store::Error::Corrupt { column: "a.b" };
        let cases: [(anyhow::Error, ExitCode); 7] = [
            (file().into(), ExitCode::Usage),
            (anyhow::anyhow!("a bug"), ExitCode::Usage),
            (desk().into(), ExitCode::ServiceDesk),
            (servicedesk::Error::Settings("no".into()).into(), ExitCode::Usage),
            (corrupt().into(), ExitCode::Database),
            (Unsent(corrupt()).into(), ExitCode::Database),
            (
                Failure::new(ExitCode::Incomplete, "not all")
                    .caused_by(desk().into())
                    .into(),
                ExitCode::Incomplete,
            ),
        ];
        for (error, expected) in cases {
            let words = format!("{error:#}");
            assert_eq!(code(&error), expected, "{words}");
            let within: anyhow::Result<()> = Err(error);
            let within = within.context("plan what to read").expect_err("an error");
            assert_eq!(code(&within), expected, "plan what to read: {words}");
        }
    }
}
