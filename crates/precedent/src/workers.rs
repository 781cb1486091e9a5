//! Worker processes: what helpdesks send is read outside of the process that answers callers.
//!
//! A response that exhausts memory, overflows a stack or meets a bug ends a worker process. The service starts another
//! one, and meanwhile goes on to answer searches and to accept webhook events.
//!
//! Reading order: [`supervisor`] (starts the processes and watches them), [`process`] (what runs in one), [`reporter`]
//! (what it tells the service), [`memory_limit`].

mod memory_limit;
pub(crate) mod process;
mod reporter;
pub(crate) mod supervisor;
