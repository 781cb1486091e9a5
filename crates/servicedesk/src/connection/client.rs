//! The client of one tenant's helpdesk.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::address::Address;
use super::auth::Auth;
use super::http_client;
use super::network::Network;
use super::pace::Pacer;
use super::room::{Room, SMALL_ANSWER};
use super::settings::Settings;
use super::status_memory::StatusMemory;
use super::stop::Stop;
use crate::Result;

/// Maximum concurrent detail calls.
pub(crate) const DETAILS_IN_FLIGHT: usize = 16;

/// Maximum size of an answer in bytes: room for a page of 100 tickets with long logs.
const ANSWER: usize = 64 << 20;

/// Maximum size in bytes of an answer that is read while others are.
const ANSWER_AHEAD: usize = SMALL_ANSWER;

/// Maximum size in bytes of a page that is read ahead of need.
pub(crate) const PAGE_AHEAD: usize = 8 << 20;

/// A client of one tenant's helpdesk. Clones share pace, token and connections.
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared>,
    stop: Stop,
    /// Maximum size of an answer in bytes.
    longest_answer: usize,
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
    room: Room,
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
            longest_answer: ANSWER,
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
                room: Room::default(),
                settings,
            }),
        })
    }

    /// Returns the same client with another stop signal.
    pub fn stopped_by(&self, stop: Stop) -> Self {
        Self { stop, ..self.clone() }
    }

    /// Returns the same client for calls that are made many at a time: a ticket that is longer than
    /// a mebibyte gives [`crate::Error::TooLong`], or is left to be read alone ([`crate::Hydrated::large`]). Many giant
    /// tickets at a time would fill the memory.
    pub fn reading_ahead(&self) -> Self {
        self.reading_up_to(ANSWER_AHEAD)
    }

    /// Returns the same client with another maximum size of an answer in bytes.
    pub(crate) fn reading_up_to(&self, longest_answer: usize) -> Self {
        Self {
            longest_answer,
            ..self.clone()
        }
    }

    /// Returns the same client for a single answer of any size.
    pub(crate) fn reading_alone(&self) -> Self {
        self.reading_up_to(ANSWER)
    }

    /// Returns whether this client leaves large answers to be read alone.
    pub fn reads_ahead(&self) -> bool {
        self.longest_answer < ANSWER
    }

    pub(super) fn longest_answer(&self) -> usize {
        self.longest_answer
    }

    pub(super) fn room(&self) -> &Room {
        &self.shared.room
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
