//! Names of the helpdesk's client that the engine uses.

pub use servicedesk::{Api, Client, Credentials, Edition, Error, Probe, Result, Stop};
pub(crate) use servicedesk::{
    Cursor, Hydrated, NotFinal, Outcome, Page, Pages, Rejected, RemoteState, Row, StoredTicket,
    StoredTickets, Window,
};
