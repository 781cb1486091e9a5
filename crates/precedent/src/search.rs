//! Finding precedents: the stored tickets that are like a new one.
//!
//! Reading order: [`words`] (text to terms), [`index`] (a tenant's cache of the table), [`query`] (which terms are
//! looked for, and where), [`similar`] (the function behind every caller), [`evaluate`] (how well that works on data with known answers).

mod catch_up;
pub(crate) mod evaluate;
mod extract;
pub(crate) mod index;
pub(crate) mod query;
pub(crate) mod similar;
pub(crate) mod words;
