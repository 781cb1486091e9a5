//! Whom to ask, how, and with which credentials.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::PaceStore;

/// The three products that share the API and differ in its details.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// Hosted by the vendor; OAuth; ids of 18 digits.
    Cloud,
    /// At the customer's; a technician's key.
    OnPremises,
    /// On premises for service providers: requests carry an account.
    Msp,
}

/// The form of the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// The real API: everything in `input_data.list_info`.
    V3,
    /// A simplified form: `list_info` and `input_data` with status names and a resolved time range.
    Story,
}

/// What proves that we may ask. Cannot be printed.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// Cloud: a refresh token that yields access tokens of an hour.
    OAuth {
        /// Of the registered client.
        client_id: String,
        /// Of the registered client.
        client_secret: SecretString,
        /// Valid until revoked.
        refresh_token: SecretString,
    },
    /// On premises and MSP: header `authtoken`.
    AuthToken(SecretString),
    /// Older builds on premises: header `TECHNICIAN_KEY`.
    TechnicianKey(SecretString),
    /// A static token, sent as `Authorization: Zoho-oauthtoken`.
    ApiKey(SecretString),
}

/// Everything a [`crate::Client`] needs to know of a tenant.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which product answers.
    pub edition: Edition,
    /// Which form it is asked in.
    pub api: Api,
    /// Scheme, host and port, without `/app/<portal>` and `/api/v3`.
    pub base_url: Url,
    /// Cloud: the portal's name in the path. Otherwise: the number sent as header `PORTALID`.
    pub portal: Option<String>,
    /// Where access tokens come from; `None`: the host that belongs to the data centre of `base_url`.
    pub accounts_url: Option<Url>,
    /// What proves that we may ask.
    pub credentials: Credentials,
    /// PEM certificates to trust beside the system's own.
    pub ca_certificate: Option<String>,
    /// Longest wait for one answer.
    pub timeout: Duration,
    /// Accept any TLS certificate: whoever stands between us and the helpdesk can then read the credentials.
    pub insecure: bool,
    /// Most requests in any 60 seconds; 0 means no limit.
    pub requests_per_minute: u32,
    /// What [`crate::Client::learned_pace`] told at the end of an earlier run.
    pub learned_pace: Option<u32>,
    /// Where the pace is kept: shared by all processes that use these credentials.
    pub pace: Arc<dyn PaceStore>,
    /// What an earlier [`crate::Probe`] learned of the statuses.
    pub statuses: Option<crate::Statuses>,
    /// How long a lock lasts where the server does not say; about five minutes on the real ones.
    pub lock: Duration,
    /// Look for a resolution among the notes of tickets that have none.
    pub resolution_from_notes: bool,
    /// Keep the HTML of description and resolution beside their texts.
    pub keep_html: bool,
}
