//! HTTP interface for agents, health checks and metrics.

mod bad_requests;
mod description;
mod health;
mod metrics_address;
mod search;
mod sign_in_limit;
mod tokens;
