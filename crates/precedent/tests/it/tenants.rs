//! Tenants, from the first setting to their erasure.

mod added_again;
mod erase;
mod ids;
mod quota;
mod retention;
mod settings;
