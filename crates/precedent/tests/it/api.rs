//! HTTP interface for agents, health checks and metrics.

mod bad_requests;
mod connections;
mod description;
mod health;
mod metrics_address;
mod odd_requests;
mod rebinding;
mod search;
mod sign_in_limit;
mod slow_clients;
mod tokens;
