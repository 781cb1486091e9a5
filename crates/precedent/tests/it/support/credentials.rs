//! Files with credentials.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use super::bench::Bench;

impl Bench {
    /// Writes the credentials of a tenant; returns the file's name.
    pub(crate) fn write_credentials(&self, credentials: &Value) -> String {
        self.write("credentials.json", credentials.to_string())
    }

    /// Writes OAuth credentials with this refresh token; returns the file's name.
    pub(crate) fn write_grant(&self, refresh_token: &str) -> String {
        let secrets = self.simulator.desk().credentials();
        let grant = json!({
            "client_id": secrets.client_id,
            "client_secret": secrets.client_secret,
            "refresh_token": refresh_token,
        });
        self.write("grant.json", grant.to_string())
    }

    /// Writes a file for its owner only into the home folder; returns its name.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let file = self.home.path().join(name);
        std::fs::write(&file, content).expect("written");
        std::fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("closed");
        file.to_str().expect("plain").to_owned()
    }
}
