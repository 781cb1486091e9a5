//! Exit codes: a contract with scripts and runbooks.

use std::fmt;

use engine::source;

/// Exit code of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitCode {
    /// The command succeeded.
    Success = 0,
    /// Invalid arguments or configuration, or a local file or folder that cannot be read or written; also anything
    /// unexpected.
    Usage = 1,
    /// No such tenant.
    TenantNotFound = 2,
    /// ServiceDesk Plus refused or stayed unreachable.
    ServiceDesk = 3,
    /// The database failed; an import can be run again.
    Database = 4,
    /// The command finished, but found differences or failures; the message names them.
    Incomplete = 5,
    /// Stopped by a signal; resumable.
    Interrupted = 130,
}

/// An error with its exit code and a hint.
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

    /// Returns the hint.
    pub(crate) fn next_step(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Adds a hint: what the user can do next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the cause.
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

/// Returns the exit code of an error.
pub(crate) fn code(error: &anyhow::Error) -> ExitCode {
    let found =
        |code: fn(&(dyn std::error::Error + 'static)) -> Option<ExitCode>| error.chain().find_map(code);
    found(|cause| Some(cause.downcast_ref::<Failure>()?.code))
        // The database comes before the helpdesk: a request that was not sent because the database failed is a
        // database failure.
        .or_else(|| found(|cause| cause.downcast_ref().map(of_store)))
        .or_else(|| found(|cause| cause.downcast_ref().map(of_engine)))
        // Neither the helpdesk nor the database: a local file or folder, or an unexpected error.
        .unwrap_or(ExitCode::Usage)
}

fn of_engine(error: &engine::Error) -> ExitCode {
    use engine::Error;
    match error.cause() {
        Error::Store(error) => of_store(error),
        Error::Source(source::Error::Settings(_)) => ExitCode::Usage,
        Error::Source(source::Error::Stopped) | Error::Stopped(_) => ExitCode::Interrupted,
        Error::Source(_) => ExitCode::ServiceDesk,
        Error::ImplausibleDeletions { .. } => ExitCode::Incomplete,
        _ => ExitCode::Usage,
    }
}

fn of_store(error: &store::Error) -> ExitCode {
    match error {
        store::Error::TenantNotFound(_) => ExitCode::TenantNotFound,
        store::Error::TenantExists(_)
        | store::Error::RowsLeft(_)
        | store::Error::UnsupportedUrl
        | store::Error::SharedSessions
        | store::Error::UnknownVersion(_) => ExitCode::Usage,
        store::Error::QuotaFull { .. } => ExitCode::Incomplete,
        _ => ExitCode::Database,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn the_cause_decides_the_exit_code() {
        let file = || std::io::Error::other("read-only");
        let desk = || engine::Error::from(source::Error::Refused("no".into()));
        let corrupt = || store::Error::Corrupt { column: "a.b" };
        let cases: [(anyhow::Error, ExitCode); 7] = [
            (file().into(), ExitCode::Usage),
            (anyhow::anyhow!("a bug"), ExitCode::Usage),
            (desk().into(), ExitCode::ServiceDesk),
            (
                engine::Error::from(source::Error::Settings("no".into())).into(),
                ExitCode::Usage,
            ),
            (corrupt().into(), ExitCode::Database),
            (
                engine::Error::from(source::Error::Pace(Box::new(corrupt()))).into(),
                ExitCode::Database,
            ),
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
