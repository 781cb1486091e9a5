//! Behaviour that both databases share: every case runs on each.

#[path = "../../precedent/tests/it/support/scratch.rs"]
mod scratch;

#[path = "conformance/checkpoints.rs"]
mod checkpoints;
#[path = "conformance/inbox.rs"]
mod inbox;
#[path = "conformance/jobs.rs"]
mod jobs;
#[path = "conformance/lists.rs"]
mod lists;
#[path = "conformance/retention.rs"]
mod retention;
#[path = "conformance/sample.rs"]
mod sample;
#[path = "conformance/schema.rs"]
mod schema;
#[path = "conformance/splits.rs"]
mod splits;
#[path = "conformance/tenants.rs"]
mod tenants;
#[path = "conformance/tickets.rs"]
mod tickets;
