//! The client of one tenant's helpdesk.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::address::Address;
use super::auth::Auth;
use super::http_client;
use super::network::Network;
use super::pace::Pacer;
use super::settings::Settings;
use super::status_memory::StatusMemory;
use super::stop::Stop;
use crate::Result;

/// Maximum concurrent detail calls.
pub(crate) const DETAILS_IN_FLIGHT: usize = 16;

/// A client of one tenant's helpdesk. Clones share pace, token and connections.
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared>,
    stop: Stop,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    address: Address,
    http: reqwest::Client,
    network: Network,
    auth: Auth,
    pacer: Pacer,
    details: Semaphore,
    conversions: Semaphore,
    statuses: StatusMemory,
}

impl Client {
    /// Creates a client. Sends nothing yet.
    ///
    /// # Errors
    /// `Settings` if the certificates cannot be read or the accounts server is unknown.
    pub fn new(settings: Settings) -> Result<Self> {
        let http = http_client::build(&settings, &settings.base_url)?;
        let auth = Auth::new(&settings)?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            stop: Stop::default(),
            shared: Arc::new(Shared {
                address: Address::new(&settings),
                auth,
                http,
                network: Network::new(&settings),
                pacer: Pacer::new(
                    settings.pace.clone(),
                    settings.requests_per_minute,
                    settings.learned_pace,
                ),
                details: Semaphore::new(DETAILS_IN_FLIGHT),
                conversions: Semaphore::new(cores),
                statuses: StatusMemory::new(settings.statuses.clone()),
                settings,
            }),
        })
    }

    /// Returns the same client with another stop signal.
    pub fn stopped_by(&self, stop: Stop) -> Self {
        Self {
            shared: self.shared.clone(),
            stop,
        }
    }

    /// Returns the requests per minute that were learned to be safe; `None` while the allowed pace is safe.
    pub fn learned_pace(&self) -> Option<u32> {
        self.pacer().learned()
    }

    pub(crate) fn stop(&self) -> &Stop {
        &self.stop
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    pub(crate) fn address(&self) -> &Address {
        &self.shared.address
    }

    pub(crate) fn pacer(&self) -> &Pacer {
        &self.shared.pacer
    }

    /// Returns the limit of concurrent detail calls.
    pub(crate) fn details(&self) -> &Semaphore {
        &self.shared.details
    }

    /// Returns the limit of concurrent conversions. More pages than cores would only take more memory.
    pub(crate) fn conversions(&self) -> &Semaphore {
        &self.shared.conversions
    }

    pub(crate) fn status_memory(&self) -> &StatusMemory {
        &self.shared.statuses
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.shared.http
    }

    pub(super) fn network(&self) -> Network {
        self.shared.network
    }

    pub(super) fn auth(&self) -> &Auth {
        &self.shared.auth
    }
}
