//! The error of the engine's operations.

use ticket::TenantId;

use crate::secrets;
use crate::source::client as source;

/// Error of an operation. Callers match on the variants to decide what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The helpdesk failed, or an interruption ended the requests: see [`source::Error::is_interruption`].
    #[error(transparent)]
    Source(#[from] source::Error),
    /// A stored secret cannot be opened, or a new one has the wrong form.
    #[error(transparent)]
    Secret(#[from] secrets::Error),
    /// A step of an operation failed.
    #[error("{step}")]
    Step {
        /// Step as a verb phrase that fits "failed to ..".
        step: &'static str,
        /// Cause.
        source: Box<Error>,
    },
    /// Work with a tenant's helpdesk failed.
    #[error("the helpdesk of tenant {tenant} failed")]
    Helpdesk {
        /// Tenant of the helpdesk.
        tenant: TenantId,
        /// Cause: holds a [`source::Error`].
        source: Box<Error>,
    },
    /// A stored setting of a tenant has no known value.
    #[error("the {setting} of tenant {tenant} cannot be read")]
    Setting {
        /// Tenant of the setting.
        tenant: TenantId,
        /// Name of the setting.
        setting: &'static str,
    },
    /// No import of the tenant has finished, so nothing can be synced.
    #[error("no import of tenant {0} has finished yet")]
    NeverImported(TenantId),
    /// More stored tickets disappeared at once than is plausible. None was withdrawn.
    #[error("at least {lost} of {stored} stored tickets vanished at once: none was withdrawn")]
    ImplausibleDeletions {
        /// Tickets that the helpdesk no longer shows, as far as they were counted.
        lost: u64,
        /// Stored tickets.
        stored: u64,
    },
    /// The caller stopped the operation; the text describes its progress.
    #[error("{0}")]
    Stopped(String),
    /// No request was answered within a turn.
    #[error("no request was answered within a turn of {seconds} s: nothing was stored")]
    EmptyTurn {
        /// Length of the turn.
        seconds: u64,
    },
    /// Stored JSON has a form that this version does not know.
    #[error("{what}")]
    Form {
        /// Step that failed.
        what: &'static str,
        /// Error of the parser.
        source: serde_json::Error,
    },
    /// A task of this process panicked.
    #[error("{what}")]
    Panic {
        /// Step that failed.
        what: &'static str,
        /// Panic of the task.
        source: tokio::task::JoinError,
    },
    /// The service has no usable master key.
    #[error("there is no master key")]
    NoMasterKey,
    /// A webhook event could not be stored; the log contains the reason.
    #[error("the webhook event could not be stored")]
    EventNotStored,
    /// The tenant has too many unprocessed webhook events, or sends too many.
    #[error("the tenant sent more webhook events than can be stored now")]
    InboxFull,
}

impl Error {
    /// Returns the error of the helpdesk's client that caused this one.
    pub fn source_error(&self) -> Option<&source::Error> {
        match self.cause() {
            Self::Source(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the error below the steps.
    pub fn cause(&self) -> &Self {
        match self {
            Self::Step { source, .. } | Self::Helpdesk { source, .. } => source.cause(),
            cause => cause,
        }
    }

    /// Returns whether another process holds the tenant's lease.
    pub fn is_held(&self) -> bool {
        matches!(self.cause(), Self::Store(store::Error::Held { .. }))
    }

    /// Returns whether the caller or a signal stopped the operation.
    pub fn is_stopped(&self) -> bool {
        matches!(
            self.cause(),
            Self::Stopped(_) | Self::Source(source::Error::Stopped)
        )
    }

    /// Returns whether the same operation may succeed later without a change by an operator.
    pub fn is_transient(&self) -> bool {
        match self.cause() {
            Self::Store(error) => error.is_transient(),
            Self::Source(error) => error.is_transient(),
            Self::EmptyTurn { .. } | Self::EventNotStored | Self::InboxFull => true,
            _ => false,
        }
    }

    /// Returns the message and those of all causes on one line.
    pub fn in_full(&self) -> String {
        let mut words = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            words = format!("{words}: {error}");
            cause = error.source();
        }
        words
    }

    /// Adds the tenant to an error of its helpdesk. Other errors and interruptions stay unchanged.
    pub fn of_helpdesk(self, tenant: &TenantId) -> Self {
        match self.source_error() {
            Some(error) if !error.is_interruption() && !matches!(error, source::Error::Pace(_)) => {
                Self::Helpdesk {
                    tenant: tenant.clone(),
                    source: Box::new(self),
                }
            }
            _ => self,
        }
    }
}

/// Adds the failed step to an error.
pub(crate) trait AtStep<T> {
    /// Adds a step to the error, as a verb phrase that fits "failed to ..".
    fn at_step(self, step: &'static str) -> crate::Result<T>;
}

impl<T, E: Into<Error>> AtStep<T> for Result<T, E> {
    fn at_step(self, step: &'static str) -> crate::Result<T> {
        self.map_err(|error| Error::Step {
            step,
            source: Box::new(error.into()),
        })
    }
}
