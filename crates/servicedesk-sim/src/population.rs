//! The tickets of the desk: what a ticket is, how a seed makes them, and how they change.

pub(crate) mod activity;
pub(crate) mod change;
pub(crate) mod clock;
pub(crate) mod defect;
pub(crate) mod directory;
pub(crate) mod populate;
pub(crate) mod status;
pub(crate) mod table;
pub(crate) mod ticket;
pub(crate) mod truth;
