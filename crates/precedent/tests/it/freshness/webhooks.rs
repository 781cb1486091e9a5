//! Webhooks: each accepted event reaches the table, and no other does.

mod answers;
mod deaths;
mod frozen_database;
mod killed_server;
mod management;
mod notifications;
mod quotas;
mod resolved_tickets;
mod secrets;
mod unsigned_bodies;
