//! Connection settings for one helpdesk.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::pace::PaceStore;
use super::statuses::Statuses;

/// The three products that share the API and differ in its details.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// Hosted by the vendor. OAuth; ids of 18 digits.
    Cloud,
    /// Run by the customer. A technician's key.
    OnPremises,
    /// Run by a service provider. Requests carry an account.
    Msp,
}

/// The form of the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// The vendor's API: all parameters in `input_data.list_info`.
    V3,
    /// A simplified form: `list_info` and `input_data` with status names and a resolved time range.
    Story,
}

/// Credentials for a helpdesk. The secrets cannot be printed.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// Cloud: a refresh token for access tokens of one hour.
    OAuth {
        /// Id of the registered client.
        client_id: String,
        /// Secret of the registered client.
        client_secret: SecretString,
        /// Refresh token, valid until it is revoked.
        refresh_token: SecretString,
    },
    /// On premises and MSP: sent as header `authtoken`.
    AuthToken(SecretString),
    /// Older builds on premises: sent as header `TECHNICIAN_KEY`.
    TechnicianKey(SecretString),
    /// A static token: sent as `Authorization: Zoho-oauthtoken`.
    ApiKey(SecretString),
}

/// Connection settings for one helpdesk.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Product that answers.
    pub edition: Edition,
    /// Form of the requests.
    pub api: Api,
    /// Scheme, host and port, without `/app/<portal>` and `/api/v3`.
    pub base_url: Url,
    /// Cloud: name of the portal in the path. Other editions: number for the header `PORTALID`.
    pub portal: Option<String>,
    /// URL of the accounts server; `None` for the one of the data centre of `base_url`.
    pub accounts_url: Option<Url>,
    /// Credentials of the tenant.
    pub credentials: Credentials,
    /// PEM certificates to trust in addition to the system's.
    pub ca_certificate: Option<String>,
    /// Timeout for one request.
    pub timeout: Duration,
    /// Accept any TLS certificate. Anyone on the network path can then read the credentials.
    pub insecure: bool,
    /// Accept `http://` for hosts other than this machine.
    pub allow_http: bool,
    /// Accept addresses of this machine.
    pub allow_loopback: bool,
    /// Maximum requests in any 60 seconds; 0 for no limit.
    pub requests_per_minute: u32,
    /// Result of [`crate::Client::learned_pace`] at the end of an earlier run.
    pub learned_pace: Option<u32>,
    /// Store of the pace, shared by all processes that use these credentials.
    pub pace: Arc<dyn PaceStore>,
    /// Statuses that an earlier [`crate::Probe`] read.
    pub statuses: Option<Statuses>,
    /// Duration of a lock if the server names none; about five minutes on real servers.
    pub lock: Duration,
    /// Take the resolution of a ticket without one from its notes.
    pub resolution_from_notes: bool,
    /// Keep the HTML of description and resolution in addition to their texts.
    pub keep_html: bool,
}
