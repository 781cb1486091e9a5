//! The secrets of the simulated desk; they open nothing else.

use serde::Serialize;

/// The secrets that a client must present.
#[derive(Clone, Debug, Serialize, clap::Args)]
pub struct Credentials {
    /// OAuth client id (cloud).
    #[arg(long, default_value = "1000.SIMCLIENT")]
    pub client_id: String,
    /// OAuth client secret (cloud).
    #[arg(long, default_value = "sim-client-secret")]
    pub client_secret: String,
    /// OAuth refresh token (cloud).
    #[arg(long, default_value = "1000.sim.refresh")]
    pub refresh_token: String,
    /// Key that works like an access token that never expires (cloud and the story's form).
    #[arg(long, default_value = "sim-api-key")]
    pub api_key: String,
    /// Technician key (on premises and MSP).
    #[arg(long, default_value = "SIM-TECHNICIAN-KEY")]
    pub authtoken: String,
}
