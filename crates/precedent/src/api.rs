//! The interfaces for agents and helpdesks: HTTP and MCP.

pub(crate) mod hosts;
pub(crate) mod http;
pub(crate) mod mcp;
pub(crate) mod state;
mod time_limit;
pub(crate) mod token;
