//! Names of the helpdesk's client that the engine uses.

pub use servicedesk::{Api, Client, Credentials, Edition, Error, Probe, Result, Stop};
pub(crate) use servicedesk::{
    Cursor, Finished, Found, Known, NotFinal, Outcome, Page, Pages, Rejected, Row, Stored, Window,
};
