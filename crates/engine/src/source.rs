//! The helpdesk as the source of tickets. This is the only module that names the client of ServiceDesk Plus; the rest
//! of the engine uses the names that are exported here.
//!
//! Reading order: `client` (the exported names), `credentials` (their forms), `sealed`
//! (credentials at rest), `connect` (creates a client from the
//! settings of a tenant), `pool` (the clients of all tenants), `pace` (the pace that all processes share), `learned`
//! (stores what a client learned about its helpdesk).

pub(crate) mod client;
mod connect;
mod credentials;
mod learned;
mod pace;
mod pool;
mod sealed;

pub use client::{Api, Client, Credentials, Edition, Error, Probe, Result, Stop};
pub(crate) use client::{
    Cursor, Hydrated, NotFinal, Outcome, Page, Pages, Rejected, RemoteState, Row, StoredTicket,
    StoredTickets, Window,
};
pub use connect::{Timeouts, connect, edition_and_api, tenant};
pub use credentials::{CREDENTIAL_FORMS, fits_edition, keys_of_edition, parse_credentials};
pub use learned::{probe, store_learned};
pub use pool::SourcePool;
pub use sealed::{
    credentials, open_credentials, rewrap_credentials, same_servers, same_use, seal_credentials,
};
