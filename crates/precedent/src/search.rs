//! Finding precedents: the stored tickets that are like a new one.
//!
//! Reading order: [`question`] (what is asked), [`language`] and [`words`] (text to terms), [`index`] (a tenant's copy of
//! the table) with [`writer`], [`catch_up`] and [`indexes`] (all tenants' copies, kept true), [`terms`], [`query`] and
//! [`filter`] (what is looked for, among which tickets), [`similar`] (the function behind every caller), [`precedent`]
//! (what it answers), [`time_limit`] (how long a caller waits), [`evaluate`] (how well that works on data with known answers).

mod catch_up;
pub(crate) mod evaluate;
mod extract;
mod filter;
pub(crate) mod index;
pub(crate) mod indexes;
pub(crate) mod language;
pub(crate) mod precedent;
pub(crate) mod query;
pub(crate) mod question;
pub(crate) mod similar;
mod terms;
pub(crate) mod time_limit;
mod words;
pub(crate) mod writer;
