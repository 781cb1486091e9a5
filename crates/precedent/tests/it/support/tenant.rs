//! Tenants and their settings.

use servicedesk_sim::{Api, Edition, Simulator};

use super::bench::Bench;

impl Bench {
    /// Adds a tenant of the bench's helpdesk, without a limit of requests.
    pub(crate) fn add_tenant(&self, id: &str, edition: Edition, api: Api) {
        self.add_tenant_of(&self.simulator, id, edition, api);
    }

    /// Adds a tenant of another helpdesk, without a limit of requests.
    pub(crate) fn add_tenant_of(&self, simulator: &Simulator, id: &str, edition: Edition, api: Api) {
        self.add(simulator, id, edition, api, &["--requests-per-minute=0"]);
    }

    /// Adds a tenant of another helpdesk, with the default limit of requests.
    pub(crate) fn add_default_tenant_of(&self, simulator: &Simulator, id: &str, edition: Edition) {
        self.add(simulator, id, edition, Api::V3, &[]);
    }

    /// Adds a tenant at a URL, with the default limit of requests.
    pub(crate) fn add_default_tenant_at(&self, url: &str, id: &str) {
        let file = self.write_credentials(&serde_json::json!({"authtoken": "any"}));
        let named = ["tenant", "add", "--tenant-id", id, "--name=Acme"];
        let reached = [
            "--edition=on-premises",
            "--url",
            url,
            "--allow-loopback",
            "--credentials-file",
            &file,
        ];
        self.good(&[&named[..], &reached].concat());
    }

    fn add(&self, simulator: &Simulator, id: &str, edition: Edition, api: Api, more: &[&str]) {
        let secrets = simulator.desk().credentials();
        let (edition, credentials) = match (edition, api) {
            (Edition::OnPremises, Api::V3) => {
                ("on-premises", serde_json::json!({"authtoken": secrets.authtoken}))
            }
            (Edition::Msp, Api::V3) => ("msp", serde_json::json!({"authtoken": secrets.authtoken})),
            _ => ("cloud", serde_json::json!({"api_key": secrets.api_key})),
        };
        let file = self.write_credentials(&credentials);
        let api = match api {
            Api::Story => "--api=story",
            Api::V3 => "--api=v3",
        };
        let url = simulator.url();
        let named = ["tenant", "add", "--tenant-id", id, "--name=Acme"];
        let reached = ["--edition", edition, "--url", &url, "--allow-loopback", api];
        let credentials = ["--credentials-file", &file];
        self.good(&[&named[..], &reached, &credentials, more].concat());
    }

    /// Sets the limit of requests of a tenant.
    #[track_caller]
    pub(crate) fn set_pace(&self, tenant: &str, requests_per_minute: u32) {
        let pace = format!("--requests-per-minute={requests_per_minute}");
        self.good(&["tenant", "set", "--tenant-id", tenant, &pace]);
    }
}
