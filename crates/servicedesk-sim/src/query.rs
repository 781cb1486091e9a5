//! The query of a list call: `list_info`, validated as strictly and as laxly as ServiceDesk Plus does it.

mod comparison;
mod compile;
mod field;
mod filter;
pub(crate) mod list_info;
pub(crate) mod selection;
mod sort;
pub(crate) mod story;
