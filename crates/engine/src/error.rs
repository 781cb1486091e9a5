//! Why an operation failed.

use ticket::TenantId;

use crate::secrets;
use crate::source::client as source;

/// Why an operation failed. What to do about it depends on the caller, which matches on the variants.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The helpdesk failed, or its answers ended early: see [`source::Error::is_interruption`].
    #[error(transparent)]
    Source(#[from] source::Error),
    /// A stored secret cannot be opened, or a new one has the wrong form.
    #[error(transparent)]
    Secret(#[from] secrets::Error),
    /// A step of an operation failed.
    #[error("{step}")]
    Step {
        /// Step, fit for "failed to ..".
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
        /// Tickets that the helpdesk does not show any more, as far as they were counted.
        lost: u64,
        /// Tickets that are stored.
        stored: u64,
    },
    /// The caller stopped the operation; the text says how far it came.
    #[error("{0}")]
    Stopped(String),
    /// A helpdesk paused the operation again and again, and nothing was stored in between.
    #[error("{0}")]
    AlwaysPaused(String),
    /// No request was answered within a turn.
    #[error("nothing could be stored within a turn of {seconds} s: no request was answered in time")]
    EmptyTurn {
        /// Length of the turn.
        seconds: u64,
    },
    /// Stored JSON has another form than this version expects.
    #[error("{what}")]
    Form {
        /// Step that failed.
        what: &'static str,
        /// Why.
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
    /// A webhook event could not be stored; the log holds the reason.
    #[error("the webhook event could not be stored")]
    EventNotStored,
}

impl Error {
    /// Error of the helpdesk's client that caused this one.
    pub fn source_error(&self) -> Option<&source::Error> {
        match self.cause() {
            Self::Source(error) => Some(error),
            _ => None,
        }
    }

    /// Error below the steps that were taken.
    pub fn cause(&self) -> &Self {
        match self {
            Self::Step { source, .. } | Self::Helpdesk { source, .. } => source.cause(),
            cause => cause,
        }
    }

    /// Whether another process holds the lease on the tenant.
    pub fn is_held(&self) -> bool {
        matches!(self.cause(), Self::Store(store::Error::Held { .. }))
    }

    /// Whether the caller or a signal stopped the operation.
    pub fn is_stopped(&self) -> bool {
        matches!(
            self.cause(),
            Self::Stopped(_) | Self::Source(source::Error::Stopped)
        )
    }

    /// Whether the same operation may succeed later without a change by an operator.
    pub fn is_transient(&self) -> bool {
        match self.cause() {
            Self::Store(error) => error.is_transient(),
            Self::Source(error) => error.is_transient(),
            Self::EmptyTurn { .. } | Self::AlwaysPaused(_) | Self::EventNotStored => true,
            _ => false,
        }
    }

    /// Message with those of all causes, on one line.
    pub fn in_full(&self) -> String {
        let mut words = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            words = format!("{words}: {error}");
            cause = error.source();
        }
        words
    }

    /// Names the tenant of an error of its helpdesk. Other errors and interruptions stay the same.
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

/// Names the step at which an error came.
pub(crate) trait AtStep<T> {
    /// Adds the step to the error: fit for "failed to ..".
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
