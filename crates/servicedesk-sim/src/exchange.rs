//! One exchange with a client: the call, the plan for it, the reply, and the entry in the log.

pub(crate) mod bad_query;
pub(crate) mod call;
pub(crate) mod log;
pub(crate) mod plan;
pub(crate) mod reply;
pub(crate) mod stats;
