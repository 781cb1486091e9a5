//! Webhooks: each accepted event reaches the table, and no other does.

mod answers;
mod killed_server;
mod management;
mod notifications;
mod resolved_tickets;
mod secrets;
mod unsigned_bodies;
