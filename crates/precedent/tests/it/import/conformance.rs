//! Imports under every quirk of real helpdesks, alone and in pairs, compared with the helpdesk's truth.

mod case;
mod page;
mod pairs;
mod quirks;
