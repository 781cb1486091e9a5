//! One writer per tenant, isolated tenants, an append-only audit log.

#[path = "../../precedent/tests/it/support/scratch.rs"]
mod scratch;

#[path = "safety/audit.rs"]
mod audit;
#[path = "safety/coverage.rs"]
mod coverage;
#[path = "safety/leases.rs"]
mod leases;
#[path = "safety/logins.rs"]
mod logins;
#[path = "safety/methods.rs"]
mod methods;
#[path = "safety/role.rs"]
mod role;
#[path = "safety/sample.rs"]
mod sample;
#[path = "safety/statements.rs"]
mod statements;
